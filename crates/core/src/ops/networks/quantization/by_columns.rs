//! Products with a matrix of which some columns at a time become numbers.

use edgeinfer_kernels::{Number, Product};

use crate::Result;
use crate::ops::{Scope, failed};

/// The columns whose numbers are made at a time, while they are near.
const COLUMNS: usize = 64;

/// Puts `x`, `[rows, k]`, times a matrix `[k, n]` into `y`; `numbers` makes a
/// column of it.
pub(super) fn multiply(
    x: &[f32],
    [k, n]: [usize; 2],
    numbers: &mut dyn FnMut(usize, &mut [f32]),
    y: &mut [f32],
    scope: &mut Scope,
) -> Result<()> {
    let rows = x.len() / k.max(1);
    let length = COLUMNS.min(n).checked_mul(k).ok_or_else(|| failed("K is too large"))?;
    let mut w = scope.zeros(length)?;
    let mut sums = scope.zeros(COLUMNS.min(n).saturating_mul(rows))?;
    let mut panel = scope.zeros(f32::panel_length(rows, k))?;
    for start in (0..n).step_by(COLUMNS) {
        let count = COLUMNS.min(n - start);
        let w = w.get_mut(..count * k).unwrap_or_default();
        let sums = sums.get_mut(..count * rows).unwrap_or_default();
        w.chunks_exact_mut(k.max(1)).zip(start..).for_each(|(w, column)| numbers(column, w));
        sums.fill(0.0);
        f32::multiply_transposed(Product { x, w, k, n: count }, sums, &mut panel);
        for (y, sums) in y.chunks_exact_mut(n).zip(sums.chunks_exact(count)) {
            y.iter_mut().skip(start).zip(sums).for_each(|(y, sum)| *y = *sum);
        }
    }
    scope.keep(w);
    scope.keep(sums);
    scope.keep(panel);
    Ok(())
}
