use prost::Message;

use crate::{DataType, SparseTensorProto, TensorProto};

/// Values in a row, all of one kind.
#[derive(Clone, PartialEq, Message)]
pub struct SequenceProto {
    /// Its name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// The kind of its elements: 1 for tensors, then as the fields below.
    #[prost(int32, tag = "2")]
    pub elem_type: i32,
    /// Tensors.
    #[prost(message, repeated, tag = "3")]
    pub tensor_values: Vec<TensorProto>,
    /// Sparse tensors.
    #[prost(message, repeated, tag = "4")]
    pub sparse_tensor_values: Vec<SparseTensorProto>,
    /// Sequences.
    #[prost(message, repeated, tag = "5")]
    pub sequence_values: Vec<SequenceProto>,
    /// Maps.
    #[prost(message, repeated, tag = "6")]
    pub map_values: Vec<MapProto>,
    /// Values that may be absent.
    #[prost(message, repeated, tag = "7")]
    pub optional_values: Vec<OptionalProto>,
}

/// Keys, and the value of each.
#[derive(Clone, PartialEq, Message)]
pub struct MapProto {
    /// Its name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// The type of its keys, a [`DataType`].
    #[prost(enumeration = "DataType", tag = "2")]
    pub key_type: i32,
    /// The keys, where they are whole numbers.
    #[prost(int64, repeated, tag = "3")]
    pub keys: Vec<i64>,
    /// The keys, where they are texts.
    #[prost(bytes = "vec", repeated, tag = "4")]
    pub string_keys: Vec<Vec<u8>>,
    /// The value of each key.
    #[prost(message, optional, tag = "5")]
    pub values: Option<SequenceProto>,
}

/// A value that may be absent.
#[derive(Clone, PartialEq, Message)]
pub struct OptionalProto {
    /// Its name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// The kind of the value, 0 where it is absent; else as in a [`SequenceProto`].
    #[prost(int32, tag = "2")]
    pub elem_type: i32,
    /// A tensor.
    #[prost(message, optional, tag = "3")]
    pub tensor_value: Option<TensorProto>,
    /// A sparse tensor.
    #[prost(message, optional, tag = "4")]
    pub sparse_tensor_value: Option<SparseTensorProto>,
    /// A sequence.
    #[prost(message, optional, tag = "5")]
    pub sequence_value: Option<SequenceProto>,
    /// A map.
    #[prost(message, optional, tag = "6")]
    pub map_value: Option<MapProto>,
    /// A value that may be absent itself.
    #[prost(message, optional, boxed, tag = "7")]
    pub optional_value: Option<Box<OptionalProto>>,
}
