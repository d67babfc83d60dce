use crate::{Classes, Tensor};

/// What a model takes or gives: a tensor, or a sequence of maps as
/// `ai.onnx.ml.ZipMap` gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A tensor of any element type.
    Tensor(Tensor),
    /// One map from class to float32 per row.
    MapSequence(MapSequence),
}

/// A sequence of maps that all have the same keys: the form in which
/// `ai.onnx.ml.ZipMap` gives class probabilities.
///
/// Kept as the table that it is: `values` is `[rows, keys]`, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct MapSequence {
    /// The keys of every map, in column order.
    pub keys: Classes,
    /// The values, `[rows, keys.len()]`.
    pub values: Tensor,
}
