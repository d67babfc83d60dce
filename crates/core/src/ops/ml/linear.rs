//! What LinearClassifier and LinearRegressor share: `X * coefficients^T +
//! intercepts`.

use super::rows::Rows;
use crate::Result;
use crate::bytes::Weights;
use crate::ops::numbers::floats;
use crate::ops::{Node, Scope};
use crate::tensor_ref::TensorRef;
use edgeinfer_kernels::dots;

/// A row of coefficients for each number that comes out.
pub(super) struct Linear {
    coefficients: Weights<f32>,
    /// As many as numbers come out, or none at all.
    intercepts: Weights<f32>,
    outputs: usize,
    width: usize,
}

impl Linear {
    /// # Errors
    ///
    /// [`ErrorKind::InvalidModel`](crate::ErrorKind::InvalidModel) where the
    /// coefficients are not `outputs` rows of the same length.
    pub(super) fn of(node: &Node<'_>, outputs: usize, intercepts: Weights<f32>) -> Result<Self> {
        let coefficients = node.floats("coefficients")?;
        let width = coefficients.len().checked_div(outputs).unwrap_or_default();
        if width == 0 || width.checked_mul(outputs) != Some(coefficients.len()) {
            let got = coefficients.len();
            return Err(
                node.invalid(format_args!("expected {outputs} rows of coefficients, got {got} numbers"))
            );
        }
        Ok(Self { coefficients, intercepts, outputs, width })
    }

    /// The numbers that come out for each row of X, which may be of any numbers.
    pub(super) fn scores(&self, x: &TensorRef<'_>, rows: &Rows, scope: &mut Scope) -> Result<Vec<f32>> {
        rows.expect(self.width)?;
        let values = floats(x, scope)?;
        let mut scores = scope.vec(rows.count.saturating_mul(self.outputs))?;
        for row in values.chunks_exact(self.width) {
            dots(row, &self.coefficients, &mut scores);
        }
        for row in scores.chunks_exact_mut(self.outputs) {
            row.iter_mut().zip(&*self.intercepts).for_each(|(score, intercept)| *score += intercept);
        }
        scope.keep_cow(values);
        Ok(scores)
    }
}
