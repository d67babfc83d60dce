use std::ops::Range;

use crate::tensor::each;
use crate::{ElementType, Result, SmallType, Tensor, TensorData};

/// The elements of a [`TensorRef`], row-major.
#[derive(Clone, Copy, Debug)]
pub(crate) enum DataRef<'a> {
    Float32(&'a [f32]),
    Float64(&'a [f64]),
    Int8(&'a [i8]),
    Int16(&'a [i16]),
    Int32(&'a [i32]),
    Int64(&'a [i64]),
    UInt8(&'a [u8]),
    UInt16(&'a [u16]),
    UInt32(&'a [u32]),
    UInt64(&'a [u64]),
    Bool(&'a [bool]),
    String(&'a [String]),
    Float16(&'a [u16]),
    BFloat16(&'a [u16]),
    Small(SmallType, &'a [u8]),
}

/// A tensor that lies elsewhere: in a [`Tensor`], or in the file. Its shape's
/// product is always its length.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TensorRef<'a> {
    pub(crate) shape: &'a [usize],
    pub(crate) data: DataRef<'a>,
}

impl<'a> DataRef<'a> {
    pub(crate) fn len(self) -> usize {
        each!(DataRef, self, v => v.len())
    }

    pub(crate) fn element_type(self) -> ElementType {
        match self {
            Self::Float32(_) => ElementType::Float32,
            Self::Float64(_) => ElementType::Float64,
            Self::Int8(_) => ElementType::Int8,
            Self::Int16(_) => ElementType::Int16,
            Self::Int32(_) => ElementType::Int32,
            Self::Int64(_) => ElementType::Int64,
            Self::UInt8(_) => ElementType::UInt8,
            Self::UInt16(_) => ElementType::UInt16,
            Self::UInt32(_) => ElementType::UInt32,
            Self::UInt64(_) => ElementType::UInt64,
            Self::Bool(_) => ElementType::Bool,
            Self::String(_) => ElementType::String,
            Self::Float16(_) => ElementType::Float16,
            Self::BFloat16(_) => ElementType::BFloat16,
            Self::Small(small, _) => small.element(),
        }
    }
}

impl DataRef<'_> {
    /// The elements at `range`; `None` where it is not within these.
    pub(crate) fn part(self, range: Range<usize>) -> Option<Self> {
        Some(match self {
            Self::Float32(v) => Self::Float32(v.get(range)?),
            Self::Float64(v) => Self::Float64(v.get(range)?),
            Self::Int8(v) => Self::Int8(v.get(range)?),
            Self::Int16(v) => Self::Int16(v.get(range)?),
            Self::Int32(v) => Self::Int32(v.get(range)?),
            Self::Int64(v) => Self::Int64(v.get(range)?),
            Self::UInt8(v) => Self::UInt8(v.get(range)?),
            Self::UInt16(v) => Self::UInt16(v.get(range)?),
            Self::UInt32(v) => Self::UInt32(v.get(range)?),
            Self::UInt64(v) => Self::UInt64(v.get(range)?),
            Self::Bool(v) => Self::Bool(v.get(range)?),
            Self::String(v) => Self::String(v.get(range)?),
            Self::Float16(v) => Self::Float16(v.get(range)?),
            Self::BFloat16(v) => Self::BFloat16(v.get(range)?),
            Self::Small(small, v) => Self::Small(small, v.get(range)?),
        })
    }
}

impl<'a> TensorRef<'a> {
    /// The number of elements.
    pub(crate) fn len(&self) -> usize {
        self.data.len()
    }

    pub(crate) fn element_type(&self) -> ElementType {
        self.data.element_type()
    }

    /// A copy.
    pub(crate) fn to_tensor(self) -> Result<Tensor> {
        let data = match self.data {
            DataRef::Float32(v) => TensorData::Float32(v.to_vec()),
            DataRef::Float64(v) => TensorData::Float64(v.to_vec()),
            DataRef::Int8(v) => TensorData::Int8(v.to_vec()),
            DataRef::Int16(v) => TensorData::Int16(v.to_vec()),
            DataRef::Int32(v) => TensorData::Int32(v.to_vec()),
            DataRef::Int64(v) => TensorData::Int64(v.to_vec()),
            DataRef::UInt8(v) => TensorData::UInt8(v.to_vec()),
            DataRef::UInt16(v) => TensorData::UInt16(v.to_vec()),
            DataRef::UInt32(v) => TensorData::UInt32(v.to_vec()),
            DataRef::UInt64(v) => TensorData::UInt64(v.to_vec()),
            DataRef::Bool(v) => TensorData::Bool(v.to_vec()),
            DataRef::String(v) => TensorData::String(v.to_vec()),
            DataRef::Float16(v) => TensorData::Float16(v.to_vec()),
            DataRef::BFloat16(v) => TensorData::BFloat16(v.to_vec()),
            DataRef::Small(small, v) => TensorData::Small(small, v.to_vec()),
        };
        Tensor::new(self.shape, data)
    }
}

impl<'a> From<&'a TensorData> for DataRef<'a> {
    fn from(data: &'a TensorData) -> Self {
        match data {
            TensorData::Float32(v) => Self::Float32(v),
            TensorData::Float64(v) => Self::Float64(v),
            TensorData::Int8(v) => Self::Int8(v),
            TensorData::Int16(v) => Self::Int16(v),
            TensorData::Int32(v) => Self::Int32(v),
            TensorData::Int64(v) => Self::Int64(v),
            TensorData::UInt8(v) => Self::UInt8(v),
            TensorData::UInt16(v) => Self::UInt16(v),
            TensorData::UInt32(v) => Self::UInt32(v),
            TensorData::UInt64(v) => Self::UInt64(v),
            TensorData::Bool(v) => Self::Bool(v),
            TensorData::String(v) => Self::String(v),
            TensorData::Float16(v) => Self::Float16(v),
            TensorData::BFloat16(v) => Self::BFloat16(v),
            TensorData::Small(small, v) => Self::Small(*small, v),
        }
    }
}

impl<'a> From<&'a Tensor> for TensorRef<'a> {
    fn from(tensor: &'a Tensor) -> Self {
        Self { shape: tensor.shape(), data: tensor.data().into() }
    }
}
