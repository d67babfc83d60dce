//! Gaussian error linear units and their approximations in float32, number by
//! number, in loops that compilers turn into vector code.

use super::{erf, exp};

/// `x · (1 + erf(x / √2)) / 2`.
pub fn gelu(values: &mut [f32]) {
    for x in values {
        *x = 0.5 * *x * (1.0 + erf::erf(*x * std::f32::consts::FRAC_1_SQRT_2));
    }
}

/// `x · (1 + tanh(√(2 / π) · (x + 0.044715 x³))) / 2`, with `(1 + tanh(z)) / 2` as
/// `1 / (1 + e^(-2 z))`, which keeps its digits where it is small.
pub fn gelu_tanh(values: &mut [f32]) {
    /// 2 √(2 / π).
    const FACTOR: f32 = 1.595_769;
    for x in values {
        *x *= exp::sigmoid(FACTOR * *x * (1.0 + 0.044_715 * *x * *x));
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, SQRT_2};

    use super::*;

    fn agrees(fast: impl Fn(&mut [f32]), naive: impl Fn(f64) -> f64) {
        let numbers: Vec<f32> = (-2_003..=2_003i16).map(|step| f32::from(step) * 5e-3).collect();
        let mut values = numbers.clone();
        fast(&mut values);
        for (x, y) in numbers.into_iter().zip(values) {
            let naive = naive(f64::from(x));
            assert!((f64::from(y) - naive).abs() <= 1e-6 * f64::from(x).abs(), "of {x}: {naive}, got {y}");
        }
    }

    #[test]
    fn each_agrees_with_its_naive_twin() {
        agrees(gelu, |x| 0.5 * x * (1.0 + erf::erf64(x * FRAC_1_SQRT_2)));
        let inner = |x: f64| FRAC_2_SQRT_PI / SQRT_2 * (x + 0.044_715 * x * x * x);
        agrees(gelu_tanh, |x| 0.5 * x * (1.0 + inner(x).tanh()));
    }

    #[test]
    fn nothing_overflows() {
        for f in [gelu, gelu_tanh] {
            let mut values = [-1e4, 0.0, 1e4];
            f(&mut values);
            assert_eq!(values, [0.0, 0.0, 1e4]);
        }
    }
}
