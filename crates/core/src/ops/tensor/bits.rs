//! Elements by their size: what only moves them has code for each size, and not
//! for each type.

use bytemuck::{cast_slice, cast_slice_mut};

use crate::ops::Scope;
use crate::tensor_ref::DataRef;
use crate::{Result, TensorData};

/// Elements to be copied.
#[derive(Clone, Copy)]
pub(super) enum Bits<'a> {
    One(&'a [u8]),
    Two(&'a [u16]),
    Four(&'a [u32]),
    Eight(&'a [u64]),
    Bool(&'a [bool]),
    String(&'a [String]),
}

/// Places for elements.
pub(super) enum Places<'a> {
    One(&'a mut [u8]),
    Two(&'a mut [u16]),
    Four(&'a mut [u32]),
    Eight(&'a mut [u64]),
    Bool(&'a mut [bool]),
    String(&'a mut [String]),
}

impl<'a> From<DataRef<'a>> for Bits<'a> {
    fn from(data: DataRef<'a>) -> Self {
        match data {
            DataRef::Float32(v) => Self::Four(cast_slice(v)),
            DataRef::Float64(v) => Self::Eight(cast_slice(v)),
            DataRef::Int8(v) => Self::One(cast_slice(v)),
            DataRef::Int16(v) => Self::Two(cast_slice(v)),
            DataRef::Int32(v) => Self::Four(cast_slice(v)),
            DataRef::Int64(v) => Self::Eight(cast_slice(v)),
            DataRef::UInt8(v) => Self::One(v),
            DataRef::UInt16(v) => Self::Two(v),
            DataRef::UInt32(v) => Self::Four(v),
            DataRef::UInt64(v) => Self::Eight(v),
            DataRef::Bool(v) => Self::Bool(v),
            DataRef::String(v) => Self::String(v),
            DataRef::Float16(v) | DataRef::BFloat16(v) => Self::Two(v),
            DataRef::Small(_, v) => Self::One(v),
        }
    }
}

impl<'a> From<&'a mut TensorData> for Places<'a> {
    fn from(data: &'a mut TensorData) -> Self {
        match data {
            TensorData::Float32(v) => Self::Four(cast_slice_mut(v)),
            TensorData::Float64(v) => Self::Eight(cast_slice_mut(v)),
            TensorData::Int8(v) => Self::One(cast_slice_mut(v)),
            TensorData::Int16(v) => Self::Two(cast_slice_mut(v)),
            TensorData::Int32(v) => Self::Four(cast_slice_mut(v)),
            TensorData::Int64(v) => Self::Eight(cast_slice_mut(v)),
            TensorData::UInt8(v) => Self::One(v),
            TensorData::UInt16(v) => Self::Two(v),
            TensorData::UInt32(v) => Self::Four(v),
            TensorData::UInt64(v) => Self::Eight(v),
            TensorData::Bool(v) => Self::Bool(v),
            TensorData::String(v) => Self::String(v),
            TensorData::Float16(v) | TensorData::BFloat16(v) => Self::Two(v),
            TensorData::Small(_, v) => Self::One(v),
        }
    }
}

/// Runs `$body` with the elements to be copied and the places for them, which
/// are of one type.
macro_rules! moving {
    ($from:expr, $to:expr, |$source:ident, $places:ident| $body:expr) => {
        match (Bits::from($from), Places::from($to)) {
            (Bits::One($source), Places::One($places)) => $body,
            (Bits::Two($source), Places::Two($places)) => $body,
            (Bits::Four($source), Places::Four($places)) => $body,
            (Bits::Eight($source), Places::Eight($places)) => $body,
            (Bits::Bool($source), Places::Bool($places)) => $body,
            (Bits::String($source), Places::String($places)) => $body,
            _ => {}
        }
    };
}
pub(super) use moving;

/// `length` places for elements like `data`, which zeros are in.
pub(super) fn places(data: DataRef<'_>, length: usize, scope: &mut Scope) -> Result<TensorData> {
    Ok(match data {
        DataRef::Float32(_) => TensorData::Float32(scope.zeros(length)?),
        DataRef::Float64(_) => TensorData::Float64(scope.zeros(length)?),
        DataRef::Int8(_) => TensorData::Int8(scope.zeros(length)?),
        DataRef::Int16(_) => TensorData::Int16(scope.zeros(length)?),
        DataRef::Int32(_) => TensorData::Int32(scope.zeros(length)?),
        DataRef::Int64(_) => TensorData::Int64(scope.zeros(length)?),
        DataRef::UInt8(_) => TensorData::UInt8(scope.zeros(length)?),
        DataRef::UInt16(_) => TensorData::UInt16(scope.zeros(length)?),
        DataRef::UInt32(_) => TensorData::UInt32(scope.zeros(length)?),
        DataRef::UInt64(_) => TensorData::UInt64(scope.zeros(length)?),
        DataRef::Bool(_) => TensorData::Bool(scope.zeros(length)?),
        DataRef::String(_) => TensorData::String(scope.zeros(length)?),
        DataRef::Float16(_) => TensorData::Float16(scope.zeros(length)?),
        DataRef::BFloat16(_) => TensorData::BFloat16(scope.zeros(length)?),
        DataRef::Small(small, _) => TensorData::Small(small, scope.zeros(length)?),
    })
}

/// A copy of all elements.
pub(crate) fn copied(source: DataRef<'_>, scope: &mut Scope) -> Result<TensorData> {
    Ok(match source {
        DataRef::Float32(v) => TensorData::Float32(scope.copy(v)?),
        DataRef::Float64(v) => TensorData::Float64(scope.copy(v)?),
        DataRef::Int8(v) => TensorData::Int8(scope.copy(v)?),
        DataRef::Int16(v) => TensorData::Int16(scope.copy(v)?),
        DataRef::Int32(v) => TensorData::Int32(scope.copy(v)?),
        DataRef::Int64(v) => TensorData::Int64(scope.copy(v)?),
        DataRef::UInt8(v) => TensorData::UInt8(scope.copy(v)?),
        DataRef::UInt16(v) => TensorData::UInt16(scope.copy(v)?),
        DataRef::UInt32(v) => TensorData::UInt32(scope.copy(v)?),
        DataRef::UInt64(v) => TensorData::UInt64(scope.copy(v)?),
        DataRef::Bool(v) => TensorData::Bool(scope.copy(v)?),
        DataRef::String(v) => TensorData::String(scope.copy(v)?),
        DataRef::Float16(v) => TensorData::Float16(scope.copy(v)?),
        DataRef::BFloat16(v) => TensorData::BFloat16(scope.copy(v)?),
        DataRef::Small(small, v) => TensorData::Small(small, scope.copy(v)?),
    })
}
