//! Whole numbers that say where to: indices, axes, sizes.

use std::borrow::Cow;

use crate::ops::{Inputs, Scope, failed};
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{Result, Shape};

/// The elements of an int64 or int32 tensor; [`Scope::keep_cow`] takes them
/// back.
pub(crate) fn whole<'a>(tensor: &TensorRef<'a>, scope: &mut Scope) -> Result<Cow<'a, [i64]>> {
    match tensor.data {
        DataRef::Int64(values) => Ok(Cow::Borrowed(values)),
        DataRef::Int32(values) => {
            let mut wide = scope.vec(values.len())?;
            wide.extend(values.iter().map(|&value| i64::from(value)));
            Ok(Cow::Owned(wide))
        }
        _ => Err(failed(format!("expected int64 or int32 elements, got {}", tensor.element_type()))),
    }
}

/// As [`whole`], of input `index`, where it is not left out.
pub(crate) fn optional<'a>(
    inputs: &Inputs<'a>,
    index: usize,
    scope: &mut Scope,
) -> Result<Option<Cow<'a, [i64]>>> {
    let Some(tensor) = inputs.optional(index)? else { return Ok(None) };
    let values = whole(&tensor, scope);
    values.map(Some).map_err(|error| failed(format!("input {index}: {}", error.message())))
}

/// The only element of an int64 or int32 tensor, which is input `index`.
pub(crate) fn single(inputs: &Inputs<'_>, index: usize) -> Result<i64> {
    match inputs.tensor(index)?.data {
        DataRef::Int64(&[value]) => Ok(value),
        DataRef::Int32(&[value]) => Ok(i64::from(value)),
        data => {
            let (got, length) = (data.element_type(), data.len());
            Err(failed(format!("input {index}: expected one int64 or int32, got {length} of type {got}")))
        }
    }
}

/// The shape that a tensor gives.
pub(crate) fn shape(dims: &[i64]) -> Result<Shape> {
    dims.iter().map(|&dim| super::axis::dim(dim)).collect()
}

/// The place that `index` names along an axis of `length`, counted from the end
/// where it is negative.
pub(crate) fn place(index: i64, length: usize) -> Result<usize> {
    let place = if index < 0 { index.saturating_add_unsigned(length as u64) } else { index };
    let place = usize::try_from(place).ok().filter(|&place| place < length);
    place.ok_or_else(|| failed(format!("index {index} is outside of an axis of length {length}")))
}
