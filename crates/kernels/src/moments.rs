use super::Real;

/// How many sums run side by side: those of four vector registers.
const LANES: usize = 16;

/// What the numbers of a row are normalised by: `(x - mean) · factor`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments<T> {
    /// The mean; 0 where it is not taken off.
    pub mean: T,
    /// One over the root of the mean square of what is left.
    pub factor: T,
}

/// Numbers that have the loops of normalisations.
pub trait Normalize: Real {
    /// The moments of a row, with `epsilon` added to the mean square; where it is
    /// not `centred`, the mean stays 0. The mean is taken off before anything is
    /// squared, so that large means cost no digits.
    fn moments(row: &[Self], centred: bool, epsilon: Self) -> Moments<Self>;

    /// `y = (x - mean) · factor · scale + bias`, number by number; an empty
    /// `bias` is zero.
    fn by_column(x: &[Self], moments: Moments<Self>, scale: &[Self], bias: &[Self], y: &mut [Self]);

    /// `y = (x - mean) · factor · scale + bias` with one scale and bias for all.
    fn by_row(x: &[Self], moments: Moments<Self>, scale: Self, bias: Self, y: &mut [Self]);
}

macro_rules! normalize {
    ($($type:ty),+) => {
        $(impl Normalize for $type {
            fn moments(row: &[Self], centred: bool, epsilon: Self) -> Moments<Self> {
                let count = row.len() as Self;
                let mean = if centred && !row.is_empty() { sum(row, |x| x) / count } else { 0.0 };
                let square = sum(row, |x| (x - mean) * (x - mean)) / count;
                Moments { mean, factor: 1.0 / (square + epsilon).sqrt() }
            }

            fn by_column(x: &[Self], moments: Moments<Self>, scale: &[Self], bias: &[Self], y: &mut [Self]) {
                let Moments { mean, factor } = moments;
                let scaled = y.iter_mut().zip(x).zip(scale);
                if bias.is_empty() {
                    scaled.for_each(|((y, x), scale)| *y = (*x - mean) * factor * *scale);
                } else {
                    scaled.zip(bias).for_each(|(((y, x), s), bias)| *y = (*x - mean) * factor * *s + *bias);
                }
            }

            fn by_row(x: &[Self], moments: Moments<Self>, scale: Self, bias: Self, y: &mut [Self]) {
                let factor = moments.factor * scale;
                y.iter_mut().zip(x).for_each(|(y, x)| *y = (*x - moments.mean) * factor + bias);
            }
        })+
    };
}

normalize!(f32, f64);

#[inline(always)]
fn sum<T: Real>(row: &[T], f: impl Fn(T) -> T) -> T {
    let (chunks, rest) = row.as_chunks::<LANES>();
    let mut lanes = [T::default(); LANES];
    for chunk in chunks {
        lanes.iter_mut().zip(chunk).for_each(|(lane, x)| *lane = *lane + f(*x));
    }
    let sum = lanes.into_iter().fold(T::default(), T::add);
    rest.iter().fold(sum, |sum, x| sum + f(*x))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn naive(row: &[f64], centred: bool, epsilon: f64) -> Moments<f64> {
        let count = row.len() as f64;
        let mean = if centred { row.iter().sum::<f64>() / count } else { 0.0 };
        let square = row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
        Moments { mean, factor: 1.0 / (square + epsilon).sqrt() }
    }

    proptest! {
        #[test]
        fn moments_are_as_naive(row in prop::collection::vec(-100f32..100.0, 1..70), centred: bool) {
            let wide: Vec<f64> = row.iter().map(|&x| f64::from(x)).collect();
            let naive = naive(&wide, centred, 1e-3);
            let (narrow, double) = (f32::moments(&row, centred, 1e-3), f64::moments(&wide, centred, 1e-3));
            prop_assert!((double.mean - naive.mean).abs() < 1e-11);
            prop_assert!((double.factor / naive.factor - 1.0).abs() < 1e-11);
            prop_assert!((f64::from(narrow.mean) - naive.mean).abs() < 1e-4);
            prop_assert!((f64::from(narrow.factor) / naive.factor - 1.0).abs() < 1e-3);
        }

        #[test]
        fn numbers_are_normalised_as_naive(x in prop::collection::vec(-9f64..9.0, 0..40), mean in -9f64..9.0) {
            let moments = Moments { mean, factor: 0.5 };
            let scale: Vec<f64> = x.iter().map(|x| x * 3.0 + 1.0).collect();
            let (mut y, mut without) = (vec![0.0; x.len()], vec![0.0; x.len()]);
            f64::by_column(&x, moments, &scale, &x, &mut y);
            f64::by_column(&x, moments, &scale, &[], &mut without);
            for ((y, without), (x, scale)) in y.iter().zip(&without).zip(x.iter().zip(&scale)) {
                prop_assert_eq!(*without, (x - mean) * 0.5 * scale);
                prop_assert_eq!(*y, without + x);
            }
            f64::by_row(&x, moments, 4.0, 1.0, &mut y);
            prop_assert!(y.iter().zip(&x).all(|(y, x)| *y == (x - mean) * 2.0 + 1.0));
        }
    }

    #[test]
    fn a_row_without_numbers_does_no_harm() {
        assert_eq!(f32::moments(&[], true, 1.0).mean, 0.0);
        f32::by_column(&[], Moments { mean: 0.0, factor: 1.0 }, &[], &[], &mut []);
    }

    #[test]
    fn a_large_mean_costs_no_digits() {
        let row: Vec<f32> = (0..64u16).map(|i| 10_000.0 + f32::from(i % 2)).collect();
        let Moments { mean, factor } = f32::moments(&row, true, 0.0);
        assert_eq!((mean, factor), (10_000.5, 2.0));
    }
}
