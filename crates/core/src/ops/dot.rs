//! Sums over pairs of numbers, in the form that compilers turn into vector
//! instructions: many sums side by side, added up at the end.

/// The scalar product of `a` and `b`, as far as the shorter one goes.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    sum(a, b, |a, b| a * b)
}

/// The square of the distance between `a` and `b`.
pub(crate) fn squared_distance(a: &[f32], b: &[f32]) -> f32 {
    sum(a, b, |a, b| (a - b) * (a - b))
}

/// The scalar product of `a` and `b`, with products in float32 and their sum in
/// float64.
pub(crate) fn wide_dot(a: &[f32], b: &[f32]) -> f64 {
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

#[inline(always)]
fn sum(a: &[f32], b: &[f32], term: impl Fn(f32, f32) -> f32) -> f32 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<16>(), b.as_chunks::<16>());
    let mut sums = [0.0f32; 16];
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += term(*a, *b);
        }
    }
    let mut four = [0.0f32; 4];
    for sums in sums.as_chunks::<4>().0 {
        four.iter_mut().zip(sums).for_each(|(four, sum)| *four += sum);
    }
    let ((a, a_rest), (b, b_rest)) = (a_rest.as_chunks::<4>(), b_rest.as_chunks::<4>());
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in four.iter_mut().zip(a).zip(b) {
            *sum += term(*a, *b);
        }
    }
    let [first, second, third, fourth] = four;
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| term(*a, *b)).sum();
    (first + third) + (second + fourth) + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every length around the sizes of the parts.
    fn lengths() -> impl Iterator<Item = (Vec<f32>, Vec<f32>)> {
        let number = |seed: usize| (seed * 7919 % 31) as f32 - 15.0;
        (0..70).map(move |length| {
            let of = |offset: usize| (0..length).map(|i| number(i + offset)).collect();
            (of(3), of(17))
        })
    }

    #[test]
    fn sums_every_pair_once() {
        for (a, b) in lengths() {
            let pairs = || a.iter().zip(&b);
            assert_eq!(dot(&a, &b), pairs().map(|(a, b)| a * b).sum::<f32>());
            assert_eq!(squared_distance(&a, &b), pairs().map(|(a, b)| (a - b).powi(2)).sum::<f32>());
            assert_eq!(wide_dot(&a, &b), pairs().map(|(a, b)| f64::from(a * b)).sum::<f64>());
        }
    }
}
