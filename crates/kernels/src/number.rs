use std::ops::{Add, Mul, Sub};

use super::{Product, dot, gemm, gemm_transposed, naive, products, vector};

/// What matrices are made of.
pub trait Number: Copy + Default {
    /// Whole numbers wrap around, as they do in onnxruntime.
    fn plus(self, other: Self) -> Self;

    /// As [`Number::plus`].
    fn times(self, other: Self) -> Self;

    /// `y += x · w`, where `y` has as many rows as `x`. `panel` is scratch
    /// space; with less than [`Number::panel_length`] it goes slower.
    fn multiply(product: Product<'_, Self>, y: &mut [Self], panel: &mut [Self]);

    /// `y += x · wᵀ`, where `w` is `[n, k]` row-major; otherwise as
    /// [`Number::multiply`].
    fn multiply_transposed(product: Product<'_, Self>, y: &mut [Self], panel: &mut [Self]);

    /// How long a panel `rows` rows of `k` numbers need.
    fn panel_length(rows: usize, k: usize) -> usize;
}

/// Floating-point numbers: those that have kernels of their own.
pub trait Real: Number + PartialOrd + Add<Output = Self> + Mul<Output = Self> + Sub<Output = Self> {
    /// `y += Σ x · row` over rows as long as `y`, in their order.
    #[doc(hidden)]
    fn add_rows(x: [Self; 4], rows: [&[Self]; 4], y: &mut [Self]) {
        let [p, q, r, s] = x;
        let [a, b, c, d] = rows;
        for ((((y, a), b), c), d) in y.iter_mut().zip(a).zip(b).zip(c).zip(d) {
            *y = *y + p * *a + q * *b + r * *c + s * *d;
        }
    }

    /// `y += x · row`, rounded as in [`Real::add_rows`].
    #[doc(hidden)]
    fn add_row(x: Self, row: &[Self], y: &mut [Self]) {
        y.iter_mut().zip(row).for_each(|(y, w)| *y = *y + x * *w);
    }

    /// The sum of the products of `a` and `b`, in the order that is fastest.
    fn dot(a: &[Self], b: &[Self]) -> Self;

    /// The sum of the squares of the differences of `a` and `b`, in the order
    /// that is fastest.
    fn squared_distance(a: &[Self], b: &[Self]) -> Self;
}

macro_rules! real {
    ($type:ty, $products:ident $(, $vectors:ident)?) => {
        impl Number for $type {
            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self + other
            }

            #[inline(always)]
            fn times(self, other: Self) -> Self {
                self * other
            }

            fn multiply(product: Product<'_, Self>, y: &mut [Self], panel: &mut [Self]) {
                $products::multiply(product, y, panel);
            }

            fn multiply_transposed(product: Product<'_, Self>, y: &mut [Self], panel: &mut [Self]) {
                $products::multiply_transposed(product, y, panel);
            }

            fn panel_length(rows: usize, k: usize) -> usize {
                $products::panel_length(rows, k)
            }
        }

        impl Real for $type {
            $(fn add_rows(x: [Self; 4], rows: [&[Self]; 4], y: &mut [Self]) {
                $vectors::add_rows(x, rows, y);
            }

            fn add_row(x: Self, row: &[Self], y: &mut [Self]) {
                $vectors::add_row(x, row, y);
            })?

            fn dot(a: &[Self], b: &[Self]) -> Self {
                dot::dot(a, b)
            }

            fn squared_distance(a: &[Self], b: &[Self]) -> Self {
                dot::squared_distance(a, b)
            }
        }
    };
}

real!(f32, products, vector);
real!(f64, doubles);

/// Float64 has no kernels of its own.
mod doubles {
    use super::{Product, gemm, gemm_transposed};

    /// The columns of a panel: as many as fit into four vector registers.
    const WIDTH: usize = 8;

    pub(super) fn panel_length(rows: usize, k: usize) -> usize {
        gemm::panel_length::<WIDTH>(rows, k)
    }

    pub(super) fn multiply(product: Product<'_, f64>, y: &mut [f64], panel: &mut [f64]) {
        gemm::gemm::<_, WIDTH>(product, y, panel);
    }

    pub(super) fn multiply_transposed(product: Product<'_, f64>, y: &mut [f64], panel: &mut [f64]) {
        gemm_transposed::gemm_transposed::<_, WIDTH>(product, y, panel);
    }
}

macro_rules! whole {
    ($($type:ty),+) => {
        $(impl Number for $type {
            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }

            #[inline(always)]
            fn times(self, other: Self) -> Self {
                self.wrapping_mul(other)
            }

            fn multiply(product: Product<'_, Self>, y: &mut [Self], _: &mut [Self]) {
                naive::multiply(product, y);
            }

            fn multiply_transposed(product: Product<'_, Self>, y: &mut [Self], _: &mut [Self]) {
                naive::multiply_transposed(product, y);
            }

            fn panel_length(_: usize, _: usize) -> usize {
                0
            }
        })+
    };
}

whole!(i32, i64);
