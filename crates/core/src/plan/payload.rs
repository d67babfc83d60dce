use bytemuck::cast_slice;

use super::ConstantSpec;
use crate::{ModelBytes, Tensor, TensorData};

/// Every constant begins at a multiple of this, counted in bytes.
const ALIGNMENT: usize = 64;

/// Writes the engine section of a plan: constants, one after the other.
#[derive(Clone, Debug, Default)]
pub struct Payload {
    bytes: Vec<u8>,
}

impl Payload {
    /// Appends `tensor`'s elements; says where they lie.
    pub fn push(&mut self, tensor: &Tensor) -> ConstantSpec {
        self.bytes.resize(self.bytes.len().next_multiple_of(ALIGNMENT), 0);
        let start = self.bytes.len();
        self.write(tensor.data());
        ConstantSpec {
            element: tensor.element_type(),
            shape: tensor.shape().to_vec(),
            start,
            length: self.bytes.len() - start,
        }
    }

    fn write(&mut self, data: &TensorData) {
        match data {
            TensorData::Float32(v) => self.bytes.extend_from_slice(cast_slice(v)),
            TensorData::Float64(v) => self.bytes.extend_from_slice(cast_slice(v)),
            TensorData::Int8(v) => self.bytes.extend_from_slice(cast_slice(v)),
            TensorData::Int16(v) => self.bytes.extend_from_slice(cast_slice(v)),
            TensorData::Int32(v) => self.bytes.extend_from_slice(cast_slice(v)),
            TensorData::Int64(v) => self.bytes.extend_from_slice(cast_slice(v)),
            TensorData::UInt8(v) => self.bytes.extend_from_slice(v),
            TensorData::UInt16(v) => self.bytes.extend_from_slice(cast_slice(v)),
            TensorData::UInt32(v) => self.bytes.extend_from_slice(cast_slice(v)),
            TensorData::UInt64(v) => self.bytes.extend_from_slice(cast_slice(v)),
            TensorData::Bool(v) => self.bytes.extend(v.iter().map(|&value| u8::from(value))),
            TensorData::String(v) => self.write_strings(v),
            TensorData::Float16(v) | TensorData::BFloat16(v) => self.bytes.extend_from_slice(cast_slice(v)),
            TensorData::Small(_, v) => self.bytes.extend_from_slice(v),
        }
    }

    fn write_strings(&mut self, strings: &[String]) {
        let mut end = 0u32;
        for string in strings {
            end = end.saturating_add(u32::try_from(string.len()).unwrap_or(u32::MAX));
            self.bytes.extend_from_slice(&end.to_le_bytes());
        }
        strings.iter().for_each(|string| self.bytes.extend_from_slice(string.as_bytes()));
    }

    /// The engine section.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The engine section so far, as a model that is loaded sees it.
    #[must_use]
    pub fn to_model_bytes(&self) -> ModelBytes {
        ModelBytes::from(self.bytes.as_slice())
    }
}
