//! Tensors as clients send and read them: in JSON, and as bytes.

mod binary;
mod elements;
mod flat;
mod json;
mod nested;
mod spec;

pub(crate) use self::binary::{elements, from_bytes, to_bytes};
pub(crate) use self::elements::Elements;
pub(crate) use self::flat::Flat;
pub(crate) use self::json::from_json;
pub(crate) use self::nested::Nested;
pub(crate) use self::spec::{Spec, tensor};

use edgeinfer_core::{ElementType, Error, ErrorKind};

/// The Open Inference Protocol's name of an element type; `None` where it has none.
///
/// <https://github.com/open-inference-protocol/open-inference-protocol>
pub(crate) const fn datatype(element: ElementType) -> Option<&'static str> {
    Some(match element {
        ElementType::Bool => "BOOL",
        ElementType::UInt8 => "UINT8",
        ElementType::UInt16 => "UINT16",
        ElementType::UInt32 => "UINT32",
        ElementType::UInt64 => "UINT64",
        ElementType::Int8 => "INT8",
        ElementType::Int16 => "INT16",
        ElementType::Int32 => "INT32",
        ElementType::Int64 => "INT64",
        ElementType::Float32 => "FP32",
        ElementType::Float64 => "FP64",
        ElementType::Float16 => "FP16",
        ElementType::BFloat16 => "BF16",
        ElementType::String => "BYTES",
        _ => return None,
    })
}

/// The element type of the Open Inference Protocol's `name`.
pub(crate) fn element_type(name: &str) -> Option<ElementType> {
    ELEMENTS.into_iter().find(|element| datatype(*element) == Some(name))
}

/// The element types that have a name in the Open Inference Protocol.
const ELEMENTS: [ElementType; 14] = [
    ElementType::Float32,
    ElementType::Float64,
    ElementType::Int8,
    ElementType::Int16,
    ElementType::Int32,
    ElementType::Int64,
    ElementType::UInt8,
    ElementType::UInt16,
    ElementType::UInt32,
    ElementType::UInt64,
    ElementType::Bool,
    ElementType::String,
    ElementType::Float16,
    ElementType::BFloat16,
];

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidTensor, message)
}
