//! What the steps of recurrent layers do to lists of numbers: functions of each,
//! and sums of products. The longer of the lists counts as far as the shortest.

use super::exp::sigmoid;
use super::tanh::tanh;

/// `values += others`.
pub fn add(values: &mut [f32], others: &[f32]) {
    values.iter_mut().zip(others).for_each(|(value, other)| *value += other);
}

/// `values += a · b`, number by number.
pub fn add_product(values: &mut [f32], a: &[f32], b: &[f32]) {
    values.iter_mut().zip(a).zip(b).for_each(|((value, a), b)| *value += a * b);
}

/// `values *= others`, number by number.
pub fn multiply(values: &mut [f32], others: &[f32]) {
    values.iter_mut().zip(others).for_each(|(value, other)| *value *= other);
}

/// `values = share · values + (1 - share) · others`, number by number.
pub fn blend(values: &mut [f32], share: &[f32], others: &[f32]) {
    for ((value, share), other) in values.iter_mut().zip(share).zip(others) {
        *value = share * *value + (1.0 - share) * other;
    }
}

/// Every number within `-limit` and `limit`; NaN stays NaN.
pub fn clip(values: &mut [f32], limit: f32) {
    for value in values {
        let low = if *value < -limit { -limit } else { *value };
        *value = if low > limit { limit } else { low };
    }
}

/// Puts the logistic function of each number in its place.
pub fn sigmoids(values: &mut [f32]) {
    values.iter_mut().for_each(|value| *value = sigmoid(*value));
}

/// Puts the hyperbolic tangent of each number in its place.
pub fn tanhs(values: &mut [f32]) {
    values.iter_mut().for_each(|value| *value = tanh(*value));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list() -> impl Strategy<Value = Vec<f32>> {
        prop::collection::vec(-9.0f32..9.0, 0..40)
    }

    /// `f` of the numbers at each place that all lists have, `values` from there on.
    fn naive(values: &[f32], a: &[f32], b: &[f32], f: impl Fn(f32, f32, f32) -> f32) -> Vec<f32> {
        let both = a.len().min(b.len());
        (0..values.len()).map(|i| if i < both { f(values[i], a[i], b[i]) } else { values[i] }).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn is_as_naive_for_any_lengths(values in list(), a in list(), b in list()) {
            let of = |f: &dyn Fn(&mut [f32])| {
                let mut values = values.clone();
                f(&mut values);
                values
            };
            prop_assert_eq!(of(&|v| add(v, &a)), naive(&values, &a, &a, |v, a, _| v + a));
            prop_assert_eq!(of(&|v| multiply(v, &a)), naive(&values, &a, &a, |v, a, _| v * a));
            prop_assert_eq!(of(&|v| add_product(v, &a, &b)), naive(&values, &a, &b, |v, a, b| v + a * b));
            let blended = naive(&values, &a, &b, |v, a, b| a * v + (1.0 - a) * b);
            prop_assert_eq!(of(&|v| blend(v, &a, &b)), blended);
            let clipped: Vec<_> = values.iter().map(|v| v.clamp(-2.5, 2.5)).collect();
            prop_assert_eq!(of(&|v| clip(v, 2.5)), clipped);
            let each = |f: fn(f32) -> f32| values.iter().map(|v| f(*v)).collect::<Vec<_>>();
            prop_assert_eq!(of(&sigmoids), each(sigmoid));
            prop_assert_eq!(of(&tanhs), each(tanh));
        }
    }

    #[test]
    fn clipping_keeps_what_is_not_a_number() {
        let mut values = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY];
        clip(&mut values, 1.0);
        assert!(values[0].is_nan());
        assert_eq!(values[1..], [1.0, -1.0]);
    }
}
