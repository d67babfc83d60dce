//! The numbers that operators calculate with.

use crate::native::Native;

/// A type of number in which operators calculate. Integers of other types are
/// brought to int64 and back; int64 itself wraps around.
pub(super) trait Number: Native + Copy + PartialOrd {
    const ZERO: Self;
    const ONE: Self;
    /// No number is less, and none is more.
    const LEAST: Self;
    const MOST: Self;

    fn plus(self, other: Self) -> Self;
    fn times(self, other: Self) -> Self;
    fn absolute(self) -> Self;
    /// `self / count` for a count that is not 0.
    fn divided(self, count: usize) -> Self;
    /// The square root and the natural logarithm; of an integer, without what
    /// is after the point.
    fn root(self) -> Self;
    fn log(self) -> Self;
}

/// A number with a fraction.
pub(super) trait Real: Number {
    fn exp(self) -> Self;
    fn minus(self, other: Self) -> Self;

    /// Each number of a lane becomes its share of the sum of e to their powers.
    fn softmax(lane: &mut [Self]);
}

impl Number for i64 {
    const ZERO: Self = 0;
    const ONE: Self = 1;
    const LEAST: Self = Self::MIN;
    const MOST: Self = Self::MAX;

    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }

    fn times(self, other: Self) -> Self {
        self.wrapping_mul(other)
    }

    fn absolute(self) -> Self {
        self.wrapping_abs()
    }

    fn divided(self, count: usize) -> Self {
        self.checked_div(count as Self).unwrap_or(self)
    }

    fn root(self) -> Self {
        (self as f64).sqrt() as Self
    }

    fn log(self) -> Self {
        (self as f64).ln() as Self
    }
}

macro_rules! real {
    ($type:ty, $exp:path) => {
        impl Number for $type {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const LEAST: Self = <$type>::NEG_INFINITY;
            const MOST: Self = <$type>::INFINITY;

            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self + other
            }

            #[inline(always)]
            fn times(self, other: Self) -> Self {
                self * other
            }

            #[inline(always)]
            fn absolute(self) -> Self {
                self.abs()
            }

            fn divided(self, count: usize) -> Self {
                self / count as Self
            }

            fn root(self) -> Self {
                self.sqrt()
            }

            fn log(self) -> Self {
                f64::from(self).ln() as Self
            }
        }

        impl Real for $type {
            #[inline(always)]
            fn exp(self) -> Self {
                $exp(self)
            }

            #[inline(always)]
            fn minus(self, other: Self) -> Self {
                self - other
            }

            fn softmax(lane: &mut [Self]) {
                edgeinfer_kernels::Softmax::softmax(lane);
            }
        }
    };
}

real!(f32, edgeinfer_kernels::exp::exp);
real!(f64, f64::exp);
