//! X of the operators that take rows of features.

use crate::ops::failed;
use crate::tensor_ref::TensorRef;
use crate::{Result, Shape};

/// How many rows there are, of how many features each: one row where X has one
/// dimension.
pub(super) struct Rows {
    pub(super) count: usize,
    pub(super) width: usize,
}

impl Rows {
    pub(super) fn of(x: &TensorRef<'_>) -> Result<Self> {
        match *x.shape {
            [width] => Ok(Self { count: 1, width }),
            [count, width] => Ok(Self { count, width }),
            _ => Err(failed(format!("expected X of one or two dimensions, got shape {:?}", x.shape))),
        }
    }

    /// Checks that a row has as many features as the node has weights for.
    pub(super) fn expect(&self, width: usize) -> Result<()> {
        if self.width == width {
            return Ok(());
        }
        Err(failed(format!("expected {width} features, got {}", self.width)))
    }

    /// The shape of a result of `width` numbers a row.
    pub(super) fn shape(&self, width: usize) -> Shape {
        Shape::from_slice(&[self.count, width])
    }
}
