//! Four float32 side by side: the register that every target has.

pub(crate) use imp::Vector;

/// The numbers of a [`Vector`].
pub(crate) const LANES: usize = 4;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod imp {
    #[cfg(target_feature = "relaxed-simd")]
    use std::arch::wasm32::f32x4_relaxed_madd;
    use std::arch::wasm32::{f32x4, f32x4_extract_lane, f32x4_splat, v128};
    #[cfg(not(target_feature = "relaxed-simd"))]
    use std::arch::wasm32::{f32x4_add, f32x4_mul};

    #[derive(Clone, Copy)]
    pub(crate) struct Vector(v128);

    impl Vector {
        #[inline(always)]
        pub(crate) fn new([a, b, c, d]: [f32; 4]) -> Self {
            Self(f32x4(a, b, c, d))
        }

        #[inline(always)]
        pub(crate) fn splat(x: f32) -> Self {
            Self(f32x4_splat(x))
        }

        /// `self + a · b`: with relaxed SIMD one instruction, rounded once where
        /// the machine can.
        #[inline(always)]
        #[cfg(target_feature = "relaxed-simd")]
        pub(crate) fn plus_product(self, a: Self, b: Self) -> Self {
            Self(f32x4_relaxed_madd(a.0, b.0, self.0))
        }

        #[inline(always)]
        #[cfg(not(target_feature = "relaxed-simd"))]
        pub(crate) fn plus_product(self, a: Self, b: Self) -> Self {
            Self(f32x4_add(self.0, f32x4_mul(a.0, b.0)))
        }

        #[inline(always)]
        pub(crate) fn to_array(self) -> [f32; 4] {
            let Self(v) = self;
            [
                f32x4_extract_lane::<0>(v),
                f32x4_extract_lane::<1>(v),
                f32x4_extract_lane::<2>(v),
                f32x4_extract_lane::<3>(v),
            ]
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod imp {
    #[derive(Clone, Copy)]
    pub(crate) struct Vector([f32; 4]);

    impl Vector {
        #[inline(always)]
        pub(crate) fn new(numbers: [f32; 4]) -> Self {
            Self(numbers)
        }

        #[inline(always)]
        pub(crate) fn splat(x: f32) -> Self {
            Self([x; 4])
        }

        /// `self + a · b`.
        #[inline(always)]
        pub(crate) fn plus_product(self, a: Self, b: Self) -> Self {
            let Self(mut sums) = self;
            for ((sum, a), b) in sums.iter_mut().zip(a.0).zip(b.0) {
                *sum += a * b;
            }
            Self(sums)
        }

        #[inline(always)]
        pub(crate) fn to_array(self) -> [f32; 4] {
            self.0
        }
    }
}

/// `y += x · row`, to the last bit as [`add_rows`] has it.
pub(crate) fn add_row(x: f32, row: &[f32], y: &mut [f32]) {
    let ((ys, y_rest), (rows, row_rest)) = (y.as_chunks_mut(), row.as_chunks());
    for (y, row) in ys.iter_mut().zip(rows) {
        *y = Vector::new(*y).plus_product(Vector::splat(x), Vector::new(*row)).to_array();
    }
    y_rest.iter_mut().zip(row_rest).for_each(|(y, w)| *y = plus_product(*y, x, *w));
}

/// `y += Σ x · row` over rows as long as `y`, in their order.
pub(crate) fn add_rows(x: [f32; 4], [a, b, c, d]: [&[f32]; 4], y: &mut [f32]) {
    let [p, q, r, s] = x.map(Vector::splat);
    let ((ys, y_rest), (a, a_rest), (b, b_rest)) = (y.as_chunks_mut(), a.as_chunks(), b.as_chunks());
    let ((c, c_rest), (d, d_rest)) = (c.as_chunks(), d.as_chunks());
    for ((((y, a), b), c), d) in ys.iter_mut().zip(a).zip(b).zip(c).zip(d) {
        let sum = Vector::new(*y).plus_product(p, Vector::new(*a)).plus_product(q, Vector::new(*b));
        *y = sum.plus_product(r, Vector::new(*c)).plus_product(s, Vector::new(*d)).to_array();
    }
    for ((((y, a), b), c), d) in y_rest.iter_mut().zip(a_rest).zip(b_rest).zip(c_rest).zip(d_rest) {
        let rows = [*a, *b, *c, *d];
        *y = x.iter().zip(rows).fold(*y, |y, (x, w)| plus_product(y, *x, w));
    }
}

/// `y + x · w`, rounded as in a [`Vector`].
#[inline(always)]
fn plus_product(y: f32, x: f32, w: f32) -> f32 {
    let [sum, ..] = Vector::splat(y).plus_product(Vector::splat(x), Vector::splat(w)).to_array();
    sum
}
