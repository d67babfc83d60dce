use super::gemv::gemv;
use super::{Product, Real};

/// The rows that share a packed panel. Whoever has more to do with a product
/// multiplies so many rows at a time and does it while they are near.
pub const ROWS: usize = 64;

/// Fewer rows than this go one by one: they do not make up for packing.
pub(super) const FEW: usize = 8;

/// As [`Number::panel_length`](super::Number::panel_length).
pub(super) fn panel_length<const W: usize>(rows: usize, k: usize) -> usize {
    if rows < FEW { 0 } else { k.saturating_mul(W) }
}

/// `y += x · w`, where `y` has as many rows as `x`. Where `y` was zero, a row's
/// sums are the same to the last bit, whatever rows are beside it. `panel` is
/// scratch space; where it is too short, rows go one by one.
pub(crate) fn gemm<T: Real, const W: usize>(product: Product<'_, T>, y: &mut [T], panel: &mut [T]) {
    let Product { x, w, k, n } = product;
    if k == 0 || n == 0 {
        return;
    }
    let blocks = x.chunks(k.saturating_mul(ROWS)).zip(y.chunks_mut(n.saturating_mul(ROWS)));
    for (x, y) in blocks {
        let rows = (x.len() / k).min(y.len() / n);
        if n == 1 || rows < FEW || panel.len() < panel_length::<W>(rows, k) {
            x.chunks_exact(k).zip(y.chunks_exact_mut(n)).for_each(|(x, y)| gemv(x, w, y));
        } else {
            block::<T, W>(Product { x, ..product }, y, panel);
        }
    }
}

/// Takes `w` by panels of `W` columns, each packed into `panel` before rows
/// are multiplied by it two at a time.
#[inline(always)]
fn block<T: Real, const W: usize>(product: Product<'_, T>, y: &mut [T], panel: &mut [T]) {
    let Product { x, w, k, n } = product;
    let panel = panel.as_chunks_mut::<W>().0.get_mut(..k).unwrap_or_default();
    for start in (0..n).step_by(W) {
        pack(w, n, start, panel);
        tile(x, k, panel, y, n, start);
    }
}

/// Adds to the columns of `y` from `start` on the products of the rows of `x`
/// with a panel, two rows at a time.
#[inline(always)]
pub(super) fn tile<T: Real, const W: usize>(
    x: &[T],
    k: usize,
    panel: &[[T; W]],
    y: &mut [T],
    n: usize,
    start: usize,
) {
    let (mut xs, mut ys) = (x.chunks_exact(2 * k), y.chunks_exact_mut(2 * n));
    for (x, y) in (&mut xs).zip(&mut ys) {
        let ((x, x_below), (y, y_below)) = (x.split_at(k), y.split_at_mut(n));
        let [sums, sums_below] = two(x, x_below, panel);
        add(&sums, y, start);
        add(&sums_below, y_below, start);
    }
    if !xs.remainder().is_empty() {
        add(&one(xs.remainder(), panel), ys.into_remainder(), start);
    }
}

/// `W` columns of `w` from `start` on, with zeros where there are fewer.
fn pack<T: Real, const W: usize>(w: &[T], n: usize, start: usize, panel: &mut [[T; W]]) {
    for (packed, row) in panel.iter_mut().zip(w.chunks_exact(n)) {
        let row = row.get(start..).unwrap_or_default();
        *packed = row.first_chunk().copied().unwrap_or_else(|| {
            let mut last = [T::default(); W];
            last.iter_mut().zip(row).for_each(|(last, w)| *last = *w);
            last
        });
    }
}

fn add<T: Real>(sums: &[T], y: &mut [T], start: usize) {
    let y = y.get_mut(start..).unwrap_or_default();
    y.iter_mut().zip(sums).for_each(|(y, sum)| *y = *y + *sum);
}

/// Two rows of sums, in eight vector registers. A function of its own: inlined,
/// it may lose its vectors.
#[inline(never)]
fn two<T: Real, const W: usize>(x: &[T], x_below: &[T], panel: &[[T; W]]) -> [[T; W]; 2] {
    let (mut sums, mut sums_below) = ([T::default(); W], [T::default(); W]);
    for ((x, x_below), w) in x.iter().zip(x_below).zip(panel) {
        multiply_add(&mut sums, *x, w);
        multiply_add(&mut sums_below, *x_below, w);
    }
    [sums, sums_below]
}

#[inline(never)]
fn one<T: Real, const W: usize>(x: &[T], panel: &[[T; W]]) -> [T; W] {
    let mut sums = [T::default(); W];
    x.iter().zip(panel).for_each(|(x, w)| multiply_add(&mut sums, *x, w));
    sums
}

#[inline(always)]
fn multiply_add<T: Real, const W: usize>(sums: &mut [T; W], x: T, w: &[T; W]) {
    sums.iter_mut().zip(w).for_each(|(sum, w)| *sum = *sum + x * *w);
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use proptest::prelude::*;

    use super::super::{Number, naive};
    use super::*;

    /// Small whole numbers, whose sums are exact in any order.
    fn numbers<T: From<i8>>(length: usize, seed: usize) -> Vec<T> {
        (0..length).map(|i| T::from(((i * 7 + seed) * 31 % 17) as i8 - 8)).collect()
    }

    fn is_as_naive<T: Real + From<i8> + PartialEq + Debug>(rows: usize, k: usize, n: usize) {
        let (x, w) = (numbers::<T>(rows * k, 1), numbers::<T>(k * n, 2));
        let product = Product { x: &x, w: &w, k, n };
        let mut expected = numbers::<T>(rows * n, 3);
        let (mut y, mut y_without_panel) = (expected.clone(), expected.clone());
        naive::multiply(product, &mut expected);
        T::multiply(product, &mut y, &mut vec![T::default(); T::panel_length(rows, k)]);
        T::multiply(product, &mut y_without_panel, &mut []);
        assert_eq!(y, expected, "{rows} x {k} x {n}");
        assert_eq!(y_without_panel, expected, "{rows} x {k} x {n} without a panel");
    }

    #[test]
    fn is_as_naive_at_every_edge() {
        for rows in [0, 1, 2, 3, FEW - 1, FEW, FEW + 1, ROWS, ROWS + 1] {
            for k in [0, 1, 2, 3, 4, 5, 7, 8, 9] {
                for n in [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 15, 16, 17, 31, 32, 33] {
                    is_as_naive::<f32>(rows, k, n);
                    is_as_naive::<f64>(rows, k, n);
                }
            }
        }
    }

    /// The rows of `x · w`, with `rows` of them given at a time.
    fn by(rows: usize, product: Product<'_, f32>) -> Vec<u32> {
        let Product { x, k, n, .. } = product;
        let mut y = vec![0.0; x.len() / k * n];
        let mut panel = vec![0.0; f32::panel_length(rows, k)];
        for (x, y) in x.chunks(rows * k).zip(y.chunks_mut(rows * n)) {
            f32::multiply(Product { x, ..product }, y, &mut panel);
        }
        y.into_iter().map(f32::to_bits).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn is_as_naive_for_any_shape(rows in 0..140usize, k in 0..40usize, n in 0..70usize) {
            is_as_naive::<f32>(rows, k, n);
            is_as_naive::<f64>(rows, k, n);
        }

        #[test]
        fn a_row_is_the_same_to_the_last_bit_in_any_company(
            (k, n) in (1..30usize, 1..40usize),
            numbers in prop::collection::vec(-1e3f32..1e3, 9 * 30 + 30 * 40),
        ) {
            let (x, w) = numbers.split_at(9 * 30);
            let product = Product { x: &x[..9 * k], w: &w[..k * n], k, n };
            let alone = by(1, product);
            prop_assert_eq!(&by(9, product), &alone);
            prop_assert_eq!(&by(7, product), &alone);
        }
    }

    #[test]
    fn lengths_that_do_not_fit_do_no_harm() {
        let (x, w) = (numbers::<f32>(50, 1), numbers::<f32>(7, 2));
        for (k, n) in [(3, 5), (1, 20), (usize::MAX, 1), (1, usize::MAX), (usize::MAX, usize::MAX)] {
            f32::multiply(Product { x: &x, w: &w, k, n }, &mut [0.0; 30], &mut [0.0; 100]);
            f32::multiply(Product { x: &x, w: &w, k, n }, &mut [0.0; 30], &mut [0.0; 20_000]);
        }
    }
}
