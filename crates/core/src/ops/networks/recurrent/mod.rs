//! Recurrent layers, and operators on sequences in time.

mod cell;
mod function;
mod given;
mod gru;
mod layer;
mod lstm;
mod pass;
mod real;
mod reverse_sequence;
mod rnn;
#[cfg(test)]
mod tests;
mod weights;

use super::{Entry, ONNX, entry, native};

pub(super) const OPERATORS: &[Entry] = &[
    entry(ONNX, "LSTM", lstm::build),
    entry(ONNX, "GRU", gru::build),
    entry(ONNX, "RNN", rnn::build),
    native(ONNX, "ReverseSequence", reverse_sequence::build),
];
