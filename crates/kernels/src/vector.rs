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
