//! Products with the weights of a layer.

use super::real::Real;
use crate::Result;
use crate::ops::Scope;

/// From so many rows on, a product is made with packed weights: before, packing them
/// costs more than it saves.
const MANY: usize = 8;

/// The weights of some gates: for each number of a product a row, as long as what
/// is multiplied.
pub(super) struct Weights<'a, T> {
    rows: &'a [T],
    /// The rows packed, where there is enough to multiply.
    panels: Vec<T>,
    length: usize,
    count: usize,
}

impl<'a, T: Real> Weights<'a, T> {
    /// Rows of `length` numbers, made ready to multiply `times` rows at once.
    pub(super) fn new(rows: &'a [T], length: usize, times: usize, scope: &mut Scope) -> Result<Self> {
        let count = rows.len().checked_div(length).unwrap_or(0);
        let mut panels = Vec::new();
        if times >= MANY && count > 0 {
            panels = scope.any(T::panels_length(length, count))?;
            T::pack(rows, (length, count), &mut panels);
        }
        Ok(Self { rows, panels, length, count })
    }

    /// Puts `x · rowsᵀ` into `y`.
    pub(super) fn multiply(&self, x: &[T], y: &mut Vec<T>) {
        if self.length == 0 {
            y.clear();
        } else if self.panels.is_empty() {
            y.clear();
            x.chunks_exact(self.length).for_each(|x| T::row_products(x, self.rows, y));
        } else {
            y.resize(x.len() / self.length * self.count, T::default());
            T::multiply_packed(&self.panels, (self.length, self.count), x, y);
        }
    }

    pub(super) fn recycle(self, scope: &mut Scope) {
        scope.keep(self.panels);
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
        Weights::<f32>::new(&[], 0, 9, &mut Scope::default()).unwrap().multiply(&[], &mut y);
        assert!(y.is_empty());
    }
}
