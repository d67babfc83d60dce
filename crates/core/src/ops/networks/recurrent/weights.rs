//! Products with the weights of a layer.

use crate::Result;
use crate::ops::Scope;
use crate::ops::math::matrix::transpose;
use edgeinfer_kernels::recurrent::row_products;
use edgeinfer_kernels::{Number, Product};

/// From so many rows on, a product is made of rows and transposed weights: before,
/// transposing costs more than it saves.
const MANY: usize = 8;

/// The weights of some gates: for each number of a product a row, as long as what
/// is multiplied.
pub(super) struct Weights<'a> {
    rows: &'a [f32],
    /// The transposed rows, where there is enough to multiply.
    columns: Vec<f32>,
    panel: Vec<f32>,
    length: usize,
    count: usize,
}

impl<'a> Weights<'a> {
    /// Rows of `length` numbers, made ready to multiply `times` rows at once.
    pub(super) fn new(rows: &'a [f32], length: usize, times: usize, scope: &mut Scope) -> Result<Self> {
        let count = rows.len().checked_div(length).unwrap_or(0);
        let (mut columns, mut panel) = (Vec::new(), Vec::new());
        if times >= MANY {
            columns = scope.vec(rows.len())?;
            transpose(rows, length, &mut columns);
            panel = scope.filled(f32::panel_length(times, length), 0.0)?;
        }
        Ok(Self { rows, columns, panel, length, count })
    }

    /// Puts `x · rowsᵀ` into `y`, for as many rows of `x` as said before.
    pub(super) fn multiply(&mut self, x: &[f32], y: &mut Vec<f32>) {
        y.clear();
        if self.length == 0 {
            return;
        }
        if self.columns.is_empty() {
            x.chunks_exact(self.length).for_each(|x| row_products(x, self.rows, y));
        } else {
            y.resize(x.len() / self.length * self.count, 0.0);
            let product = Product { x, w: &self.columns, k: self.length, n: self.count };
            f32::multiply(product, y, &mut self.panel);
        }
    }

    pub(super) fn recycle(self, scope: &mut Scope) {
        scope.keep(self.columns);
        scope.keep(self.panel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiplies_few_rows_as_many() {
        let rows: Vec<_> = (0..15).map(|i| (i % 7) as f32 - 3.0).collect();
        for count in [0, 1, MANY - 1, MANY, MANY + 1, 70] {
            let x: Vec<_> = (0..count * 3).map(|i| (i % 5) as f32 - 2.0).collect();
            let mut expected = Vec::new();
            for x in x.chunks_exact(3) {
                expected.extend(
                    rows.chunks_exact(3).map(|row| row.iter().zip(x).map(|(a, b)| a * b).sum::<f32>()),
                );
            }
            let (mut scope, mut y) = (Scope::default(), Vec::new());
            Weights::new(&rows, 3, count, &mut scope).unwrap().multiply(&x, &mut y);
            assert_eq!(y, expected, "{count} rows");
        }
    }

    #[test]
    fn nothing_has_a_product() {
        let mut y = vec![1.0];
        Weights::new(&[], 0, 9, &mut Scope::default()).unwrap().multiply(&[], &mut y);
        assert!(y.is_empty());
    }
}
