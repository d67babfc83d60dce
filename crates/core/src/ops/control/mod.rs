//! Operators of control flow. Their bodies are graphs of their own; what a body
//! takes from the graph around it, the node takes as its last inputs, of which
//! the attribute `captures` says how many they are, and gives to the body as
//! its last inputs.

mod batched;
pub(super) mod body;
mod collect;
mod if_else;
mod loop_while;
mod scan;
mod source;

#[cfg(feature = "networks")]
pub(super) use body::{Arguments, Body, own_inputs, values};

use super::{Entry, ONNX, native};

pub(super) const OPERATORS: &[Entry] = &[
    native(ONNX, "If", if_else::build),
    native(ONNX, "Loop", loop_while::build),
    native(ONNX, "Scan", scan::build),
];
