use std::ops::{Add, Mul, Sub};

use super::{Product, dot, gemm, gemm_transposed, naive};

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
    /// The columns of a panel: as many as fit into four vector registers.
    const WIDTH: usize;

    /// `y += x · w` where `panel` holds the panels of that width.
    #[doc(hidden)]
    fn block(product: Product<'_, Self>, y: &mut [Self], panel: &mut [Self]);

    /// The sum of the products of `a` and `b`, in the order that is fastest.
    fn dot(a: &[Self], b: &[Self]) -> Self;

    /// The sum of the squares of the differences of `a` and `b`, in the order
    /// that is fastest.
    fn squared_distance(a: &[Self], b: &[Self]) -> Self;
}

macro_rules! real {
    ($($type:ty, $width:literal;)+) => {
        $(impl Number for $type {
            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self + other
            }

            #[inline(always)]
            fn times(self, other: Self) -> Self {
                self * other
            }

            fn multiply(product: Product<'_, Self>, y: &mut [Self], panel: &mut [Self]) {
                gemm::gemm(product, y, panel);
            }

            fn multiply_transposed(product: Product<'_, Self>, y: &mut [Self], panel: &mut [Self]) {
                gemm_transposed::gemm_transposed::<Self, $width>(product, y, panel);
            }

            fn panel_length(rows: usize, k: usize) -> usize {
                gemm::panel_length::<Self>(rows, k)
            }
        }

        impl Real for $type {
            const WIDTH: usize = $width;

            fn block(product: Product<'_, Self>, y: &mut [Self], panel: &mut [Self]) {
                gemm::block::<Self, $width>(product, y, panel);
            }

            fn dot(a: &[Self], b: &[Self]) -> Self {
                dot::dot(a, b)
            }

            fn squared_distance(a: &[Self], b: &[Self]) -> Self {
                dot::squared_distance(a, b)
            }
        })+
    };
}

real! {
    f32, 16;
    f64, 8;
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
