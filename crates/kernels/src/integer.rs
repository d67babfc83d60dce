//! Products of matrices of 8-bit numbers, summed in 32 bits.

use super::lanes::{Lanes, interleaved, pairs};

/// The columns of a panel, in two vector registers of pairs.
pub(crate) const WIDTH: usize = 8;

/// The rows that are multiplied by a panel at a time.
const HEIGHT: usize = 4;

/// The rows that go through a panel while they are near.
const ROWS: usize = 64;

/// The panels that are packed together, as their rows lie side by side.
const TOGETHER: usize = 4;

/// Fewer rows than this go one by one: they do not make up for packing.
const FEW: usize = 4;

/// Two rows of a panel: for each column a pair of numbers.
type Pairs = [[i16; WIDTH]; 2];

/// A signed or unsigned byte.
pub trait Byte: Copy + Default + Into<i16> {
    /// The pairs of neighbours in two rows.
    #[doc(hidden)]
    fn pairs(upper: &[Self; 8], lower: &[Self; 8]) -> [[i16; 8]; 2];

    /// `y += x · w`, where `y` has as many rows as `x`; sums wrap around. `panels` is
    /// scratch space; with less than [`byte_panel_length`] it goes slower.
    fn multiply(product: ByteProduct<'_, Self>, y: &mut [i32], panels: &mut [i16]);

    /// `x - zero` into `y`.
    fn centre(x: &[Self], zero: i16, y: &mut [i16]);

    /// As [`Byte::centre`], as float32.
    fn centre_floats(x: &[Self], zero: i16, y: &mut [f32]);
}

macro_rules! byte {
    ($type:ty, $signed:literal, $bits:path) => {
        impl Byte for $type {
            #[inline(always)]
            fn pairs(upper: &[Self; 8], lower: &[Self; 8]) -> [[i16; 8]; 2] {
                pairs(upper.map($bits), lower.map($bits), $signed)
            }

            #[inline(never)]
            fn multiply(product: ByteProduct<'_, Self>, y: &mut [i32], panels: &mut [i16]) {
                multiply(product, y, panels);
            }

            #[inline(never)]
            fn centre(x: &[Self], zero: i16, y: &mut [i16]) {
                y.iter_mut().zip(x).for_each(|(y, x)| *y = i16::from(*x).wrapping_sub(zero));
            }

            #[inline(never)]
            fn centre_floats(x: &[Self], zero: i16, y: &mut [f32]) {
                let zero = f32::from(zero);
                y.iter_mut().zip(x).for_each(|(y, x)| *y = f32::from(*x) - zero);
            }
        }
    };
}

byte!(i8, true, i8::cast_unsigned);
byte!(u8, false, u8::from);

/// Two matrices to multiply, both row-major: `x` of `k` columns, `w` of `k` rows
/// and `n` columns. A zero point has been taken off `x`, which has it in 16 bits.
#[derive(Clone, Copy, Debug)]
pub struct ByteProduct<'a, W> {
    /// The left one, `[rows, k]`, numbers from -255 to 255.
    pub x: &'a [i16],
    /// The right one, `[k, n]`.
    pub w: &'a [W],
    /// The columns of the left one.
    pub k: usize,
    /// The columns of the right one.
    pub n: usize,
}

/// How much scratch space `rows` rows make use of that are multiplied by `[k, n]`.
#[must_use]
pub fn byte_panel_length(rows: usize, k: usize, n: usize) -> usize {
    if rows < FEW { 0 } else { packed_length(k, n.min(TOGETHER * WIDTH)) }
}

/// How long a right side `[k, n]` is that is packed as a whole.
#[must_use]
pub fn packed_length(k: usize, n: usize) -> usize {
    k.div_ceil(2).saturating_mul(2 * WIDTH).saturating_mul(n.div_ceil(WIDTH))
}

#[inline(always)]
fn multiply<W: Byte>(product: ByteProduct<'_, W>, y: &mut [i32], panels: &mut [i16]) {
    let ByteProduct { x, w, k, n } = product;
    if k == 0 || n == 0 {
        return;
    }
    let rows = (x.len() / k).min(y.len() / n);
    let packed = panels.get_mut(..byte_panel_length(rows, k, n)).filter(|panels| !panels.is_empty());
    let Some(packed) = packed else {
        return x.chunks_exact(k).zip(y.chunks_exact_mut(n)).for_each(|(x, y)| row(x, w, y));
    };
    for first in (0..n).step_by(TOGETHER * WIDTH) {
        let count = (TOGETHER * WIDTH).min(n - first);
        for (pair, rows) in w.chunks(2 * n).enumerate() {
            let (upper, lower) = rows.split_at(n.min(rows.len()));
            let rows = [upper, lower].map(|row| row.get(first..).unwrap_or_default());
            pack(rows, pair, k, count, packed, W::pairs);
        }
        columns(x, k, packed, (n, first, count), y);
    }
}

/// Packs rows `2 · pair` and the next one of a right side of `k` rows.
#[inline(always)]
fn pack<W: Copy + Default>(
    rows: [&[W]; 2],
    pair: usize,
    k: usize,
    n: usize,
    packed: &mut [i16],
    interleaved: impl Fn(&[W; WIDTH], &[W; WIDTH]) -> Pairs,
) {
    let panels =
        packed.as_chunks_mut::<WIDTH>().0.as_chunks_mut::<2>().0.chunks_exact_mut(k.div_ceil(2).max(1));
    for (panel, start) in panels.zip((0..n).step_by(WIDTH)) {
        let [upper, lower] = rows.map(|row| row.get(start..).unwrap_or_default());
        if let Some(pairs) = panel.get_mut(pair) {
            *pairs = match (upper.first_chunk(), lower.first_chunk()) {
                (Some(upper), Some(lower)) => interleaved(upper, lower),
                _ => interleaved(&padded(upper), &padded(lower)),
            };
        }
    }
}

/// Packs rows `2 · pair` and the next one, of at least `n` numbers where it is there,
/// of a right side `[k, n]` that is packed as a whole.
#[inline(never)]
pub(crate) fn pack_numbers(rows: [&[i16]; 2], pair: usize, (k, n): (usize, usize), packed: &mut [i16]) {
    pack(rows, pair, k, n, packed, interleaved);
}

/// `y += x · w` for rows of `k` numbers and a `w` of `n` columns that is packed as a
/// whole; sums wrap around.
pub fn multiply_packed(x: &[i16], (k, n): (usize, usize), packed: &[i16], y: &mut [i32]) {
    if k > 0 && n > 0 {
        columns(x, k, packed, (n, 0, n), y);
    }
}

/// Adds to `count` columns from `first` on, of `n`, what is packed of them.
#[inline(never)]
fn columns(x: &[i16], k: usize, packed: &[i16], (n, first, count): (usize, usize, usize), y: &mut [i32]) {
    let panels = packed.as_chunks::<WIDTH>().0.as_chunks::<2>().0;
    for (x, y) in x.chunks(k.saturating_mul(ROWS)).zip(y.chunks_mut(n.saturating_mul(ROWS))) {
        let starts = (first..first + count).step_by(WIDTH);
        for (panel, start) in panels.chunks_exact(k.div_ceil(2)).zip(starts) {
            block(x, (k, n), panel, start, y);
        }
    }
}

fn block(x: &[i16], (k, n): (usize, usize), panel: &[Pairs], start: usize, y: &mut [i32]) {
    let (mut xs, mut ys) =
        (x.chunks_exact(k.saturating_mul(HEIGHT)), y.chunks_exact_mut(n.saturating_mul(HEIGHT)));
    for (x, y) in (&mut xs).zip(&mut ys) {
        add(four(x, k, panel), y, n, start);
    }
    for (x, y) in xs.remainder().chunks_exact(k).zip(ys.into_remainder().chunks_exact_mut(n)) {
        add([one(x, panel)], y, n, start);
    }
}

/// The first of `row`, with zeros where there are fewer.
fn padded<W: Copy + Default>(row: &[W]) -> [W; WIDTH] {
    let mut padded = [W::default(); WIDTH];
    padded.iter_mut().zip(row).for_each(|(padded, w)| *padded = *w);
    padded
}

fn add<const R: usize>(sums: [[i32; WIDTH]; R], y: &mut [i32], n: usize, start: usize) {
    for (y, sums) in y.chunks_exact_mut(n).zip(sums) {
        let y = y.get_mut(start..).unwrap_or_default();
        let plus = |(y, sum): (&mut i32, i32)| *y = y.wrapping_add(sum);
        match y.first_chunk_mut::<WIDTH>() {
            Some(y) => y.iter_mut().zip(sums).for_each(plus),
            None => y.iter_mut().zip(sums).for_each(plus),
        }
    }
}

/// Four rows of sums, in eight vector registers. A function of its own: inlined,
/// it may lose its vectors.
#[inline(never)]
fn four(x: &[i16], k: usize, panel: &[Pairs]) -> [[i32; WIDTH]; HEIGHT] {
    let (upper, lower) = x.split_at((2 * k).min(x.len()));
    let ((a, b), (c, d)) = (upper.split_at(k.min(upper.len())), lower.split_at(k.min(lower.len())));
    let (pairs, last) = panel.split_at((k / 2).min(panel.len()));
    let mut sums = [[Lanes::zero(); 2]; HEIGHT];
    let rows = a.as_chunks().0.iter().zip(b.as_chunks().0).zip(c.as_chunks().0).zip(d.as_chunks().0);
    for (w, (((a, b), c), d)) in pairs.iter().zip(rows) {
        plus(&mut sums, [*a, *b, *c, *d], w);
    }
    if let [w] = last {
        plus(&mut sums, [a, b, c, d].map(|x| [x.last().copied().unwrap_or_default(), 0]), w);
    }
    sums.map(whole)
}

#[inline(never)]
fn one(x: &[i16], panel: &[Pairs]) -> [i32; WIDTH] {
    let mut sums = [[Lanes::zero(); 2]];
    let (pairs, last) = x.as_chunks::<2>();
    let last = last.first().map(|x| [*x, 0]);
    for (x, w) in pairs.iter().copied().chain(last).zip(panel) {
        plus(&mut sums, [x], w);
    }
    let [sums] = sums;
    whole(sums)
}

#[inline(always)]
fn plus<const R: usize>(sums: &mut [[Lanes; 2]; R], x: [[i16; 2]; R], w: &Pairs) {
    for (sums, x) in sums.iter_mut().zip(x) {
        sums.iter_mut().zip(w).for_each(|(sums, w)| *sums = sums.plus(x, *w));
    }
}

#[inline(always)]
fn whole([left, right]: [Lanes; 2]) -> [i32; WIDTH] {
    let ([a, b, c, d], [e, f, g, h]) = (left.sums(), right.sums());
    [a, b, c, d, e, f, g, h]
}

/// `y += x · w` for one row, four rows of `w` at a time, so that `y` is read and
/// written for every fourth only.
#[inline(never)]
fn row<W: Byte>(x: &[i16], w: &[W], y: &mut [i32]) {
    let n = y.len();
    let (fours, last) = x.as_chunks::<4>();
    let mut rows = w.chunks_exact(4 * n);
    for (x, rows) in fours.iter().zip(&mut rows) {
        let (upper, lower) = rows.split_at(2 * n);
        let ((a, b), (c, d)) = (upper.split_at(n), lower.split_at(n));
        add_four(x.map(i32::from), [a, b, c, d], y);
    }
    for (x, row) in last.iter().zip(rows.remainder().chunks_exact(n)) {
        let x = i32::from(*x);
        y.iter_mut().zip(row).for_each(|(y, w)| *y = y.wrapping_add(x * wide(*w)));
    }
}

#[inline(always)]
fn add_four<W: Byte>([p, q, r, s]: [i32; 4], [a, b, c, d]: [&[W]; 4], y: &mut [i32]) {
    for ((((y, a), b), c), d) in y.iter_mut().zip(a).zip(b).zip(c).zip(d) {
        *y = y.wrapping_add(p * wide(*a) + q * wide(*b) + r * wide(*c) + s * wide(*d));
    }
}

#[inline(always)]
fn wide<W: Byte>(w: W) -> i32 {
    i32::from(Into::<i16>::into(w))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn naive<W: Byte>(product: ByteProduct<'_, W>, y: &mut [i32]) {
        let ByteProduct { x, w, k, n } = product;
        for (index, y) in y.iter_mut().enumerate() {
            for i in 0..k {
                let (x, w): (i32, i32) = (x[index / n * k + i].into(), wide(w[i * n + index % n]));
                *y = y.wrapping_add(x * w);
            }
        }
    }

    fn numbers(length: usize, seed: usize) -> impl Iterator<Item = i16> {
        (0..length).map(move |i| ((i * 37 + seed) * 131 % 511) as i16 - 255)
    }

    fn is_as_naive<W: Byte>(rows: usize, k: usize, n: usize, byte: fn(i16) -> W) {
        let x: Vec<_> = numbers(rows * k, 1).collect();
        let w: Vec<_> = numbers(k * n, 2).map(byte).collect();
        let product = ByteProduct { x: &x, w: &w, k, n };
        let mut expected: Vec<i32> = numbers(rows * n, 3).map(i32::from).collect();
        let (mut y, mut y_without_panel) = (expected.clone(), expected.clone());
        naive(product, &mut expected);
        W::multiply(product, &mut y, &mut vec![7; byte_panel_length(rows, k, n)]);
        W::multiply(product, &mut y_without_panel, &mut []);
        assert_eq!(y, expected, "{rows} x {k} x {n}");
        assert_eq!(y_without_panel, expected, "{rows} x {k} x {n} without a panel");
    }

    #[test]
    fn is_as_naive_at_every_edge() {
        for rows in [0, 1, FEW - 1, FEW, FEW + 1, 2 * HEIGHT - 1, ROWS, ROWS + 1] {
            for k in [0, 1, 2, 3, 4, 5, 8, 9] {
                for n in [0, 1, 2, WIDTH - 1, WIDTH, WIDTH + 1, 2 * WIDTH + 1] {
                    is_as_naive(rows, k, n, |x| x as i8);
                    is_as_naive(rows, k, n, |x| x as u8);
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn is_as_naive_for_any_shape(rows in 0..140usize, k in 0..40usize, n in 0..40usize) {
            is_as_naive(rows, k, n, |x| x as i8);
            is_as_naive(rows, k, n, |x| x as u8);
        }
    }

    #[test]
    fn sums_wrap_around() {
        let (x, w) = ([255; 40_000], [255u8; 40_000]);
        let mut y = [0];
        u8::multiply(ByteProduct { x: &x, w: &w[..], k: 40_000, n: 1 }, &mut y, &mut []);
        assert_eq!(y, [40_000i32.wrapping_mul(255 * 255)]);
    }

    #[test]
    fn lengths_that_do_not_fit_do_no_harm() {
        let (x, w) = ([1; 50], [1u8; 7]);
        for (k, n) in [(3, 5), (1, 20), (usize::MAX, 1), (1, usize::MAX), (usize::MAX, usize::MAX)] {
            u8::multiply(ByteProduct { x: &x, w: &w, k, n }, &mut [0; 30], &mut [0; 100]);
        }
    }
}
