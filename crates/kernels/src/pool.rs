//! Pools: rows of outputs, into which the numbers under one place of the window
//! are taken at a time.

/// `y = max(y, x)`, with every `stride`-th number of `x`.
pub fn take_largest(y: &mut [f32], x: &[f32], stride: usize) {
    each(y, x, stride, |y, x| if x > y { x } else { y });
}

/// `y += x`, with every `stride`-th number of `x`.
pub fn take_sum(y: &mut [f32], x: &[f32], stride: usize) {
    each(y, x, stride, |y, x| y + x);
}

/// `y += x`, with every `stride`-th number of `y`: what [`take_sum`] would have
/// been given goes back.
pub fn spread_sum(y: &mut [f32], x: &[f32], stride: usize) {
    match stride {
        1 => y.iter_mut().zip(x).for_each(|(y, x)| *y += x),
        _ => y.iter_mut().step_by(stride.max(1)).zip(x).for_each(|(y, x)| *y += x),
    }
}

#[inline(always)]
fn each(y: &mut [f32], x: &[f32], stride: usize, f: impl Fn(f32, f32) -> f32) {
    match stride {
        1 => y.iter_mut().zip(x).for_each(|(y, x)| *y = f(*y, *x)),
        _ => y.iter_mut().zip(x.iter().step_by(stride.max(1))).for_each(|(y, x)| *y = f(*y, *x)),
    }
}

/// Makes all of them `number`.
pub fn fill(y: &mut [f32], number: f32) {
    y.fill(number);
}

/// The sum of all numbers.
#[must_use]
pub fn total(x: &[f32]) -> f32 {
    let (chunks, rest) = x.as_chunks::<16>();
    let mut sums = [0.0f32; 16];
    for chunk in chunks {
        sums.iter_mut().zip(chunk).for_each(|(sum, x)| *sum += x);
    }
    rest.iter().fold(sums.iter().sum(), |sum, x| sum + x)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn takes_every_nth_number(y in prop::collection::vec(-9i8..9, 0..40), stride in 1..5usize) {
            let x: Vec<f32> = (0..y.len() * stride).map(|i| (i * 7 % 11) as f32 - 5.0).collect();
            let y: Vec<f32> = y.into_iter().map(f32::from).collect();
            let (mut largest, mut sum, mut spread) = (y.clone(), y.clone(), x.clone());
            take_largest(&mut largest, &x, stride);
            take_sum(&mut sum, &x, stride);
            spread_sum(&mut spread, &y, stride);
            for (i, y) in y.iter().enumerate() {
                prop_assert_eq!(largest[i], y.max(x[i * stride]));
                prop_assert_eq!(sum[i], y + x[i * stride]);
                prop_assert_eq!(spread[i * stride], y + x[i * stride]);
            }
            prop_assert_eq!(total(&x), x.iter().sum::<f32>());
        }
    }
}
