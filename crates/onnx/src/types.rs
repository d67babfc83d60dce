use prost::{Message, Oneof};

use crate::DataType;

/// The type of a value.
#[derive(Clone, PartialEq, Message)]
pub struct TypeProto {
    /// What kind of value, and of what; absent where it is not known.
    #[prost(oneof = "Type", tags = "1, 4, 5, 8, 9")]
    pub value: Option<Type>,
}

/// A kind of value.
#[derive(Clone, PartialEq, Oneof)]
pub enum Type {
    /// A tensor.
    #[prost(message, tag = "1")]
    Tensor(TensorType),
    /// A sequence.
    #[prost(message, tag = "4")]
    Sequence(Box<SequenceType>),
    /// A map.
    #[prost(message, tag = "5")]
    Map(Box<MapType>),
    /// A sparse tensor.
    #[prost(message, tag = "8")]
    SparseTensor(TensorType),
    /// A value that may be absent.
    #[prost(message, tag = "9")]
    Optional(Box<OptionalType>),
}

/// The type of a tensor.
#[derive(Clone, PartialEq, Message)]
pub struct TensorType {
    /// The type of its elements, a [`DataType`].
    #[prost(enumeration = "DataType", tag = "1")]
    pub elem_type: i32,
    /// Its shape, where its rank is known.
    #[prost(message, optional, tag = "2")]
    pub shape: Option<TensorShapeProto>,
}

/// The type of a sequence.
#[derive(Clone, PartialEq, Message)]
pub struct SequenceType {
    /// The type of what is in it.
    #[prost(message, optional, boxed, tag = "1")]
    pub elem_type: Option<Box<TypeProto>>,
}

/// The type of a map.
#[derive(Clone, PartialEq, Message)]
pub struct MapType {
    /// The type of its keys, a [`DataType`].
    #[prost(enumeration = "DataType", tag = "1")]
    pub key_type: i32,
    /// The type of its values.
    #[prost(message, optional, boxed, tag = "2")]
    pub value_type: Option<Box<TypeProto>>,
}

/// The type of a value that may be absent.
#[derive(Clone, PartialEq, Message)]
pub struct OptionalType {
    /// The type of the value where it is there.
    #[prost(message, optional, boxed, tag = "1")]
    pub elem_type: Option<Box<TypeProto>>,
}

/// The shape of a tensor, as far as it is known.
#[derive(Clone, PartialEq, Message)]
pub struct TensorShapeProto {
    /// Each dimension.
    #[prost(message, repeated, tag = "1")]
    pub dim: Vec<Dimension>,
}

/// A dimension.
#[derive(Clone, PartialEq, Message)]
pub struct Dimension {
    /// Its size, or its name; absent where neither is known.
    #[prost(oneof = "Dim", tags = "1, 2")]
    pub value: Option<Dim>,
}

/// What is known of a dimension.
#[derive(Clone, PartialEq, Oneof)]
pub enum Dim {
    /// Its size.
    #[prost(int64, tag = "1")]
    DimValue(i64),
    /// Its name, the same for all dimensions of that size.
    #[prost(string, tag = "2")]
    DimParam(String),
}
