//! Products of matrices of float32 whose right side is made by panels: a few of
//! its columns at a time, packed so that each step of a sum reads on where the
//! last one stopped. Where the columns come from is the caller's business, so that
//! a convolution is a product whose right side never exists as a whole.

use super::vector::Vector;

/// The columns of a panel. Three rows by twelve columns are nine registers of
/// sums, which with what they are made of fit into sixteen.
pub(crate) const WIDTH: usize = 12;
/// Where less is left over, two rows by sixteen columns are nearly as good.
pub(crate) const WIDE: usize = 16;

/// The rows of a panel: 12 kB, which stay in the first cache.
pub(crate) const DEPTH: usize = 256;
/// The columns for which panels are packed before they are used.
const COLUMNS: usize = 240;
/// The rows that go through all those panels, one panel after the other.
const ROWS: usize = 192;
/// The most rows that go through a panel together.
const TOGETHER: usize = 3;

/// A row of a panel.
pub type Panel = [f32; WIDTH];

/// Where the right side and the result come from and go to, by panels of `W`
/// columns.
pub trait Columns<const W: usize = WIDTH> {
    /// Writes the columns from `column` on, in their rows from `row` on, as many
    /// as `panel` has. What there is beyond the last column does not matter.
    fn fill(&mut self, row: usize, column: usize, panel: &mut [[f32; W]]);

    /// Some sums of row `row` of the result, from column `column` on, are done.
    fn finish(&mut self, row: usize, column: usize, sums: &mut [f32]);
}

/// What a sum begins with.
#[derive(Clone, Copy, Debug)]
pub enum Start<'a> {
    /// What there is already.
    Sums,
    /// The number of its row; 0 where there is none.
    Rows(&'a [f32]),
    /// The number of its column; 0 where there is none.
    Columns(&'a [f32]),
}

/// Where panels lie: made one after the other in scratch space, or all packed.
enum Room<'a> {
    Made(&'a mut [f32]),
    Packed(&'a [f32]),
}

/// How much scratch space a product with a right side `[k, n]` makes use of. It
/// does with a part of it, down to one panel.
#[must_use]
pub fn scratch_length(k: usize, n: usize) -> usize {
    k.min(DEPTH) * n.min(COLUMNS).next_multiple_of(WIDTH)
}

/// `y = start + x · w` for `x` of `k` columns and `w` of `n`, where `y` has as many
/// rows as `x`. A sum runs in the order of `k`, whatever is beside it.
pub fn multiply(
    x: &[f32],
    size: (usize, usize),
    w: &mut dyn Columns,
    start: Start<'_>,
    y: &mut [f32],
    scratch: &mut [f32],
) {
    by::<WIDTH, 3>(x, size, w, start, y, Room::Made(scratch));
}

/// As [`multiply`], from what there is.
pub(crate) fn multiply_wide(
    x: &[f32],
    size: (usize, usize),
    w: &mut dyn Columns<WIDE>,
    y: &mut [f32],
    scratch: &mut [f32],
) {
    by::<WIDE, 4>(x, size, w, Start::Sums, y, Room::Made(scratch));
}

/// As [`multiply`], where all panels are packed.
pub(crate) fn multiply_packed(
    x: &[f32],
    size: (usize, usize),
    packed: &[f32],
    w: &mut dyn Columns,
    start: Start<'_>,
    y: &mut [f32],
) {
    by::<WIDTH, 3>(x, size, w, start, y, Room::Packed(packed));
}

/// Packs a right side `[k, n]`: in blocks of [`DEPTH`] rows, panel after panel.
pub(crate) fn pack((k, n): (usize, usize), w: &mut dyn Columns, packed: &mut [f32]) {
    let mut rest = packed.as_chunks_mut().0;
    for row in (0..k).step_by(DEPTH) {
        for column in (0..n).step_by(WIDTH) {
            let (panel, others) = rest.split_at_mut(DEPTH.min(k - row).min(rest.len()));
            w.fill(row, column, panel);
            rest = others;
        }
    }
}

/// By panels of `W` columns, which are `V` vectors.
fn by<const W: usize, const V: usize>(
    x: &[f32],
    (k, n): (usize, usize),
    w: &mut dyn Columns<W>,
    start: Start<'_>,
    y: &mut [f32],
    mut room: Room<'_>,
) {
    let whole_rows = (1..=x.len()).contains(&k) && (1..=y.len()).contains(&n);
    let fitting = match &room {
        Room::Made(scratch) => scratch.len() / (DEPTH.min(k) * W).max(1),
        Room::Packed(_) => usize::MAX,
    };
    let columns = (COLUMNS / W).min(fitting) * W;
    if !whole_rows || columns == 0 {
        return;
    }
    for column in (0..n).step_by(columns) {
        let width = columns.min(n - column);
        for row in (0..k).step_by(DEPTH) {
            let depth = DEPTH.min(k - row);
            let packed = match &mut room {
                Room::Made(scratch) => {
                    let panels = scratch.as_chunks_mut().0.chunks_exact_mut(depth).take(width.div_ceil(W));
                    panels.enumerate().for_each(|(i, panel)| w.fill(row, column + i * W, panel));
                    scratch.as_chunks().0
                }
                Room::Packed(packed) => {
                    let before = row.saturating_mul(n.div_ceil(W)).saturating_add(column / W * depth);
                    packed.as_chunks().0.get(before..).unwrap_or_default()
                }
            };
            let block = Block::<W, V> { k, n, row, depth, column, width, packed };
            let rows = x.chunks(k.saturating_mul(ROWS)).zip(y.chunks_mut(n.saturating_mul(ROWS)));
            for (i, (x, y)) in rows.enumerate() {
                let start = if row > 0 { Start::Sums } else { start.below(i * ROWS) };
                block.multiply(x, start, y);
                if row + depth == k {
                    block.finish(i * ROWS, y, w);
                }
            }
        }
    }
}

impl Start<'_> {
    /// What it is for the rows from `row` on.
    #[must_use]
    pub fn below(self, row: usize) -> Self {
        match self {
            Self::Sums | Self::Columns(_) => self,
            Self::Rows(rows) => Self::Rows(rows.get(row..).unwrap_or_default()),
        }
    }
}

/// Some rows and columns of the right side, packed.
struct Block<'a, const W: usize, const V: usize> {
    k: usize,
    n: usize,
    row: usize,
    depth: usize,
    column: usize,
    width: usize,
    packed: &'a [[f32; W]],
}

impl<const W: usize, const V: usize> Block<'_, W, V> {
    /// The rows that go through a panel together.
    const ROWS: usize = if V <= 3 { TOGETHER } else { 2 };

    fn multiply(&self, x: &[f32], start: Start<'_>, y: &mut [f32]) {
        let panels = self.packed.chunks_exact(self.depth).take(self.width.div_ceil(W));
        for (i, panel) in panels.enumerate() {
            let column = self.column + i * W;
            let ys = y.chunks_mut(self.n.saturating_mul(Self::ROWS));
            let rows = x.chunks(self.k.saturating_mul(Self::ROWS)).zip(ys);
            for (i, (x, y)) in rows.enumerate() {
                self.rows(x, start.below(i * Self::ROWS), y, column, panel);
            }
        }
    }

    /// Adds to up to three rows of `y`. Where there are fewer, the first one is
    /// calculated again: that takes no longer.
    fn rows(&self, x: &[f32], start: Start<'_>, y: &mut [f32], column: usize, panel: &[[f32; W]]) {
        let end = self.n.min(column.saturating_add(W));
        let mut sums = [[0.0; W]; TOGETHER];
        match start {
            Start::Rows(rows) => sums.iter_mut().zip(rows).for_each(|(sums, row)| *sums = [*row; W]),
            Start::Columns(columns) => {
                let columns = columns.get(column..).unwrap_or_default();
                sums.iter_mut().for_each(|sums| copy::<W>(sums, columns));
            }
            Start::Sums => {
                for (sums, y) in sums.iter_mut().zip(y.chunks_exact(self.n)) {
                    copy::<W>(sums, y.get(column..end).unwrap_or_default());
                }
            }
        }
        let mut rows = x.chunks(self.k).map(|x| x.get(self.row..).unwrap_or_default());
        let first = rows.next().unwrap_or_default();
        let below = [(); TOGETHER - 1].map(|()| rows.next().unwrap_or(first));
        let sums = match Self::ROWS {
            TOGETHER => three::<W, V>([first, below[0], below[1]], panel, sums),
            _ => two::<W, V>([first, below[0]], panel, sums),
        };
        for (sums, y) in sums.iter().zip(y.chunks_exact_mut(self.n)) {
            copy::<W>(y.get_mut(column..end).unwrap_or_default(), sums);
        }
    }

    fn finish(&self, first: usize, y: &mut [f32], w: &mut dyn Columns<W>) {
        for (i, y) in y.chunks_exact_mut(self.n).enumerate() {
            let sums = y.get_mut(self.column..self.column + self.width).unwrap_or_default();
            w.finish(first + i, self.column, sums);
        }
    }
}

#[inline(always)]
fn copy<const W: usize>(to: &mut [f32], from: &[f32]) {
    match (to.first_chunk_mut::<W>(), from.first_chunk::<W>()) {
        (Some(to), Some(from)) => *to = *from,
        _ => to.iter_mut().zip(from).for_each(|(to, from)| *to = *from),
    }
}

type Sums<const W: usize> = [[f32; W]; TOGETHER];

/// `sums` and the products of three rows of `x` with a panel. A function of its
/// own, so that its loop has all registers.
#[inline(never)]
fn three<const W: usize, const V: usize>(x: [&[f32]; 3], panel: &[[f32; W]], sums: Sums<W>) -> Sums<W> {
    let ([a, b, c], mut sums) = (x, sums.map(vectors::<W, V>));
    for (((w, a), b), c) in panel.iter().zip(a).zip(b).zip(c) {
        add(&mut sums, [*a, *b, *c], w);
    }
    sums.map(numbers)
}

/// As [`three`], of two rows.
#[inline(never)]
fn two<const W: usize, const V: usize>(x: [&[f32]; 2], panel: &[[f32; W]], sums: Sums<W>) -> Sums<W> {
    let [first, second, last] = sums;
    let ([a, b], mut sums) = (x, [first, second].map(vectors::<W, V>));
    for ((w, a), b) in panel.iter().zip(a).zip(b) {
        add(&mut sums, [*a, *b], w);
    }
    let [first, second] = sums.map(numbers);
    [first, second, last]
}

#[inline(always)]
fn add<const W: usize, const V: usize, const R: usize>(
    sums: &mut [[Vector; V]; R],
    x: [f32; R],
    w: &[f32; W],
) {
    let w: [Vector; V] = vectors(*w);
    for (sums, x) in sums.iter_mut().zip(x) {
        let x = Vector::splat(x);
        for (sum, w) in sums.iter_mut().zip(w) {
            *sum = sum.plus_product(x, w);
        }
    }
}

#[inline(always)]
fn vectors<const W: usize, const V: usize>(numbers: [f32; W]) -> [Vector; V] {
    let mut vectors = [Vector::splat(0.0); V];
    for (vector, numbers) in vectors.iter_mut().zip(numbers.as_chunks().0) {
        *vector = Vector::new(*numbers);
    }
    vectors
}

#[inline(always)]
fn numbers<const W: usize, const V: usize>(vectors: [Vector; V]) -> [f32; W] {
    let mut all = [0.0; W];
    for (numbers, vector) in all.as_chunks_mut().0.iter_mut().zip(vectors) {
        *numbers = vector.to_array();
    }
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Gathered, Product, naive};
    use super::*;

    struct Right<'a> {
        gathered: Gathered<'a>,
        finished: Vec<f32>,
        n: usize,
    }

    impl Columns for Right<'_> {
        fn fill(&mut self, row: usize, column: usize, panel: &mut [Panel]) {
            self.gathered.fill(row, column, panel);
        }

        fn finish(&mut self, row: usize, column: usize, sums: &mut [f32]) {
            for (i, sum) in sums.iter_mut().enumerate() {
                self.finished[row * self.n + column + i] += *sum;
                *sum = -*sum;
            }
        }
    }

    /// Small whole numbers, whose sums are exact in any order.
    fn numbers(length: usize, seed: usize) -> Vec<f32> {
        (0..length).map(|i| (((i * 7 + seed) * 31 % 17) as i32 - 8) as f32).collect()
    }

    /// The columns lie one after the other, save that every `gap`-th is further.
    fn is_as_naive(rows: usize, k: usize, n: usize, gap: usize) {
        let columns: Vec<u32> = (0..n).map(|i| (i + i / gap) as u32).collect();
        let width = columns.last().map_or(0, |last| *last as usize + 1);
        let starts: Vec<u32> = (0..k).map(|i| (i * width) as u32).collect();
        let (x, source) = (numbers(rows * k, 1), numbers(k * width, 2));
        let w: Vec<f32> = starts
            .iter()
            .flat_map(|row| columns.iter().map(|column| source[(row + column) as usize]).collect::<Vec<_>>())
            .collect();
        let mut expected = numbers(rows * n, 3);
        let mut y = expected.clone();
        naive::multiply(Product { x: &x, w: &w, k, n }, &mut expected);
        let gathered = Gathered { source: &source, rows: &starts, columns: &columns };
        let mut right = Right { gathered, finished: vec![0.0; rows * n], n };
        multiply(&x, (k, n), &mut right, Start::Sums, &mut y, &mut vec![0.0; scratch_length(k, n)]);
        if k == 0 {
            return assert_eq!(y, expected);
        }
        let other = |start: Start<'_>, mut y: Vec<f32>, room: usize| {
            let mut right = Right { gathered, finished: vec![0.0; rows * n], n };
            multiply(&x, (k, n), &mut right, start, &mut y, &mut vec![0.0; room]);
            y
        };
        let again = other(Start::Sums, numbers(rows * n, 3), scratch_length(k, n.min(WIDTH)));
        assert!(again == y, "{rows} x {k} x {n} with room for one panel");
        let starts = numbers(rows, 5);
        let given = starts.iter().flat_map(|start| vec![*start; n]).collect();
        let given = other(Start::Sums, given, scratch_length(k, n));
        let begun = other(Start::Rows(&starts), vec![f32::NAN; rows * n], scratch_length(k, n));
        assert!(begun == given, "{rows} x {k} x {n} from a number for each row");
        assert!(right.finished == expected, "{rows} x {k} x {n}");
        assert!(y.iter().zip(expected).all(|(y, expected)| *y == -expected));
    }

    #[test]
    fn is_as_naive_at_every_edge() {
        for rows in [0, 1, 2, 3, 4, 5, 6, 7] {
            for k in [0, 1, 2, 9] {
                for n in [0, 1, 2, 11, 12, 13, 23, 24, 25] {
                    is_as_naive(rows, k, n, 5);
                    is_as_naive(rows, k, n, 14);
                    is_as_naive(rows, k, n, 1000);
                }
            }
        }
        for k in [DEPTH - 1, DEPTH, DEPTH + 1, 2 * DEPTH + 1] {
            is_as_naive(4, k, 13, 7);
        }
        for n in [COLUMNS - 1, COLUMNS, COLUMNS + 1] {
            is_as_naive(4, 3, n, 56);
        }
        for rows in [ROWS - 1, ROWS, ROWS + 1] {
            is_as_naive(rows, DEPTH + 1, 13, 56);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn is_as_naive_for_any_shape(rows in 0..20usize, k in 0..300usize, n in 0..300usize, gap in 1..60usize) {
            is_as_naive(rows, k, n, gap);
        }
    }

    #[test]
    fn lengths_that_do_not_fit_do_no_harm() {
        let gathered = Gathered { source: &[1.0; 20], rows: &[0, u32::MAX, 7], columns: &[1, 2, u32::MAX] };
        for (k, n) in [(3, 5), (1, 20), (usize::MAX, 1), (1, usize::MAX), (usize::MAX, usize::MAX)] {
            let mut right = Right { gathered, finished: vec![0.0; 1000], n: 5 };
            multiply(&[1.0; 50], (k, n), &mut right, Start::Rows(&[1.0]), &mut [0.0; 30], &mut [0.0; 100]);
            multiply(
                &[1.0; 50],
                (k, n),
                &mut right,
                Start::Rows(&[1.0]),
                &mut [0.0; 30],
                &mut [0.0; 100_000],
            );
        }
    }
}
