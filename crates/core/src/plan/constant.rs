use std::sync::Arc;

use borsh::{BorshDeserialize, BorshSerialize};
use bytemuck::Pod;

use super::storage::{Storage, unpack};
use crate::bytes::{ModelBytes, Weights};
use crate::tensor::element_count;
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{ElementType, Error, ErrorKind, Result, Shape, SmallType, Tensor};

/// Where a constant lies in the engine section.
#[derive(Clone, Debug, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct ConstantSpec {
    /// The type of its elements.
    pub element: ElementType,
    /// The size of each dimension.
    pub shape: Vec<usize>,
    /// The first byte of its elements, from the start of the engine section.
    pub start: usize,
    /// The length in bytes. Strings are, for each, the place of its end as a
    /// `u32` counted from the first byte of text; then the text. Elements of
    /// fewer bits than a byte are side by side, the first in the lowest bits.
    pub length: usize,
    /// What lies there in the stead of the elements.
    pub stored: Option<Storage>,
}

impl ConstantSpec {
    /// The constant, out of the engine section.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidModel`] where `section` does not hold it.
    pub fn tensor(&self, section: &ModelBytes) -> Result<Tensor> {
        Constant::read(self, section)?.view().to_tensor()
    }
}

/// A constant, read from the file where it lies.
#[derive(Clone, Debug)]
pub(crate) struct Constant {
    shape: Shape,
    data: Data,
}

#[derive(Clone, Debug)]
enum Data {
    Float32(Weights<f32>),
    Float64(Weights<f64>),
    Int8(Weights<i8>),
    Int16(Weights<i16>),
    Int32(Weights<i32>),
    Int64(Weights<i64>),
    UInt8(Weights<u8>),
    UInt16(Weights<u16>),
    UInt32(Weights<u32>),
    UInt64(Weights<u64>),
    Bool(Arc<[bool]>),
    String(Arc<[String]>),
    Float16(Weights<u16>),
    BFloat16(Weights<u16>),
    Small(SmallType, Weights<u8>),
}

impl Constant {
    /// # Errors
    ///
    /// [`ErrorKind::InvalidModel`] where `section` does not hold it.
    pub(crate) fn read(spec: &ConstantSpec, section: &ModelBytes) -> Result<Self> {
        let end = spec.start.checked_add(spec.length);
        let bytes = end.and_then(|end| section.part(spec.start..end));
        let bytes = bytes.ok_or_else(|| damaged("a constant lies outside the file"))?;
        let data = Data::read(spec, bytes).ok_or_else(|| damaged("a constant's elements do not fit"))?;
        let constant = Self { shape: spec.shape.as_slice().into(), data };
        if element_count(&spec.shape) == Some(constant.view().len()) {
            return Ok(constant);
        }
        Err(damaged("a constant is not as long as its shape says"))
    }

    /// A constant of float32 that is in no file.
    #[cfg(feature = "networks")]
    pub(crate) fn from_floats(shape: &[usize], values: &[f32]) -> Self {
        Self { shape: shape.into(), data: Data::Float32(values.into()) }
    }

    pub(crate) fn view(&self) -> TensorRef<'_> {
        let data = match &self.data {
            Data::Float32(v) => DataRef::Float32(v),
            Data::Float64(v) => DataRef::Float64(v),
            Data::Int8(v) => DataRef::Int8(v),
            Data::Int16(v) => DataRef::Int16(v),
            Data::Int32(v) => DataRef::Int32(v),
            Data::Int64(v) => DataRef::Int64(v),
            Data::UInt8(v) => DataRef::UInt8(v),
            Data::UInt16(v) => DataRef::UInt16(v),
            Data::UInt32(v) => DataRef::UInt32(v),
            Data::UInt64(v) => DataRef::UInt64(v),
            Data::Bool(v) => DataRef::Bool(v),
            Data::String(v) => DataRef::String(v),
            Data::Float16(v) => DataRef::Float16(v),
            Data::BFloat16(v) => DataRef::BFloat16(v),
            Data::Small(small, v) => DataRef::Small(*small, v),
        };
        TensorRef { shape: &self.shape, data }
    }

    /// The elements, shared; `None` where they are of another type.
    pub(crate) fn weights<T: Stored>(&self) -> Option<Weights<T>> {
        T::of(self).cloned()
    }
}

impl Data {
    fn read(spec: &ConstantSpec, bytes: ModelBytes) -> Option<Self> {
        Some(match spec.element {
            ElementType::Float32 if let Some(stored) = spec.stored => {
                Self::Float32(stored.read(&spec.shape, &bytes)?)
            }
            ElementType::Float32 => Self::Float32(Weights::new(bytes)?),
            ElementType::Float64 => Self::Float64(Weights::new(bytes)?),
            ElementType::Int8 => Self::Int8(Weights::new(bytes)?),
            ElementType::Int16 => Self::Int16(Weights::new(bytes)?),
            ElementType::Int32 => Self::Int32(Weights::new(bytes)?),
            ElementType::Int64 => Self::Int64(Weights::new(bytes)?),
            ElementType::UInt8 => Self::UInt8(Weights::new(bytes)?),
            ElementType::UInt16 => Self::UInt16(Weights::new(bytes)?),
            ElementType::UInt32 => Self::UInt32(Weights::new(bytes)?),
            ElementType::UInt64 => Self::UInt64(Weights::new(bytes)?),
            ElementType::Bool => Self::Bool(bytes.iter().map(|&byte| byte != 0).collect()),
            ElementType::String => Self::String(strings(element_count(&spec.shape)?, &bytes)?),
            ElementType::Float16 => Self::Float16(Weights::new(bytes)?),
            ElementType::BFloat16 => Self::BFloat16(Weights::new(bytes)?),
            other => {
                let small = SmallType::of(other)?;
                let bytes = match small.bits() {
                    8 => bytes,
                    bits => unpack(&bytes, bits, element_count(&spec.shape)?, |bits| small.element_of(bits))?,
                };
                Self::Small(small, Weights::new(bytes)?)
            }
        })
    }
}

fn strings(count: usize, bytes: &[u8]) -> Option<Arc<[String]>> {
    let (ends, text) = bytes.split_at_checked(count.checked_mul(size_of::<u32>())?)?;
    let mut start = 0;
    let (ends, _) = ends.as_chunks();
    let string = |end: &[u8; 4]| {
        let end = u32::from_le_bytes(*end) as usize;
        let string = str::from_utf8(text.get(start..end)?).ok()?;
        start = end;
        Some(string.to_owned())
    };
    ends.iter().map(string).collect()
}

/// An element type that is borrowed from the file.
pub(crate) trait Stored: Pod {
    fn of(constant: &Constant) -> Option<&Weights<Self>>;
}

macro_rules! stored {
    ($($type:ty => $variant:ident),+) => {
        $(impl Stored for $type {
            fn of(constant: &Constant) -> Option<&Weights<Self>> {
                if let Data::$variant(weights) = &constant.data { Some(weights) } else { None }
            }
        })+
    };
}

stored!(f32 => Float32, f64 => Float64, i32 => Int32, i64 => Int64, u8 => UInt8, u16 => UInt16, u32 => UInt32);

fn damaged(what: &str) -> Error {
    Error::new(ErrorKind::InvalidModel, format!("damaged compiled model: {what}; compile the model again"))
}
