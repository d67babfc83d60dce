use std::sync::Arc;

use smallvec::SmallVec;

use crate::{Classes, Tensor};

/// What a model takes or gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A tensor of any element type.
    Tensor(Tensor),
    /// One map from class to float32 per row, as `ai.onnx.ml.ZipMap` gives.
    MapSequence(MapSequence),
    /// A map, as `ai.onnx.ml.DictVectorizer` and `CastMap` take.
    Map(Map),
    /// A sequence of tensors.
    Sequence(Vec<Tensor>),
    /// An optional value that is not there; one that is there is the value itself.
    Absent,
}

/// Several values; two and fewer are kept without an allocation.
pub type Values = SmallVec<[Value; 2]>;

/// A sequence of maps that all have the same keys: the form in which
/// `ai.onnx.ml.ZipMap` gives class probabilities.
///
/// Kept as the table that it is: `values` is `[rows, keys]`, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct MapSequence {
    /// The keys of every map, in column order.
    pub keys: Arc<Classes>,
    /// The values, `[rows, keys.len()]`.
    pub values: Tensor,
}

/// A map from integers or strings to numbers or strings.
#[derive(Clone, Debug, PartialEq)]
pub struct Map {
    /// The keys.
    pub keys: Classes,
    /// The value of each key, `[keys.len()]`.
    pub values: Tensor,
}

impl Value {
    /// The tensor, where it is one.
    #[must_use]
    pub fn as_tensor(&self) -> Option<&Tensor> {
        if let Self::Tensor(tensor) = self { Some(tensor) } else { None }
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

impl From<Tensor> for Value {
    fn from(tensor: Tensor) -> Self {
        Self::Tensor(tensor)
    }
}
