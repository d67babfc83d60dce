use super::dot::dot;
use super::gemm::{FEW, ROWS, panel_length, tile};
use super::{Product, Real};

/// `y += x · wᵀ`, where `w` is `[n, k]` row-major: its rows are the columns that
/// `gemm` has. `panel` is as long as there.
pub(crate) fn gemm_transposed<T: Real, const W: usize>(
    product: Product<'_, T>,
    y: &mut [T],
    panel: &mut [T],
) {
    let Product { x, w, k, n } = product;
    if k == 0 || n == 0 {
        return;
    }
    let blocks = x.chunks(k.saturating_mul(ROWS)).zip(y.chunks_mut(n.saturating_mul(ROWS)));
    for (x, y) in blocks {
        let rows = (x.len() / k).min(y.len() / n);
        if rows < FEW || panel.len() < panel_length::<W>(rows, k) {
            rows_alone(x, w, k, y, n);
        } else {
            block::<T, W>(Product { x, ..product }, y, panel);
        }
    }
}

#[inline(never)]
fn rows_alone<T: Real>(x: &[T], w: &[T], k: usize, y: &mut [T], n: usize) {
    for (x, y) in x.chunks_exact(k).zip(y.chunks_exact_mut(n)) {
        y.iter_mut().zip(w.chunks_exact(k)).for_each(|(y, w)| *y = *y + dot(x, w));
    }
}

/// Takes `w` by panels of `W` of its rows, each packed into `panel` before rows
/// are multiplied by it.
#[inline(always)]
fn block<T: Real, const W: usize>(product: Product<'_, T>, y: &mut [T], panel: &mut [T]) {
    let Product { x, w, k, n } = product;
    let panel = panel.as_chunks_mut::<W>().0.get_mut(..k).unwrap_or_default();
    for (index, columns) in w.chunks(k.saturating_mul(W)).enumerate().take(n.div_ceil(W)) {
        pack(columns, k, panel);
        tile(x, k, panel, y, n, index * W);
    }
}

/// Up to `W` rows of `k` numbers as columns of `panel`, with zeros where there
/// are fewer.
#[inline(always)]
fn pack<T: Real, const W: usize>(rows: &[T], k: usize, panel: &mut [[T; W]]) {
    if rows.len() < k.saturating_mul(W) {
        panel.iter_mut().for_each(|packed| *packed = [T::default(); W]);
    }
    for (lane, row) in rows.chunks_exact(k).enumerate() {
        for (packed, number) in panel.iter_mut().zip(row) {
            if let Some(place) = packed.get_mut(lane) {
                *place = *number;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Number, naive};
    use super::*;

    fn numbers(length: usize, seed: usize) -> Vec<f64> {
        (0..length).map(|i| f64::from(((i * 7 + seed) * 31 % 17) as u8) - 8.0).collect()
    }

    fn is_as_naive(rows: usize, k: usize, n: usize) {
        let (x, w) = (numbers(rows * k, 1), numbers(k * n, 2));
        let across: Vec<f64> = (0..n * k).map(|i| w[i % k * n + i / k]).collect();
        let mut expected = numbers(rows * n, 3);
        let (mut y, mut alone) = (expected.clone(), expected.clone());
        let narrow = |values: &[f64]| values.iter().map(|&x| x as f32).collect::<Vec<_>>();
        let mut y32 = narrow(&expected);
        naive::multiply(Product { x: &x, w: &w, k, n }, &mut expected);
        let product = Product { x: &x, w: &across, k, n };
        f64::multiply_transposed(product, &mut y, &mut vec![0.0; f64::panel_length(rows, k)]);
        f64::multiply_transposed(product, &mut alone, &mut []);
        assert_eq!(y, expected, "{rows} x {k} x {n}");
        assert_eq!(alone, expected, "{rows} x {k} x {n} without a panel");
        let product = Product { x: &narrow(&x), w: &narrow(&across), k, n };
        f32::multiply_transposed(product, &mut y32, &mut vec![0.0; f32::panel_length(rows, k)]);
        assert_eq!(y32, narrow(&expected), "{rows} x {k} x {n} in float32");
    }

    #[test]
    fn is_as_naive_at_every_edge() {
        for rows in [0, 1, 2, FEW - 1, FEW, FEW + 1, ROWS, ROWS + 1] {
            for k in [0, 1, 2, 7, 8, 9] {
                for n in [0, 1, 2, 7, 8, 9, 15, 16, 17, 33] {
                    is_as_naive(rows, k, n);
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn is_as_naive_for_any_shape(rows in 0..140usize, k in 0..40usize, n in 0..70usize) {
            is_as_naive(rows, k, n);
        }
    }

    #[test]
    fn lengths_that_do_not_fit_do_no_harm() {
        let (x, w) = ([1.0f32; 50], [1.0f32; 7]);
        for (k, n) in [(3, 5), (1, 20), (usize::MAX, 1), (1, usize::MAX), (usize::MAX, usize::MAX)] {
            f32::multiply_transposed(Product { x: &x, w: &w, k, n }, &mut [0.0; 30], &mut [0.0; 100]);
            f32::multiply_transposed(Product { x: &x, w: &w, k, n }, &mut [0.0; 30], &mut [0.0; 20_000]);
        }
    }
}
