//! What recurrent layers calculate with: float32 by kernels, and float64, which few
//! models have, as it comes.

use std::ops::{Add, Div, Mul, Neg, Sub};

use edgeinfer_kernels::{Packed, Start, exp, pack_columns, packed_panels_length, recurrent, tanh};

use crate::native::Native;

/// A number of a recurrent layer. What has the name of a kernel does what it does.
pub(super) trait Real:
    Native
    + Copy
    + PartialOrd
    + From<f32>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    fn exp(self) -> Self;
    fn exp_m1(self) -> Self;
    fn ln_1p(self) -> Self;
    fn tanh(self) -> Self;
    fn abs(self) -> Self;

    fn sigmoids(values: &mut [Self]);
    fn complements(values: &mut [Self]);
    fn tanhs(values: &mut [Self]);
    fn clip(values: &mut [Self], limit: Self);
    fn add_each(values: &mut [Self], others: &[Self]);
    fn add_product(values: &mut [Self], a: &[Self], b: &[Self]);
    fn multiply_each(values: &mut [Self], others: &[Self]);
    fn blend(values: &mut [Self], share: &[Self], others: &[Self]);
    fn row_products(vector: &[Self], rows: &[Self], out: &mut Vec<Self>);

    /// How long weights of a length and a count are when they are packed; 0 where
    /// they are not.
    fn panels_length(length: usize, count: usize) -> usize;
    fn pack(rows: &[Self], size: (usize, usize), panels: &mut [Self]);

    /// `y = x · rowsᵀ` with packed rows.
    fn multiply_packed(panels: &[Self], size: (usize, usize), x: &[Self], y: &mut [Self]);
}

impl Real for f32 {
    fn exp(self) -> Self {
        exp::exp(self)
    }

    fn exp_m1(self) -> Self {
        self.exp_m1()
    }

    fn ln_1p(self) -> Self {
        self.ln_1p()
    }

    fn tanh(self) -> Self {
        tanh::tanh(self)
    }

    fn abs(self) -> Self {
        self.abs()
    }

    fn sigmoids(values: &mut [Self]) {
        recurrent::sigmoids(values);
    }

    fn complements(values: &mut [Self]) {
        recurrent::complements(values);
    }

    fn tanhs(values: &mut [Self]) {
        recurrent::tanhs(values);
    }

    fn clip(values: &mut [Self], limit: Self) {
        recurrent::clip(values, limit);
    }

    fn add_each(values: &mut [Self], others: &[Self]) {
        recurrent::add(values, others);
    }

    fn add_product(values: &mut [Self], a: &[Self], b: &[Self]) {
        recurrent::add_product(values, a, b);
    }

    fn multiply_each(values: &mut [Self], others: &[Self]) {
        recurrent::multiply(values, others);
    }

    fn blend(values: &mut [Self], share: &[Self], others: &[Self]) {
        recurrent::blend(values, share, others);
    }

    fn row_products(vector: &[Self], rows: &[Self], out: &mut Vec<Self>) {
        recurrent::row_products(vector, rows, out);
    }

    fn panels_length(length: usize, count: usize) -> usize {
        packed_panels_length(length, count)
    }

    fn pack(rows: &[Self], size: (usize, usize), panels: &mut [Self]) {
        pack_columns(rows, size, panels);
    }

    fn multiply_packed(panels: &[Self], (k, n): (usize, usize), x: &[Self], y: &mut [Self]) {
        Packed { panels, k, n }.multiply(x, Start::Rows(&[]), y, &mut |_| {});
    }
}

impl Real for f64 {
    fn exp(self) -> Self {
        self.exp()
    }

    fn exp_m1(self) -> Self {
        self.exp_m1()
    }

    fn ln_1p(self) -> Self {
        self.ln_1p()
    }

    fn tanh(self) -> Self {
        self.tanh()
    }

    fn abs(self) -> Self {
        self.abs()
    }

    fn sigmoids(values: &mut [Self]) {
        values.iter_mut().for_each(|value| *value = 1.0 / (1.0 + (-*value).exp()));
    }

    fn complements(values: &mut [Self]) {
        values.iter_mut().for_each(|value| *value = 1.0 / (1.0 + value.exp()));
    }

    fn tanhs(values: &mut [Self]) {
        values.iter_mut().for_each(|value| *value = value.tanh());
    }

    fn clip(values: &mut [Self], limit: Self) {
        for value in values {
            // NaN stays what it is.
            *value = if *value < -limit { -limit } else { *value };
            *value = if *value > limit { limit } else { *value };
        }
    }

    fn add_each(values: &mut [Self], others: &[Self]) {
        values.iter_mut().zip(others).for_each(|(value, other)| *value += other);
    }

    fn add_product(values: &mut [Self], a: &[Self], b: &[Self]) {
        values.iter_mut().zip(a).zip(b).for_each(|((value, a), b)| *value += a * b);
    }

    fn multiply_each(values: &mut [Self], others: &[Self]) {
        values.iter_mut().zip(others).for_each(|(value, other)| *value *= other);
    }

    fn blend(values: &mut [Self], share: &[Self], others: &[Self]) {
        for ((value, share), other) in values.iter_mut().zip(share).zip(others) {
            *value = (1.0 - share) * *value + share * other;
        }
    }

    fn row_products(vector: &[Self], rows: &[Self], out: &mut Vec<Self>) {
        let product = |row: &[Self]| row.iter().zip(vector).map(|(w, x)| w * x).sum::<Self>();
        out.extend(rows.chunks_exact(vector.len().max(1)).map(product));
    }

    fn panels_length(_: usize, _: usize) -> usize {
        0
    }

    fn pack(_: &[Self], _: (usize, usize), _: &mut [Self]) {}

    fn multiply_packed(_: &[Self], _: (usize, usize), _: &[Self], _: &mut [Self]) {}
}
