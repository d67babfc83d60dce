//! Numbers of any type as one type, for operators that calculate in it.

use std::borrow::Cow;

use edgeinfer_kernels::Half;

use super::{Scope, failed};
use crate::native::Native;
use crate::small::Rounding;
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{ElementType, Result, SmallType, TensorData};

/// The elements of `tensor` as float32: as they lie where they are, otherwise
/// converted into a buffer of `scope`, which [`Scope::keep_cow`] takes back.
///
/// # Errors
///
/// [`ErrorKind::InferenceFailed`](crate::ErrorKind::InferenceFailed) for
/// strings.
pub(crate) fn floats<'a>(tensor: &TensorRef<'a>, scope: &mut Scope) -> Result<Cow<'a, [f32]>> {
    match tensor.data {
        DataRef::Float32(values) => Ok(Cow::Borrowed(values)),
        DataRef::Float64(values) => converted(values, scope, |x| x as f32),
        DataRef::UInt64(values) => converted(values, scope, |x| x as f32),
        DataRef::Float16(bits) => widened(bits, Half::Float16, scope),
        DataRef::BFloat16(bits) => widened(bits, Half::BFloat16, scope),
        DataRef::Small(small, elements) => converted(elements, scope, |x| small.widen(x)),
        _ => {
            let ints = ints_wrapping(tensor, scope)?;
            let floats = converted(&ints, scope, |x| x as f32);
            scope.keep_cow(ints);
            floats
        }
    }
}

/// The elements of `tensor` as float64; otherwise as [`floats`].
///
/// # Errors
///
/// As [`floats`].
pub(crate) fn doubles<'a>(tensor: &TensorRef<'a>, scope: &mut Scope) -> Result<Cow<'a, [f64]>> {
    match tensor.data {
        DataRef::Float64(values) => Ok(Cow::Borrowed(values)),
        DataRef::Float32(values) => converted(values, scope, f64::from),
        DataRef::UInt64(values) => converted(values, scope, |x| x as f64),
        DataRef::Float16(_) | DataRef::BFloat16(_) | DataRef::Small(..) => {
            let floats = floats(tensor, scope)?;
            let doubles = converted(&floats, scope, f64::from);
            scope.keep_cow(floats);
            doubles
        }
        _ => {
            let ints = ints_wrapping(tensor, scope)?;
            let doubles = converted(&ints, scope, |x| x as f64);
            scope.keep_cow(ints);
            doubles
        }
    }
}

fn widened<'a>(bits: &[u16], half: Half, scope: &mut Scope) -> Result<Cow<'a, [f32]>> {
    let mut widened = scope.vec(bits.len())?;
    half.widen_into(bits, &mut widened);
    Ok(Cow::Owned(widened))
}

fn converted<'a, T: Copy, U: Native + Copy>(
    values: &[T],
    scope: &mut Scope,
    convert: impl Fn(T) -> U,
) -> Result<Cow<'a, [U]>> {
    let mut converted = scope.vec(values.len())?;
    converted.extend(values.iter().map(|&x| convert(x)));
    Ok(Cow::Owned(converted))
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
    match tensor.data {
        DataRef::Int64(values) => Ok(Cow::Borrowed(values)),
        DataRef::Int8(values) => converted(values, scope, i64::from),
        DataRef::Int16(values) => converted(values, scope, i64::from),
        DataRef::Int32(values) => converted(values, scope, i64::from),
        DataRef::UInt8(values) => converted(values, scope, i64::from),
        DataRef::UInt16(values) => converted(values, scope, i64::from),
        DataRef::UInt32(values) => converted(values, scope, i64::from),
        DataRef::UInt64(values) => converted(values, scope, |x| x as i64),
        DataRef::Bool(values) => converted(values, scope, i64::from),
        DataRef::Small(SmallType::Int4 | SmallType::Int2, elements) => {
            converted(elements, scope, |x| i64::from(x.cast_signed()))
        }
        DataRef::Small(SmallType::UInt4 | SmallType::UInt2, elements) => {
            converted(elements, scope, i64::from)
        }
        other => Err(failed(format!("elements of type {} are not supported", other.element_type()))),
    }
}

/// `values` as elements of `element`, a floating-point type of 32 bits or fewer.
///
/// # Errors
///
/// [`ErrorKind::InferenceFailed`](crate::ErrorKind::InferenceFailed) where they
/// do not fit into memory, or for another type.
pub(crate) fn from_floats(
    values: Vec<f32>,
    element: ElementType,
    rounding: Rounding,
    scope: &mut Scope,
) -> Result<TensorData> {
    let data = match (element, SmallType::of(element)) {
        (ElementType::Float32, _) => return Ok(TensorData::Float32(values)),
        (ElementType::Float16, _) => TensorData::Float16(narrowed(&values, Half::Float16, scope)?),
        (ElementType::BFloat16, _) => TensorData::BFloat16(narrowed(&values, Half::BFloat16, scope)?),
        (_, Some(small)) => {
            let elements = converted(&values, scope, |x| small.narrow(x, rounding))?;
            TensorData::Small(small, elements.into_owned())
        }
        (other, None) => return Err(failed(format!("elements of type {other} are no small numbers"))),
    };
    scope.keep(values);
    Ok(data)
}

fn narrowed(values: &[f32], half: Half, scope: &mut Scope) -> Result<Vec<u16>> {
    let mut bits = scope.vec(values.len())?;
    half.narrow_into(values, &mut bits);
    Ok(bits)
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
        ElementType::Int8 => wrapped(values, scope, |x| x as i8),
        ElementType::Int16 => wrapped(values, scope, |x| x as i16),
        ElementType::Int32 => wrapped(values, scope, |x| x as i32),
        ElementType::Int64 => wrapped(values, scope, |x| x),
        ElementType::UInt8 => wrapped(values, scope, |x| x as u8),
        ElementType::UInt16 => wrapped(values, scope, |x| x as u16),
        ElementType::UInt32 => wrapped(values, scope, |x| x as u32),
        ElementType::UInt64 => wrapped(values, scope, |x| x as u64),
        ElementType::Bool => wrapped(values, scope, |x| x != 0),
        ElementType::Int4 => small(values, SmallType::Int4, scope),
        ElementType::UInt4 => small(values, SmallType::UInt4, scope),
        ElementType::Int2 => small(values, SmallType::Int2, scope),
        ElementType::UInt2 => small(values, SmallType::UInt2, scope),
        other => Err(failed(format!("elements of type {other} are no integers"))),
    }
}

fn small(values: &[i64], small: SmallType, scope: &mut Scope) -> Result<TensorData> {
    let elements = converted(values, scope, |x| small.element_of(x as u8))?;
    Ok(TensorData::Small(small, elements.into_owned()))
}

fn wrapped<T: Native + Copy>(
    values: &[i64],
    scope: &mut Scope,
    convert: impl Fn(i64) -> T,
) -> Result<TensorData> {
    Ok(T::wrap(converted(values, scope, convert)?.into_owned()))
}
