//! Rows that are normalised one by one, and what they are scaled and shifted by.

use std::borrow::Cow;

use edgeinfer_kernels::{Moments, Normalize};

use crate::native::Native;
use crate::ops::broadcast::Broadcast;
use crate::ops::{Scope, failed};
use crate::tensor_ref::TensorRef;
use crate::{Error, Result};

/// Numbers that are normalised.
pub(super) trait Real: Normalize + Native + From<f32> {
    fn narrow(self) -> f32;

    /// One over the deviation that this is one over, with `epsilon` added to it.
    fn widened(self, epsilon: f32) -> Self;
}

macro_rules! real {
    ($($type:ty),+) => {
        $(impl Real for $type {
            fn narrow(self) -> f32 {
                self as f32
            }

            fn widened(self, epsilon: f32) -> Self {
                1.0 / (1.0 / self + Self::from(epsilon))
            }
        })+
    };
}

real!(f32, f64);

/// How every row is normalised: `scale`, and `bias` where it is not empty, have a
/// number for each column.
pub(super) struct Rows<'a, T> {
    /// Whether the mean is taken off.
    pub(super) centred: bool,
    pub(super) epsilon: T,
    pub(super) scale: &'a [T],
    pub(super) bias: &'a [T],
}

impl<T: Real> Rows<'_, T> {
    /// The normalised rows of `x`; `moments` gets those of each row.
    pub(super) fn of(
        &self,
        x: &[T],
        moments: &mut dyn FnMut(Moments<T>),
        scope: &mut Scope,
    ) -> Result<Vec<T>> {
        let size = self.scale.len().max(1);
        let mut y = scope.zeros(x.len())?;
        for (x, y) in x.chunks_exact(size).zip(y.chunks_exact_mut(size)) {
            let row = T::moments(x, self.centred, self.epsilon);
            T::by_column(x, row, self.scale, self.bias, y);
            moments(row);
        }
        Ok(y)
    }
}

/// The elements of `tensor`, which an error calls `name`, stretched to `dims`.
pub(super) fn stretched<'a, T: Native + Copy>(
    name: &str,
    tensor: &TensorRef<'a>,
    dims: &[usize],
    scope: &mut Scope,
) -> Result<Cow<'a, [T]>> {
    let elements = tensor.read::<T>().ok_or_else(|| wrong_type(name, T::TYPE, tensor))?;
    // More dimensions than those that are normalised have to be 1.
    let surplus = tensor.shape.len().saturating_sub(dims.len());
    let (before, own) = tensor.shape.split_at(surplus);
    let misfit = || failed(format!("{name} of shape {:?} cannot be stretched to {dims:?}", tensor.shape));
    if before.iter().any(|dim| *dim != 1) {
        return Err(misfit());
    }
    if own == dims {
        return Ok(Cow::Borrowed(elements));
    }
    let broadcast = Broadcast::new(&[own, dims]).map_err(|_| misfit())?;
    if broadcast.shape.as_slice() != dims {
        return Err(misfit());
    }
    let mut stretched = scope.vec(broadcast.len())?;
    for [start, ..] in broadcast.runs() {
        let run = elements.get(start..).unwrap_or_default();
        match broadcast.steps {
            [0, ..] => stretched.extend(run.iter().take(1).cycle().take(broadcast.run)),
            _ => stretched.extend(run.iter().take(broadcast.run)),
        }
    }
    Ok(Cow::Owned(stretched))
}

#[cold]
pub(super) fn wrong_type(name: &str, expected: crate::ElementType, tensor: &TensorRef<'_>) -> Error {
    failed(format!("{name}: expected {expected} elements, got {}", tensor.element_type()))
}

/// `tensor` cannot be normalised.
#[cold]
pub(super) fn no_fractions(tensor: &TensorRef<'_>) -> Error {
    failed(format!("expected float32 or float64 elements, got {}", tensor.element_type()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::f32s;

    #[test]
    fn stretches_what_can_be_stretched() {
        let stretch = |shape: &[usize], values: &[f32], dims: &[usize]| {
            let tensor = f32s(shape, values);
            let tensor = TensorRef::from(&tensor);
            stretched::<f32>("scale", &tensor, dims, &mut Scope::default()).map(Cow::into_owned)
        };
        assert_eq!(stretch(&[2], &[1.0, 2.0], &[2]).unwrap(), [1.0, 2.0]);
        assert_eq!(stretch(&[1, 1, 2], &[1.0, 2.0], &[2, 2]).unwrap(), [1.0, 2.0, 1.0, 2.0]);
        assert_eq!(stretch(&[2, 1], &[1.0, 2.0], &[2, 2]).unwrap(), [1.0, 1.0, 2.0, 2.0]);
        assert_eq!(stretch(&[], &[3.0], &[3]).unwrap(), [3.0; 3]);
        let error = stretch(&[2], &[1.0, 2.0], &[3]).unwrap_err();
        assert_eq!(error.message(), "scale of shape [2] cannot be stretched to [3]");
        assert!(stretch(&[2, 1], &[1.0, 2.0], &[1]).is_err());
        assert!(stretch(&[3], &[1.0; 3], &[1]).is_err());
    }
}
