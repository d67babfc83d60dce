use edgeinfer_core::TensorData;
use serde::{Serialize, Serializer};

/// The elements of a tensor as a flat JSON array. NaN and infinities, for which
/// JSON has no form, are null.
pub(crate) struct Elements<'a>(pub(crate) &'a TensorData);

impl Serialize for Elements<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            TensorData::Float32(v) => v.serialize(serializer),
            TensorData::Float64(v) => v.serialize(serializer),
            TensorData::Int8(v) => v.serialize(serializer),
            TensorData::Int16(v) => v.serialize(serializer),
            TensorData::Int32(v) => v.serialize(serializer),
            TensorData::Int64(v) => v.serialize(serializer),
            TensorData::UInt8(v) => v.serialize(serializer),
            TensorData::UInt16(v) => v.serialize(serializer),
            TensorData::UInt32(v) => v.serialize(serializer),
            TensorData::UInt64(v) => v.serialize(serializer),
            TensorData::Bool(v) => v.serialize(serializer),
            TensorData::String(v) => v.serialize(serializer),
            // Numbers of 16 bits; what has no datatype in the protocol gets no further.
            data => data.widened().serialize(serializer),
        }
    }
}
