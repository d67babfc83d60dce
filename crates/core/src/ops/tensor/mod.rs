//! Operators that move elements, and make and join tensors.

#[cfg(feature = "networks")]
pub(super) mod along;
pub(super) mod axis;
pub(super) mod bits;
pub(super) mod gathering;
pub(super) mod indices;
pub(super) mod join;
pub(super) mod layout;
pub(super) mod runs;
pub(super) mod sequence;

#[cfg(feature = "networks")]
mod bit_cast;
mod compress;
mod concat;
#[cfg(feature = "networks")]
mod concat_from_sequence;
mod constant;
mod constant_of_shape;
mod dropout;
mod expand;
mod eye_like;
mod flatten;
mod gather;
mod gather_elements;
mod gather_nd;
mod identity;
mod non_zero;
mod one_hot;
#[cfg(feature = "networks")]
mod pad;
mod range;
mod reshape;
pub(super) mod scatter;
mod scatter_elements;
mod scatter_nd;
mod shape;
mod slice;
mod split;
#[cfg(feature = "networks")]
mod split_to_sequence;
mod squeeze;
mod tile;
mod transpose;
#[cfg(feature = "networks")]
mod unique;
mod unsqueeze;

#[cfg(feature = "networks")]
use super::MICROSOFT;
use super::{Entry, ONNX, entry, native};

pub(super) const OPERATORS: &[Entry] = &[
    native(ONNX, "Compress", compress::build),
    native(ONNX, "Concat", concat::build),
    native(ONNX, "Constant", constant::build),
    native(ONNX, "ConstantOfShape", constant_of_shape::build),
    entry(ONNX, "Dropout", dropout::build),
    native(ONNX, "Expand", expand::build),
    native(ONNX, "EyeLike", eye_like::build),
    native(ONNX, "Flatten", flatten::build),
    native(ONNX, "Gather", gather::build),
    native(ONNX, "GatherElements", gather_elements::build),
    native(ONNX, "GatherND", gather_nd::build),
    native(ONNX, "Identity", identity::build),
    entry(ONNX, "NonZero", non_zero::build),
    native(ONNX, "OneHot", one_hot::build),
    entry(ONNX, "Range", range::build),
    native(ONNX, "Reshape", reshape::build),
    entry(ONNX, "Scatter", scatter_elements::build),
    entry(ONNX, "ScatterElements", scatter_elements::build),
    entry(ONNX, "ScatterND", scatter_nd::build),
    native(ONNX, "SequenceAt", sequence::build_at),
    native(ONNX, "SequenceConstruct", sequence::build_construct),
    native(ONNX, "SequenceEmpty", sequence::build_construct),
    native(ONNX, "SequenceErase", sequence::build_erase),
    native(ONNX, "SequenceInsert", sequence::build_insert),
    native(ONNX, "SequenceLength", sequence::build_length),
    native(ONNX, "Shape", shape::build_shape),
    native(ONNX, "Size", shape::build_size),
    native(ONNX, "Slice", slice::build),
    native(ONNX, "Split", split::build),
    native(ONNX, "Squeeze", squeeze::build),
    native(ONNX, "Tile", tile::build),
    native(ONNX, "Transpose", transpose::build),
    native(ONNX, "Unsqueeze", unsqueeze::build),
];

/// Those that classic models have no use for.
#[cfg(feature = "networks")]
pub(super) const NETWORKS: &[Entry] = &[
    native(ONNX, "BitCast", bit_cast::build),
    native(ONNX, "ConcatFromSequence", concat_from_sequence::build),
    native(ONNX, "Pad", pad::build),
    native(MICROSOFT, "GatherND", gather_nd::build),
    native(MICROSOFT, "Pad", pad::build),
    entry(MICROSOFT, "Range", range::build),
    native(ONNX, "SplitToSequence", split_to_sequence::build),
    entry(ONNX, "Unique", unique::build),
];
