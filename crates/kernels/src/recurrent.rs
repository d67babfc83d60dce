//! What the steps of recurrent layers do to lists of numbers: functions of each,
//! and sums of products. The longer of the lists counts as far as the shortest.

use super::exp::logistic;
use super::tanh::tanh;
use super::vector::{LANES, Vector};

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

/// `values = (1 - share) · values + share · others`, number by number.
pub fn blend(values: &mut [f32], share: &[f32], others: &[f32]) {
    for ((value, share), other) in values.iter_mut().zip(share).zip(others) {
        *value = (1.0 - share) * *value + share * other;
    }
}

/// Every number within `-limit` and `limit`; NaN stays NaN.
pub fn clip(values: &mut [f32], limit: f32) {
    for value in values {
        let low = if *value < -limit { -limit } else { *value };
        *value = if low > limit { limit } else { low };
    }
}

/// Puts the logistic function of each number in its place, within 3e-7 of it: by the
/// hyperbolic tangent, which takes half the time. Not inlined, as what
/// follows, so that it is built for speed wherever it is called.
#[inline(never)]
pub fn sigmoids(values: &mut [f32]) {
    values.iter_mut().for_each(|value| *value = 0.5 * tanh(0.5 * *value) + 0.5);
}

/// Puts what the logistic function of each number lacks to 1 in its place, precise
/// where it is close to 0. Not inlined, as [`sigmoids`].
#[inline(never)]
pub fn complements(values: &mut [f32]) {
    values.iter_mut().for_each(|value| *value = logistic(-*value));
}

/// Puts the hyperbolic tangent of each number in its place.
#[inline(never)]
pub fn tanhs(values: &mut [f32]) {
    values.iter_mut().for_each(|value| *value = tanh(*value));
}

/// The rows that are multiplied together, so that a number of the vector is read
/// once for them, and the numbers that are taken at a time: eight sums side by
/// side, which with what they are made of fit into sixteen registers, and two
/// numbers for each lane of them.
const ROWS: usize = 4;
const NUMBERS: usize = 4 * LANES;

/// Appends the scalar product of `vector` with each of `rows`, which lie one after
/// the other. Rows that are alike give the same to the last bit.
#[inline(never)]
pub fn row_products(vector: &[f32], rows: &[f32], out: &mut Vec<f32>) {
    let width = vector.len().max(1);
    for rows in rows.chunks(width.saturating_mul(ROWS)) {
        let mut rows = rows.chunks_exact(width);
        let count = rows.len();
        let first = rows.next().unwrap_or_default();
        // Where there are fewer, the first is calculated again: that takes no longer.
        let others = [(); ROWS - 1].map(|()| rows.next().unwrap_or(first));
        let [b, c, d] = others;
        out.extend(products(vector, [first, b, c, d]).into_iter().take(count));
    }
}

#[inline(never)]
fn products(vector: &[f32], rows: [&[f32]; ROWS]) -> [f32; ROWS] {
    let (whole, rest) = vector.as_chunks::<NUMBERS>();
    let [(a, a_rest), (b, b_rest), (c, c_rest), (d, d_rest)] = rows.map(|row| row.as_chunks::<NUMBERS>());
    let mut sums = [[Vector::splat(0.0); 2]; ROWS];
    for ((((x, a), b), c), d) in whole.iter().zip(a).zip(b).zip(c).zip(d) {
        let x = halves(x);
        for (sums, row) in sums.iter_mut().zip([a, b, c, d]) {
            for (x, w) in x.into_iter().zip(halves(row)) {
                for ((sum, x), w) in sums.iter_mut().zip(x).zip(w) {
                    *sum = sum.plus_product(x, w);
                }
            }
        }
    }
    let mut totals = sums.map(|sums| {
        let [mut lanes, others] = sums.map(Vector::to_array);
        lanes.iter_mut().zip(others).for_each(|(lane, other)| *lane += other);
        let [a, b, c, d] = lanes;
        a + b + c + d
    });
    for (total, row) in totals.iter_mut().zip([a_rest, b_rest, c_rest, d_rest]) {
        *total += rest.iter().zip(row).map(|(x, w)| x * w).sum::<f32>();
    }
    totals
}

#[inline(always)]
fn halves(numbers: &[f32; NUMBERS]) -> [[Vector; 2]; 2] {
    let mut halves = [[Vector::splat(0.0); 2]; 2];
    let vectors = halves.as_flattened_mut().iter_mut().zip(numbers.as_chunks().0);
    vectors.for_each(|(vector, numbers)| *vector = Vector::new(*numbers));
    halves
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::exp::sigmoid;
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
            let blended = naive(&values, &a, &b, |v, a, b| (1.0 - a) * v + a * b);
            prop_assert_eq!(of(&|v| blend(v, &a, &b)), blended);
            let clipped: Vec<_> = values.iter().map(|v| v.clamp(-2.5, 2.5)).collect();
            prop_assert_eq!(of(&|v| clip(v, 2.5)), clipped);
            let each = |f: fn(f32) -> f32| values.iter().map(|v| f(*v)).collect::<Vec<_>>();
            for (fast, naive) in of(&sigmoids).into_iter().zip(each(sigmoid)) {
                prop_assert!((fast - naive).abs() <= 3e-7, "{fast} for {naive}");
            }
            prop_assert_eq!(of(&tanhs), each(tanh));
            for (fast, value) in of(&complements).into_iter().zip(&values) {
                let naive = (1.0 / (1.0 + f64::from(*value).exp())) as f32;
                prop_assert!((fast - naive).abs() <= 4e-7 * naive, "{fast} for {naive}");
            }
        }
    }

    /// Small whole numbers, whose sums are exact in any order.
    fn whole(length: usize, seed: usize) -> Vec<f32> {
        (0..length).map(|i| ((i * 7 + seed) * 31 % 17) as f32 - 8.0).collect()
    }

    #[test]
    fn products_are_as_naive_at_every_edge() {
        for width in (1..=2 * NUMBERS + 1).chain([31, 32, 33, 64, 65]) {
            for count in 0..=2 * ROWS + 1 {
                let (vector, rows) = (whole(width, 1), whole(width * count, 2));
                let mut out = vec![0.5];
                row_products(&vector, &rows, &mut out);
                let naive = |row: &[f32]| row.iter().zip(&vector).map(|(w, x)| w * x).sum::<f32>();
                let expected = [0.5].into_iter().chain(rows.chunks(width).map(naive));
                assert_eq!(out, expected.collect::<Vec<_>>(), "{count} rows of {width}");
            }
        }
        let mut out = Vec::new();
        row_products(&[], &[], &mut out);
        assert!(out.is_empty());
    }

    #[test]
    fn clipping_keeps_what_is_not_a_number() {
        let mut values = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY];
        clip(&mut values, 1.0);
        assert!(values[0].is_nan());
        assert_eq!(values[1..], [1.0, -1.0]);
    }
}
