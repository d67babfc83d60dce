//! Operators that move elements, and make and join tensors.

pub(super) mod along;
pub(super) mod axis;
mod bits;
pub(super) mod indices;
pub(super) mod join;
pub(super) mod layout;
pub(super) mod runs;
pub(super) mod sequence;

mod compress;
mod concat;
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
mod pad;
mod range;
mod reshape;
pub(super) mod scatter;
mod scatter_elements;
mod scatter_nd;
mod shape;
mod slice;
mod split;
mod split_to_sequence;
mod squeeze;
mod tile;
mod transpose;
mod unique;
mod unsqueeze;

use super::{Entry, ONNX, entry};

pub(super) const OPERATORS: &[Entry] = &[
    entry(ONNX, "Compress", compress::build),
    entry(ONNX, "Concat", concat::build),
    entry(ONNX, "ConcatFromSequence", concat_from_sequence::build),
    entry(ONNX, "Constant", constant::build),
    entry(ONNX, "ConstantOfShape", constant_of_shape::build),
    entry(ONNX, "Dropout", dropout::build),
    entry(ONNX, "Expand", expand::build),
    entry(ONNX, "EyeLike", eye_like::build),
    entry(ONNX, "Flatten", flatten::build),
    entry(ONNX, "Gather", gather::build),
    entry(ONNX, "GatherElements", gather_elements::build),
    entry(ONNX, "GatherND", gather_nd::build),
    entry(ONNX, "Identity", identity::build),
    entry(ONNX, "NonZero", non_zero::build),
    entry(ONNX, "OneHot", one_hot::build),
    entry(ONNX, "Pad", pad::build),
    entry(ONNX, "Range", range::build),
    entry(ONNX, "Reshape", reshape::build),
    entry(ONNX, "Scatter", scatter_elements::build),
    entry(ONNX, "ScatterElements", scatter_elements::build),
    entry(ONNX, "ScatterND", scatter_nd::build),
    entry(ONNX, "SequenceAt", sequence::build_at),
    entry(ONNX, "SequenceConstruct", sequence::build_construct),
    entry(ONNX, "SequenceEmpty", sequence::build_construct),
    entry(ONNX, "SequenceErase", sequence::build_erase),
    entry(ONNX, "SequenceInsert", sequence::build_insert),
    entry(ONNX, "SequenceLength", sequence::build_length),
    entry(ONNX, "Shape", shape::build_shape),
    entry(ONNX, "Size", shape::build_size),
    entry(ONNX, "Slice", slice::build),
    entry(ONNX, "Split", split::build),
    entry(ONNX, "SplitToSequence", split_to_sequence::build),
    entry(ONNX, "Squeeze", squeeze::build),
    entry(ONNX, "Tile", tile::build),
    entry(ONNX, "Transpose", transpose::build),
    entry(ONNX, "Unique", unique::build),
    entry(ONNX, "Unsqueeze", unsqueeze::build),
];
