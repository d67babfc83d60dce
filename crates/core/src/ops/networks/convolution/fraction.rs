//! What pools and normalisations calculate with: float32 by kernels, and float64,
//! which few models have, as it comes.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Sub};

use edgeinfer_kernels::pool;

use crate::native::Native;

/// A number with fractions.
pub(super) trait Fraction:
    Native
    + Copy
    + PartialOrd
    + From<f32>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + AddAssign
    + Sum
{
    /// Less than any other.
    const LEAST: Self;

    fn of_count(count: usize) -> Self;
    fn abs(self) -> Self;
    fn sqrt(self) -> Self;
    fn powf(self, power: Self) -> Self;

    /// As [`pool::total`].
    fn total(values: &[Self]) -> Self;

    /// As [`pool::fill`].
    fn fill(values: &mut [Self], number: Self);

    /// As [`pool::take_sum`].
    fn take_sum(y: &mut [Self], x: &[Self], stride: usize);

    /// As [`pool::take_largest`].
    fn take_largest(y: &mut [Self], x: &[Self], stride: usize);
}

impl Fraction for f32 {
    const LEAST: Self = Self::NEG_INFINITY;

    fn of_count(count: usize) -> Self {
        count as Self
    }

    fn abs(self) -> Self {
        self.abs()
    }

    fn sqrt(self) -> Self {
        self.sqrt()
    }

    fn powf(self, power: Self) -> Self {
        self.powf(power)
    }

    fn total(values: &[Self]) -> Self {
        pool::total(values)
    }

    fn fill(values: &mut [Self], number: Self) {
        pool::fill(values, number);
    }

    fn take_sum(y: &mut [Self], x: &[Self], stride: usize) {
        pool::take_sum(y, x, stride);
    }

    fn take_largest(y: &mut [Self], x: &[Self], stride: usize) {
        pool::take_largest(y, x, stride);
    }
}

impl Fraction for f64 {
    const LEAST: Self = Self::NEG_INFINITY;

    fn of_count(count: usize) -> Self {
        count as Self
    }

    fn abs(self) -> Self {
        self.abs()
    }

    fn sqrt(self) -> Self {
        self.sqrt()
    }

    fn powf(self, power: Self) -> Self {
        self.powf(power)
    }

    fn total(values: &[Self]) -> Self {
        values.iter().sum()
    }

    fn fill(values: &mut [Self], number: Self) {
        values.fill(number);
    }

    fn take_sum(y: &mut [Self], x: &[Self], stride: usize) {
        y.iter_mut().zip(x.iter().step_by(stride.max(1))).for_each(|(y, x)| *y += x);
    }

    fn take_largest(y: &mut [Self], x: &[Self], stride: usize) {
        for (y, x) in y.iter_mut().zip(x.iter().step_by(stride.max(1))) {
            *y = if *x > *y { *x } else { *y };
        }
    }
}
