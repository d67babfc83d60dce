use super::Real;

/// How many numbers are looked at side by side: those of four vector registers.
const LANES: usize = 16;

/// Numbers that have the functions of attention.
pub trait Softmax: Real {
    /// Each number becomes its share of the sum of `e^x` over the row. The
    /// largest number is taken off first, so that no power overflows; a row
    /// without a finite number becomes NaN.
    fn softmax(row: &mut [Self]);

    /// Each number becomes `cap · tanh(x / cap)`.
    fn softcap(values: &mut [Self], cap: Self);
}

macro_rules! softmax {
    ($($type:ty: $least:expr, $exp:expr, $tanh:expr;)+) => {
        $(impl Softmax for $type {
            fn softmax(row: &mut [Self]) {
                let most = largest(row, $least);
                let sum = powers(row, |x| $exp(x - most));
                let factor = 1.0 / sum;
                row.iter_mut().for_each(|x| *x *= factor);
            }

            fn softcap(values: &mut [Self], cap: Self) {
                let factor = 1.0 / cap;
                values.iter_mut().for_each(|x| *x = cap * $tanh(*x * factor));
            }
        })+
    };
}

softmax! {
    f32: f32::NEG_INFINITY, super::exp::exp, super::tanh::tanh;
    f64: f64::NEG_INFINITY, f64::exp, f64::tanh;
}

/// The largest number that is one.
#[inline(always)]
fn largest<T: Real>(row: &[T], least: T) -> T {
    let more = |a: T, b: T| if b > a { b } else { a };
    let (chunks, rest) = row.as_chunks::<LANES>();
    let mut lanes = [least; LANES];
    for chunk in chunks {
        lanes.iter_mut().zip(chunk).for_each(|(lane, x)| *lane = more(*lane, *x));
    }
    lanes.into_iter().chain(rest.iter().copied()).fold(least, more)
}

/// Puts `f` of each number in its place, and gives their sum.
#[inline(always)]
fn powers<T: Real>(row: &mut [T], f: impl Fn(T) -> T) -> T {
    let (chunks, rest) = row.as_chunks_mut::<LANES>();
    let mut lanes = [T::default(); LANES];
    for chunk in chunks {
        for (lane, x) in lanes.iter_mut().zip(chunk) {
            *x = f(*x);
            *lane = *lane + *x;
        }
    }
    rest.iter_mut().fold(lanes.into_iter().fold(T::default(), T::add), |sum, x| {
        *x = f(*x);
        sum + *x
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn naive(row: &[f64]) -> Vec<f64> {
        let most = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = row.iter().map(|x| (x - most).exp()).sum();
        row.iter().map(|x| (x - most).exp() / sum).collect()
    }

    fn is_as_naive(row: &[f32]) {
        let wide: Vec<f64> = row.iter().map(|&x| f64::from(x)).collect();
        let (mut narrow, mut double) = (row.to_vec(), wide.clone());
        f32::softmax(&mut narrow);
        f64::softmax(&mut double);
        for ((narrow, double), naive) in narrow.iter().zip(double).zip(naive(&wide)) {
            // The difference from the largest is rounded before it is a power.
            assert!((f64::from(*narrow) - naive).abs() <= 1e-5 * naive + 1e-38, "{naive}, got {narrow}");
            assert!((double - naive).abs() <= 1e-14, "{naive}, got {double}");
        }
    }

    proptest! {
        #[test]
        fn is_as_naive_for_any_row(row in prop::collection::vec(-50f32..50.0, 0..70)) {
            is_as_naive(&row);
        }
    }

    #[test]
    fn large_numbers_do_not_overflow_and_infinite_ones_have_no_share() {
        is_as_naive(&[1e30, 1e30, -1e30]);
        let mut row = [f32::NEG_INFINITY, 2.0, 2.0];
        f32::softmax(&mut row);
        assert_eq!(row, [0.0, 0.5, 0.5]);
        for mut row in [vec![f32::NEG_INFINITY; 20], vec![1.0, f32::NAN], vec![1.0, f32::INFINITY]] {
            f32::softmax(&mut row);
            assert!(row.iter().all(|x| x.is_nan()), "{row:?}");
        }
    }

    #[test]
    fn caps_softly() {
        let mut values = [-1000.0, -1.0, 0.0, 3.0];
        f64::softcap(&mut values, 2.0);
        let expected = [-2.0, -2.0 * 0.5f64.tanh(), 0.0, 2.0 * 1.5f64.tanh()];
        assert!(values.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-15), "{values:?}");
        let mut narrow = [-1000.0f32, -1.0, 0.0, 3.0];
        f32::softcap(&mut narrow, 2.0);
        assert!(narrow.iter().zip(expected).all(|(a, b)| (f64::from(*a) - b).abs() < 1e-6), "{narrow:?}");
    }
}
