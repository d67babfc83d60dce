use super::super::tensor::axis::{axis, count};
use super::super::tensor::layout::Layout;
use crate::ops::{Scope, failed};
use crate::tensor_ref::TensorRef;
use crate::{Result, Tensor};

/// How an input is taken apart.
pub(super) struct Scanned {
    pub(super) axis: i64,
    /// Whether the first iteration takes the last place.
    pub(super) backwards: bool,
}

/// An input that is taken apart, with the axis along which it is as the first.
pub(super) enum Source<'a> {
    Given(TensorRef<'a>),
    Moved(Tensor),
}

impl<'a> Source<'a> {
    pub(super) fn new(tensor: TensorRef<'a>, how: &Scanned, scope: &mut Scope) -> Result<Self> {
        let at = axis(how.axis, tensor.shape.len())?;
        if at == 0 {
            return Ok(Self::Given(tensor));
        }
        let mut layout = Layout::dense(tensor.shape);
        layout.move_axis(at, 0);
        Ok(Self::Moved(layout.tensor(tensor, scope)?))
    }

    fn view(&self) -> TensorRef<'_> {
        match self {
            Self::Given(tensor) => *tensor,
            Self::Moved(tensor) => tensor.into(),
        }
    }

    /// The number of parts.
    pub(super) fn length(&self) -> usize {
        self.view().shape.first().copied().unwrap_or_default()
    }

    pub(super) fn at(&self, place: usize) -> Result<TensorRef<'_>> {
        part(self.view(), place)
    }

    pub(super) fn recycle(self, scope: &mut Scope) {
        if let Self::Moved(tensor) = self {
            scope.recycle(tensor.into());
        }
    }
}

/// The part of `tensor` at `place` of its first axis.
pub(super) fn part(tensor: TensorRef<'_>, place: usize) -> Result<TensorRef<'_>> {
    let shape = tensor.shape.get(1..).unwrap_or_default();
    let size = count(shape)?;
    let start = place.saturating_mul(size);
    let data = tensor.data.part(start..start.saturating_add(size));
    Ok(TensorRef { shape, data: data.ok_or_else(|| failed(format!("there is no place {place}")))? })
}
