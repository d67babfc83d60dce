//! Numbers of any type as one type, for operators that calculate in it.

use std::borrow::Cow;

use super::{Scope, failed};
use crate::Result;
use crate::tensor_ref::{DataRef, TensorRef};

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
