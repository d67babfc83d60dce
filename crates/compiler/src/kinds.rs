//! What kind of value each input and output of a graph is. tract's protobuf
//! model knows tensors alone, so the types are read a second time here.

use prost::Message;

#[derive(Clone, PartialEq, Message)]
struct ModelTypes {
    #[prost(message, optional, tag = "7")]
    graph: Option<GraphTypes>,
}

#[derive(Clone, PartialEq, Message)]
struct GraphTypes {
    #[prost(message, repeated, tag = "11")]
    input: Vec<ValueTypes>,
    #[prost(message, repeated, tag = "12")]
    output: Vec<ValueTypes>,
}

#[derive(Clone, PartialEq, Message)]
struct ValueTypes {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, optional, boxed, tag = "2")]
    value: Option<Box<TypeProto>>,
}

#[derive(Clone, PartialEq, Message)]
struct TypeProto {
    #[prost(message, optional, tag = "1")]
    tensor: Option<TensorType>,
    #[prost(message, optional, boxed, tag = "4")]
    sequence: Option<Box<SequenceType>>,
    #[prost(message, optional, boxed, tag = "5")]
    map: Option<Box<MapType>>,
}

#[derive(Clone, PartialEq, Message)]
struct TensorType {
    #[prost(int32, tag = "1")]
    element: i32,
}

#[derive(Clone, PartialEq, Message)]
struct SequenceType {
    #[prost(message, optional, boxed, tag = "1")]
    element: Option<Box<TypeProto>>,
}

#[derive(Clone, PartialEq, Message)]
struct MapType {
    #[prost(int32, tag = "1")]
    key: i32,
    #[prost(message, optional, boxed, tag = "2")]
    value: Option<Box<TypeProto>>,
}

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

/// The kinds of a graph's inputs and outputs, by name.
pub(crate) struct Kinds(Vec<(String, Kind)>);

impl Kinds {
    /// `onnx` is an ONNX model.
    pub(crate) fn read(onnx: &[u8]) -> Self {
        let graph = ModelTypes::decode(onnx).ok().and_then(|model| model.graph).unwrap_or_default();
        let values = graph.input.into_iter().chain(graph.output);
        Self(values.map(|value| (value.name, value.value.map_or(Kind::Unknown, |kind| of(&kind)))).collect())
    }

    pub(crate) fn get(&self, name: &str) -> Kind {
        self.0.iter().find(|(known, _)| known == name).map_or(Kind::Unknown, |(_, kind)| *kind)
    }
}

fn of(kind: &TypeProto) -> Kind {
    let element = |kind: &Option<Box<TypeProto>>| {
        kind.as_ref().and_then(|kind| kind.tensor.as_ref()).map(|tensor| tensor.element)
    };
    if kind.tensor.is_some() {
        return Kind::Tensor;
    }
    if let Some(map) = &kind.map {
        return element(&map.value).map_or(Kind::Unknown, |value| Kind::Map { key: map.key, value });
    }
    match &kind.sequence {
        Some(sequence) => match element(&sequence.element) {
            Some(element) => Kind::Sequence { element },
            None if sequence.element.as_ref().is_some_and(|kind| kind.map.is_some()) => Kind::MapSequence,
            None => Kind::Unknown,
        },
        None => Kind::Unknown,
    }
}
