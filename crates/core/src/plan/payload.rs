use bytemuck::cast_slice;

use super::storage::pack;
use super::{ConstantSpec, Storage};
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
        let start = self.align();
        self.write(tensor.data());
        self.spec(tensor, start, None)
    }

    /// Appends `tensor`'s elements as `storage` has them; `None` where it has not
    /// such elements, or a number does not fit.
    pub fn push_stored(&mut self, tensor: &Tensor, storage: Storage) -> Option<ConstantSpec> {
        let bytes = storage.write(tensor.shape(), tensor.as_f32()?)?;
        let start = self.align();
        self.bytes.extend(bytes);
        Some(self.spec(tensor, start, Some(storage)))
    }

    /// Appends the constant `spec` of `section` as it lies there; `None` where it
    /// is not within.
    pub fn push_as_it_lies(&mut self, spec: &ConstantSpec, section: &[u8]) -> Option<ConstantSpec> {
        let bytes = section.get(spec.start..)?.get(..spec.length)?;
        let start = self.align();
        self.bytes.extend_from_slice(bytes);
        Some(ConstantSpec { start, ..spec.clone() })
    }

    /// Where the next constant begins.
    fn align(&mut self) -> usize {
        self.bytes.resize(self.bytes.len().next_multiple_of(ALIGNMENT), 0);
        self.bytes.len()
    }

    fn spec(&self, tensor: &Tensor, start: usize, stored: Option<Storage>) -> ConstantSpec {
        let length = self.bytes.len() - start;
        let (element, shape) = (tensor.element_type(), tensor.shape().to_vec());
        ConstantSpec { element, shape, start, length, stored }
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
            TensorData::Small(small, v) if small.bits() < 8 => self.bytes.extend(pack(v, small.bits())),
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
