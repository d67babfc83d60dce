//! Operators on values that may be absent, and on sequences.

mod optional;
mod sequence_map;

use super::{Entry, ONNX, native};

pub(super) const OPERATORS: &[Entry] = &[
    native(ONNX, "Optional", optional::build),
    native(ONNX, "OptionalGetElement", optional::get),
    native(ONNX, "OptionalHasElement", optional::has),
    native(ONNX, "SequenceMap", sequence_map::build),
];
