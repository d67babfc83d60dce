//! Numbers of any type as one type, for operators that calculate in it.

use std::borrow::Cow;

use super::{Scope, failed};
use crate::native::Native;
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{ElementType, Result, TensorData};

/// The elements of `tensor` as float32: as they lie where they are, otherwise
/// converted into a buffer of `scope`, which [`Scope::keep_cow`] takes back.
///
/// # Errors
///
/// [`ErrorKind::InferenceFailed`](crate::ErrorKind::InferenceFailed) for
/// strings.
pub(crate) fn floats<'a>(tensor: &TensorRef<'a>, scope: &mut Scope) -> Result<Cow<'a, [f32]>> {
    let mut floats = match tensor.data {
        DataRef::Float32(values) => return Ok(Cow::Borrowed(values)),
        _ => scope.vec(tensor.len())?,
    };
    match tensor.data {
        DataRef::Float32(v) => floats.extend_from_slice(v),
        DataRef::Float64(v) => floats.extend(v.iter().map(|&x| x as f32)),
        DataRef::Int8(v) => floats.extend(v.iter().map(|&x| f32::from(x))),
        DataRef::Int16(v) => floats.extend(v.iter().map(|&x| f32::from(x))),
        DataRef::Int32(v) => floats.extend(v.iter().map(|&x| x as f32)),
        DataRef::Int64(v) => floats.extend(v.iter().map(|&x| x as f32)),
        DataRef::UInt8(v) => floats.extend(v.iter().map(|&x| f32::from(x))),
        DataRef::UInt16(v) => floats.extend(v.iter().map(|&x| f32::from(x))),
        DataRef::UInt32(v) => floats.extend(v.iter().map(|&x| x as f32)),
        DataRef::UInt64(v) => floats.extend(v.iter().map(|&x| x as f32)),
        DataRef::Bool(v) => floats.extend(v.iter().map(|&x| f32::from(u8::from(x)))),
        DataRef::String(_) => return Err(failed("expected numbers, got string elements")),
    }
    Ok(Cow::Owned(floats))
}

/// The elements of `tensor` as float64; otherwise as [`floats`].
///
/// # Errors
///
/// As [`floats`].
pub(crate) fn doubles<'a>(tensor: &TensorRef<'a>, scope: &mut Scope) -> Result<Cow<'a, [f64]>> {
    let mut doubles = match tensor.data {
        DataRef::Float64(values) => return Ok(Cow::Borrowed(values)),
        _ => scope.vec(tensor.len())?,
    };
    match tensor.data {
        DataRef::Float32(v) => doubles.extend(v.iter().map(|&x| f64::from(x))),
        DataRef::Float64(v) => doubles.extend_from_slice(v),
        DataRef::Int8(v) => doubles.extend(v.iter().map(|&x| f64::from(x))),
        DataRef::Int16(v) => doubles.extend(v.iter().map(|&x| f64::from(x))),
        DataRef::Int32(v) => doubles.extend(v.iter().map(|&x| f64::from(x))),
        DataRef::Int64(v) => doubles.extend(v.iter().map(|&x| x as f64)),
        DataRef::UInt8(v) => doubles.extend(v.iter().map(|&x| f64::from(x))),
        DataRef::UInt16(v) => doubles.extend(v.iter().map(|&x| f64::from(x))),
        DataRef::UInt32(v) => doubles.extend(v.iter().map(|&x| f64::from(x))),
        DataRef::UInt64(v) => doubles.extend(v.iter().map(|&x| x as f64)),
        DataRef::Bool(v) => doubles.extend(v.iter().map(|&x| f64::from(u8::from(x)))),
        DataRef::String(_) => return Err(failed("expected numbers, got string elements")),
    }
    Ok(Cow::Owned(doubles))
}

/// The elements of a tensor of integers or truth values as int64; otherwise as
/// [`floats`]. Every integer type is calculated with in int64, and
/// [`integers`] brings the result back.
///
/// # Errors
///
/// [`ErrorKind::InferenceFailed`](crate::ErrorKind::InferenceFailed) for other
/// elements, and for uint64 beyond the largest int64.
pub(crate) fn ints<'a>(tensor: &TensorRef<'a>, scope: &mut Scope) -> Result<Cow<'a, [i64]>> {
    if let DataRef::UInt64(values) = tensor.data
        && values.iter().any(|&x| i64::try_from(x).is_err())
    {
        return Err(failed("uint64 numbers beyond the largest int64 are not calculated with"));
    }
    ints_wrapping(tensor, scope)
}

/// As [`ints`], but uint64 beyond the largest int64 is the negative number of
/// the same bits.
///
/// # Errors
///
/// As [`ints`].
pub(crate) fn ints_wrapping<'a>(tensor: &TensorRef<'a>, scope: &mut Scope) -> Result<Cow<'a, [i64]>> {
    let mut ints = match tensor.data {
        DataRef::Int64(values) => return Ok(Cow::Borrowed(values)),
        _ => scope.vec(tensor.len())?,
    };
    match tensor.data {
        DataRef::Int8(v) => ints.extend(v.iter().map(|&x| i64::from(x))),
        DataRef::Int16(v) => ints.extend(v.iter().map(|&x| i64::from(x))),
        DataRef::Int32(v) => ints.extend(v.iter().map(|&x| i64::from(x))),
        DataRef::Int64(v) => ints.extend_from_slice(v),
        DataRef::UInt8(v) => ints.extend(v.iter().map(|&x| i64::from(x))),
        DataRef::UInt16(v) => ints.extend(v.iter().map(|&x| i64::from(x))),
        DataRef::UInt32(v) => ints.extend(v.iter().map(|&x| i64::from(x))),
        DataRef::UInt64(v) => ints.extend(v.iter().map(|&x| x as i64)),
        DataRef::Bool(v) => ints.extend(v.iter().map(|&x| i64::from(x))),
        other => return Err(failed(format!("elements of type {} are not supported", other.element_type()))),
    }
    Ok(Cow::Owned(ints))
}

/// `values` as elements of `element`, an integer type or bool; what does not
/// fit wraps around, and every number but 0 is true.
///
/// # Errors
///
/// [`ErrorKind::InferenceFailed`](crate::ErrorKind::InferenceFailed) where they
/// do not fit into memory, or for another type.
pub(crate) fn integers(
    values: Cow<'_, [i64]>,
    element: ElementType,
    scope: &mut Scope,
) -> Result<TensorData> {
    match (element, values) {
        (ElementType::Int64, Cow::Owned(values)) => Ok(TensorData::Int64(values)),
        (_, values) => {
            let data = narrow(&values, element, scope)?;
            scope.keep_cow(values);
            Ok(data)
        }
    }
}

fn narrow(values: &[i64], element: ElementType, scope: &mut Scope) -> Result<TensorData> {
    match element {
        ElementType::Int8 => each(values, scope, |x| x as i8),
        ElementType::Int16 => each(values, scope, |x| x as i16),
        ElementType::Int32 => each(values, scope, |x| x as i32),
        ElementType::Int64 => each(values, scope, |x| x),
        ElementType::UInt8 => each(values, scope, |x| x as u8),
        ElementType::UInt16 => each(values, scope, |x| x as u16),
        ElementType::UInt32 => each(values, scope, |x| x as u32),
        ElementType::UInt64 => each(values, scope, |x| x as u64),
        ElementType::Bool => each(values, scope, |x| x != 0),
        other => Err(failed(format!("elements of type {other} are no integers"))),
    }
}

fn each<T: Native>(values: &[i64], scope: &mut Scope, as_t: impl Fn(i64) -> T) -> Result<TensorData> {
    let mut elements = scope.vec(values.len())?;
    elements.extend(values.iter().map(|&x| as_t(x)));
    Ok(T::wrap(elements))
}
