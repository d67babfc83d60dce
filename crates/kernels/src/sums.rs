//! Sums over pairs of numbers, in the form that compilers turn into vector
//! instructions: many sums side by side, added up at the end.

/// Appends the scalar product of `row` with each of `vectors`, which lie one
/// after the other.
pub fn dots(row: &[f32], vectors: &[f32], out: &mut Vec<f32>) {
    sums(row, vectors, out, |a, b| a * b);
}

/// Appends the square of the distance of `row` to each of `vectors`.
pub fn squared_distances(row: &[f32], vectors: &[f32], out: &mut Vec<f32>) {
    sums(row, vectors, out, |a, b| (a - b) * (a - b));
}

/// The sum of the magnitudes of `row`: its L1 norm.
#[must_use]
pub fn l1(row: &[f32]) -> f32 {
    sum(row, row, |x, _| x.abs())
}

/// The length of `row`: its L2 norm.
#[must_use]
pub fn l2(row: &[f32]) -> f32 {
    sum(row, row, |x, _| x * x).sqrt()
}

/// Appends each number of `row` divided by `divisor`.
pub fn divide(row: &[f32], divisor: f32, out: &mut Vec<f32>) {
    out.extend(row.iter().map(|x| x / divisor));
}

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
    // One after the other: in pairs, LLVM would make vectors of two.
    (first + second + third + fourth) + rest
}

/// Four vectors at a time, so that `row` is read once for them.
#[inline(always)]
fn sums(row: &[f32], vectors: &[f32], out: &mut Vec<f32>, term: impl Fn(f32, f32) -> f32 + Copy) {
    let width = row.len().max(1);
    let fours = vectors.chunks_exact(width.saturating_mul(4));
    let last = fours.remainder();
    for four in fours {
        let (front, back) = four.split_at(width * 2);
        let ((a, b), (c, d)) = (front.split_at(width), back.split_at(width));
        out.extend(four_sums(row, [a, b, c, d], term));
    }
    out.extend(last.chunks_exact(width).map(|vector| sum(row, vector, term)));
}

#[inline(always)]
fn four_sums(row: &[f32], vectors: [&[f32]; 4], term: impl Fn(f32, f32) -> f32) -> [f32; 4] {
    let (row, row_rest) = row.as_chunks::<4>();
    let [(a, a_rest), (b, b_rest), (c, c_rest), (d, d_rest)] = vectors.map(|vector| vector.as_chunks::<4>());
    let mut sums = [[0.0f32; 4]; 4];
    for ((((x, a), b), c), d) in row.iter().zip(a).zip(b).zip(c).zip(d) {
        for (sums, vector) in sums.iter_mut().zip([a, b, c, d]) {
            for ((sum, x), y) in sums.iter_mut().zip(x).zip(vector) {
                *sum += term(*x, *y);
            }
        }
    }
    let mut totals = sums.map(|[first, second, third, fourth]| first + second + third + fourth);
    for (total, vector) in totals.iter_mut().zip([a_rest, b_rest, c_rest, d_rest]) {
        *total += row_rest.iter().zip(vector).map(|(x, y)| term(*x, *y)).sum::<f32>();
    }
    totals
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
            assert_eq!(sum(&a, &b, |a, b| a * b), pairs().map(|(a, b)| a * b).sum::<f32>());
            assert_eq!(l1(&a), a.iter().map(|a| a.abs()).sum::<f32>());
            assert_eq!(l2(&a), a.iter().map(|a| a * a).sum::<f32>().sqrt());
            assert_eq!(wide_dot(&a, &b), pairs().map(|(a, b)| f64::from(a * b)).sum::<f64>());
        }
    }

    #[test]
    fn sums_for_every_vector() {
        for (row, _) in lengths().skip(1) {
            for count in 0..10 {
                let vectors: Vec<f32> = (0..count * row.len()).map(|i| (i * 31 % 17) as f32 - 8.0).collect();
                let expected = |term: fn((&f32, &f32)) -> f32| -> Vec<f32> {
                    let vectors = vectors.chunks_exact(row.len());
                    vectors.map(|vector| row.iter().zip(vector).map(term).sum()).collect()
                };
                let mut out = Vec::new();
                dots(&row, &vectors, &mut out);
                assert_eq!(out, expected(|(a, b)| a * b));
                out.clear();
                squared_distances(&row, &vectors, &mut out);
                assert_eq!(out, expected(|(a, b)| (a - b) * (a - b)));
            }
        }
    }
}
