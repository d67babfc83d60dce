//! What LinearClassifier and LinearRegressor share: `X * coefficients^T +
//! intercepts`.

use super::rows::Rows;
use crate::Result;
use crate::bytes::Weights;
use crate::ops::numbers::floats;
use crate::ops::{Node, Scope};
use crate::tensor_ref::TensorRef;
use edgeinfer_kernels::Real;

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
        let (coefficients, intercepts) = (&*self.coefficients, &*self.intercepts);
        for row in values.chunks_exact(self.width) {
            let products =
                coefficients.chunks_exact(self.width).map(|coefficients| f32::dot(row, coefficients));
            if intercepts.is_empty() {
                scores.extend(products);
            } else {
                scores.extend(products.zip(intercepts).map(|(product, intercept)| product + intercept));
            }
        }
        scope.keep_cow(values);
        Ok(scores)
    }
}
