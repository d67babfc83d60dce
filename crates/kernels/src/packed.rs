//! Products with a matrix of float32 that is multiplied again and again: it is packed
//! once, as the product takes it.

use super::panels::{self, Columns, DEPTH, Panel, Start, WIDTH};
use super::products::{Across, Down};
use super::vector::{LANES, Vector};

/// A right side `[k, n]`, packed by [`pack_rows`] or [`pack_columns`].
#[derive(Clone, Copy, Debug)]
pub struct Packed<'a> {
    /// Panels of twelve columns in blocks of 256 rows; as long as
    /// [`packed_panels_length`] says.
    pub panels: &'a [f32],
    /// Its rows.
    pub k: usize,
    /// Its columns.
    pub n: usize,
}

/// How long a right side `[k, n]` is that is packed.
#[must_use]
pub fn packed_panels_length(k: usize, n: usize) -> usize {
    k.saturating_mul(n.div_ceil(WIDTH)).saturating_mul(WIDTH)
}

/// Packs `w`, row-major `[k, n]`.
pub fn pack_rows(w: &[f32], (k, n): (usize, usize), panels: &mut [f32]) {
    if n > 0 {
        panels::pack((k, n), &mut Down { w, n }, panels);
    }
}

/// Undoes [`pack_rows`].
pub fn unpack_rows(panels: &[f32], (k, n): (usize, usize), w: &mut [f32]) {
    let mut rest = panels.as_chunks::<WIDTH>().0;
    for start in (0..k).step_by(DEPTH) {
        let depth = DEPTH.min(k - start);
        for column in (0..n).step_by(WIDTH) {
            let (panel, others) = rest.split_at(depth.min(rest.len()));
            let rows = w.chunks_exact_mut(n).skip(start);
            for (row, numbers) in rows.zip(panel) {
                let row = row.get_mut(column..).unwrap_or_default();
                row.iter_mut().zip(numbers).for_each(|(place, number)| *place = *number);
            }
            rest = others;
        }
    }
}

/// Packs the matrix whose columns are the rows of `w`, `[n, k]`.
pub fn pack_columns(w: &[f32], (k, n): (usize, usize), panels: &mut [f32]) {
    if k > 0 {
        panels::pack((k, n), &mut Across { w, k }, panels);
    }
}

/// What is done to sums that are complete.
struct Done<'f>(&'f mut dyn FnMut(&mut [f32]));

impl Columns for Done<'_> {
    fn fill(&mut self, _: usize, _: usize, _: &mut [Panel]) {}

    fn finish(&mut self, _: usize, _: usize, sums: &mut [f32]) {
        (self.0)(sums);
    }
}

impl Packed<'_> {
    /// `y = start + x · w`, where `y` has as many rows as `x`; then `finish` gets all
    /// sums, some of a row at a time. A sum runs in the order of `k`, whatever is
    /// beside it.
    pub fn multiply(&self, x: &[f32], start: Start<'_>, y: &mut [f32], finish: &mut dyn FnMut(&mut [f32])) {
        let Self { panels, k, n } = *self;
        if x.len() == k && y.len() == n && k > 0 && n > 0 {
            self.one(x, start, y);
            finish(y);
        } else {
            panels::multiply_packed(x, (k, n), panels, &mut Done(finish), start, y);
        }
    }

    /// For a single row.
    fn one(&self, x: &[f32], start: Start<'_>, y: &mut [f32]) {
        match start {
            Start::Sums => {}
            Start::Rows(rows) => y.fill(rows.first().copied().unwrap_or_default()),
            Start::Columns(columns) => {
                let columns = columns.iter().copied().chain(std::iter::repeat(0.0));
                y.iter_mut().zip(columns).for_each(|(y, column)| *y = column);
            }
        }
        let mut rest = self.panels.as_chunks().0;
        for x in x.chunks(DEPTH) {
            let (block, others) = rest.split_at((x.len() * self.n.div_ceil(WIDTH)).min(rest.len()));
            let panels = block.chunks(x.len() * TOGETHER).zip(y.chunks_mut(WIDTH * TOGETHER));
            panels.for_each(|(panels, y)| several(x, panels, y));
            rest = others;
        }
    }
}

/// The panels that a row goes through together: twelve sums side by side, so that
/// none waits for another.
const TOGETHER: usize = 4;

/// A function of its own, so that its loop has all registers. Where there are fewer
/// panels, the first one is calculated again.
#[inline(never)]
fn several(x: &[f32], panels: &[Panel], y: &mut [f32]) {
    let mut all = panels.chunks_exact(x.len().max(1));
    let first = all.next().unwrap_or_default();
    let [b, c, d] = [(); TOGETHER - 1].map(|()| all.next().unwrap_or(first));
    let mut sums = [[Vector::splat(0.0); WIDTH / LANES]; TOGETHER];
    for (sums, y) in sums.iter_mut().zip(y.chunks(WIDTH)) {
        let mut twelve = [0.0; WIDTH];
        twelve.iter_mut().zip(y).for_each(|(place, y)| *place = *y);
        *sums = vectors(&twelve);
    }
    for ((((x, a), b), c), d) in x.iter().zip(first).zip(b).zip(c).zip(d) {
        let x = Vector::splat(*x);
        for (sums, w) in sums.iter_mut().zip([a, b, c, d]) {
            for (sum, w) in sums.iter_mut().zip(vectors(w)) {
                *sum = sum.plus_product(x, w);
            }
        }
    }
    for (sums, y) in sums.iter().zip(y.chunks_mut(WIDTH)) {
        let numbers = sums.iter().flat_map(|sum| sum.to_array());
        y.iter_mut().zip(numbers).for_each(|(y, sum)| *y = sum);
    }
}

#[inline(always)]
fn vectors(numbers: &Panel) -> [Vector; WIDTH / LANES] {
    let mut vectors = [Vector::splat(0.0); WIDTH / LANES];
    vectors.iter_mut().zip(numbers.as_chunks().0).for_each(|(vector, four)| *vector = Vector::new(*four));
    vectors
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Product, naive};
    use super::*;

    /// Small whole numbers, whose sums are exact in any order.
    fn numbers(length: usize, seed: usize) -> Vec<f32> {
        (0..length).map(|i| (((i * 7 + seed) * 31 % 17) as i32 - 8) as f32).collect()
    }

    fn is_as_naive(rows: usize, k: usize, n: usize) {
        let (x, w) = (numbers(rows * k, 1), numbers(k * n, 2));
        let mut panels = vec![f32::NAN; packed_panels_length(k, n)];
        pack_rows(&w, (k, n), &mut panels);
        let columns: Vec<f32> = (0..n).flat_map(|column| w.iter().skip(column).step_by(n).copied()).collect();
        let mut others = vec![f32::NAN; packed_panels_length(k, n)];
        pack_columns(&columns, (k, n), &mut others);
        let bits = |panels: &[f32]| panels.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&panels), bits(&others), "{rows} x {k} x {n}");
        let mut unpacked = vec![f32::NAN; w.len()];
        unpack_rows(&panels, (k, n), &mut unpacked);
        assert_eq!(unpacked, w, "{k} x {n}");
        let (by_row, by_column) = (numbers(rows, 3), numbers(n, 4));
        for start in [
            Start::Sums,
            Start::Rows(&by_row),
            Start::Rows(&[]),
            Start::Columns(&by_column),
            Start::Columns(&[]),
        ] {
            let mut y = match start {
                Start::Sums => numbers(rows * n, 5),
                _ => vec![f32::NAN; rows * n],
            };
            let begun = |(i, y): (usize, &f32)| match start {
                Start::Sums => *y,
                Start::Rows(rows) => rows.get(i / n).copied().unwrap_or(0.0),
                Start::Columns(columns) => columns.get(i % n).copied().unwrap_or(0.0),
            };
            let mut expected: Vec<f32> = y.iter().enumerate().map(begun).collect();
            naive::multiply(Product { x: &x, w: &w, k, n }, &mut expected);
            let negative = &mut |sums: &mut [f32]| sums.iter_mut().for_each(|sum| *sum = -*sum);
            Packed { panels: &panels, k, n }.multiply(&x, start, &mut y, negative);
            let as_expected = k == 0 || y.iter().zip(&expected).all(|(y, expected)| *y == -expected);
            assert!(as_expected, "{rows} x {k} x {n} from {start:?}");
        }
    }

    #[test]
    fn is_as_naive_at_every_edge() {
        for rows in [0, 1, 2, 3, 4, 7] {
            for k in [0, 1, 2, 9] {
                for n in [0, 1, 11, 12, 13, 35, 36, 37, 47, 48, 49] {
                    is_as_naive(rows, k, n);
                }
            }
        }
        for k in [DEPTH - 1, DEPTH, DEPTH + 1, 2 * DEPTH + 1] {
            is_as_naive(1, k, 50);
            is_as_naive(4, k, 13);
        }
        for n in [239, 240, 241, 481] {
            is_as_naive(1, 3, n);
            is_as_naive(4, DEPTH + 1, n);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn is_as_naive_for_any_shape(rows in 0..9usize, k in 0..300usize, n in 0..300usize) {
            is_as_naive(rows, k, n);
        }

        /// Of any numbers: the same to the last bit.
        #[test]
        fn a_row_is_the_same_whatever_is_beside_it(k in 1..300usize, n in 1..60usize, seed in 0..9usize) {
            let numbers = |length| (0..length).map(|i| ((i * 7 + seed) % 23) as f32 * 0.37 - 4.0).collect::<Vec<_>>();
            let (x, w) = (numbers(5 * k), numbers(k * n));
            let mut panels = vec![0.0; packed_panels_length(k, n)];
            pack_rows(&w, (k, n), &mut panels);
            let packed = Packed { panels: &panels, k, n };
            let product = |x: &[f32]| {
                let mut y = vec![0.0; x.len() / k * n];
                packed.multiply(x, Start::Rows(&[]), &mut y, &mut |_| {});
                y
            };
            prop_assert_eq!(product(&x), x.chunks(k).flat_map(product).collect::<Vec<_>>());
        }
    }

    #[test]
    fn lengths_that_do_not_fit_do_no_harm() {
        for (k, n) in [(3, 5), (1, 20), (usize::MAX, 1), (1, usize::MAX), (usize::MAX, usize::MAX)] {
            let packed = Packed { panels: &[1.0; 24], k, n };
            packed.multiply(&[1.0; 50], Start::Columns(&[1.0]), &mut [0.0; 30], &mut |_| {});
        }
        Packed { panels: &[1.0; 24], k: 50, n: 30 }.multiply(
            &[1.0; 50],
            Start::Sums,
            &mut [0.0; 30],
            &mut |_| {},
        );
    }
}
