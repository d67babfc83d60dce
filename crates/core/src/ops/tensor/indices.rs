//! Whole numbers that say where to: indices, axes, sizes.

use std::borrow::Cow;

use crate::ops::{Inputs, Scope, failed};
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{Error, Result, Shape};

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
    let mut shape = Shape::new();
    for &dim in dims {
        shape.push(super::axis::dim(dim)?);
    }
    Ok(shape)
}

/// The place that `index` names along an axis of `length`, counted from the end
/// where it is negative.
pub(crate) fn place(index: i64, length: usize) -> Result<usize> {
    let place = if index < 0 { index.saturating_add_unsigned(length as u64) } else { index };
    let place = usize::try_from(place).ok().filter(|&place| place < length);
    place.ok_or_else(|| outside(index, length))
}

/// As [`place`], of several, each times `stride`.
pub(crate) fn places(indices: &[i64], length: usize, stride: usize, scope: &mut Scope) -> Result<Vec<u32>> {
    let end = length as i64;
    let within = |index: i64| -end <= index && index < end;
    if !indices.iter().fold(true, |all, &index| all & within(index)) {
        let index = indices.iter().copied().find(|&index| !within(index));
        return Err(outside(index.unwrap_or_default(), length));
    }
    let mut places = scope.vec(indices.len())?;
    // For a negative index, the shift gives ones, so that the length is added.
    let place = |&index: &i64| (index + (index >> 63 & end)) as u32;
    places.extend(indices.iter().map(place).map(|place| place.wrapping_mul(stride as u32)));
    Ok(places)
}

fn outside(index: i64, length: usize) -> Error {
    failed(format!("index {index} is outside of an axis of length {length}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_from_either_end() {
        let places = |list: &[i64]| places(list, 3, 10, &mut Scope::default());
        assert_eq!(places(&[0, 2, -1, -3]).unwrap(), [0, 20, 20, 0]);
        for outside in [3, -4, i64::MAX, i64::MIN] {
            let error = places(&[0, outside]).unwrap_err();
            assert_eq!(error.message(), format!("index {outside} is outside of an axis of length 3"));
            assert!(place(outside, 3).is_err());
        }
    }
}
