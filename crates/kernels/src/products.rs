//! Products of matrices of float32 whose right side lies in memory.

use super::Product;
use super::dot::dot;
use super::gemm::FEW;
use super::gemv::gemv;
use super::panels::{self, Columns, DEPTH, Start, WIDE, WIDTH};

/// The most panels that are packed together, and for how many rows one more pays.
const MOST: usize = 4;
const ROWS: usize = 64;

/// As [`Number::panel_length`](super::Number::panel_length).
pub(crate) fn panel_length(rows: usize, k: usize) -> usize {
    if rows < FEW { 0 } else { k.min(DEPTH) * WIDE * rows.div_ceil(ROWS).min(MOST) }
}

/// As [`gemm`](super::gemm::gemm).
pub(crate) fn multiply(product: Product<'_, f32>, y: &mut [f32], panel: &mut [f32]) {
    let Product { x, w, k, n } = product;
    if k == 0 || n == 0 {
        return;
    }
    let rows = (x.len() / k).min(y.len() / n);
    if n == 1 || rows < FEW || panel.len() < panel_length(FEW, k) {
        x.chunks_exact(k).zip(y.chunks_exact_mut(n)).for_each(|(x, y)| gemv(x, w, y));
    } else {
        by_panels(whole(x, k, rows), (k, n), &mut Down { w, n }, y, panel);
    }
}

/// As [`gemm_transposed`](super::gemm_transposed::gemm_transposed).
pub(crate) fn multiply_transposed(product: Product<'_, f32>, y: &mut [f32], panel: &mut [f32]) {
    let Product { x, w, k, n } = product;
    if k == 0 || n == 0 {
        return;
    }
    let rows = (x.len() / k).min(y.len() / n);
    if rows < FEW || panel.len() < panel_length(FEW, k) {
        for (x, y) in x.chunks_exact(k).zip(y.chunks_exact_mut(n)) {
            y.iter_mut().zip(w.chunks_exact(k)).for_each(|(y, w)| *y += dot(x, w));
        }
    } else {
        by_panels(whole(x, k, rows), (k, n), &mut Across { w, k }, y, panel);
    }
}

/// By panels that leave little over: twelve columns are faster than sixteen, but
/// not by an eighth.
fn by_panels<C: Columns + Columns<WIDE>>(
    x: &[f32],
    (k, n): (usize, usize),
    w: &mut C,
    y: &mut [f32],
    scratch: &mut [f32],
) {
    if n.next_multiple_of(WIDE) <= n.next_multiple_of(WIDTH) / 9 * 8 {
        panels::multiply_wide(x, (k, n), w, y, scratch);
    } else {
        panels::multiply(x, (k, n), w, Start::Sums, y, scratch);
    }
}

fn whole(x: &[f32], k: usize, rows: usize) -> &[f32] {
    x.get(..rows * k).unwrap_or_default()
}

/// A right side `[k, n]`.
pub(crate) struct Down<'a> {
    pub(crate) w: &'a [f32],
    pub(crate) n: usize,
}

impl<const W: usize> Columns<W> for Down<'_> {
    fn fill(&mut self, row: usize, column: usize, panel: &mut [[f32; W]]) {
        let rows = self.w.chunks_exact(self.n).skip(row).map(|row| row.get(column..).unwrap_or_default());
        for (packed, row) in panel.iter_mut().zip(rows) {
            match row.first_chunk() {
                Some(row) => *packed = *row,
                None => packed.iter_mut().zip(row).for_each(|(packed, w)| *packed = *w),
            }
        }
    }

    fn finish(&mut self, _: usize, _: usize, _: &mut [f32]) {}
}

/// A right side whose columns are the rows of `[n, k]`.
pub(crate) struct Across<'a> {
    pub(crate) w: &'a [f32],
    pub(crate) k: usize,
}

impl<const W: usize> Columns<W> for Across<'_> {
    fn fill(&mut self, row: usize, column: usize, panel: &mut [[f32; W]]) {
        let columns = self.w.chunks_exact(self.k).skip(column).take(W);
        for (lane, column) in columns.enumerate() {
            for (packed, w) in panel.iter_mut().zip(column.get(row..).unwrap_or_default()) {
                if let Some(place) = packed.get_mut(lane) {
                    *place = *w;
                }
            }
        }
    }

    fn finish(&mut self, _: usize, _: usize, _: &mut [f32]) {}
}
