//! Sums that want more precision than their terms.

/// The scalar product of `a` and `b`, with products in float32 and their sum in
/// float64.
pub fn wide_dot(a: &[f32], b: &[f32]) -> f64 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<4>(), b.as_chunks::<4>());
    let mut sums = [0.0f64; 4];
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += f64::from(a * b);
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| f64::from(a * b)).sum();
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_every_pair_once() {
        for length in 0..40 {
            let of = |offset: usize| (0..length).map(|i| ((i + offset) * 7919 % 31) as f32 - 15.0).collect();
            let (a, b): (Vec<f32>, Vec<f32>) = (of(3), of(17));
            let wanted = a.iter().zip(&b).map(|(a, b)| f64::from(a * b)).sum::<f64>();
            assert_eq!(wide_dot(&a, &b), wanted);
        }
    }
}
