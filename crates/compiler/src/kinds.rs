//! What kind of value an input or output of a graph is.

use edgeinfer_onnx::{Type, TypeProto, ValueInfoProto};

/// The kind of a value; element types are `TensorProto.DataType`'s numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Tensor,
    /// A sequence of tensors.
    Sequence {
        element: i32,
    },
    /// A sequence of maps, as ZipMap gives.
    MapSequence,
    Map {
        key: i32,
        value: i32,
    },
    Unknown,
}

impl Kind {
    pub(crate) fn of(value: &ValueInfoProto) -> Self {
        value.r#type.as_ref().map_or(Self::Unknown, kind)
    }
}

fn kind(of: &TypeProto) -> Kind {
    match &of.value {
        Some(Type::Tensor(_)) => Kind::Tensor,
        Some(Type::Map(map)) => match element(&map.value_type) {
            Some(value) => Kind::Map { key: map.key_type, value },
            None => Kind::Unknown,
        },
        Some(Type::Sequence(sequence)) => match (element(&sequence.elem_type), &sequence.elem_type) {
            (Some(element), _) => Kind::Sequence { element },
            (None, Some(of)) if matches!(of.value, Some(Type::Map(_))) => Kind::MapSequence,
            _ => Kind::Unknown,
        },
        _ => Kind::Unknown,
    }
}

/// The element type of a tensor's type.
fn element(of: &Option<Box<TypeProto>>) -> Option<i32> {
    match of.as_ref()?.value.as_ref()? {
        Type::Tensor(tensor) => Some(tensor.elem_type),
        _ => None,
    }
}
