//! Operators of networks, by family: what a runtime for classic models leaves
//! out, as one feature at one seam.

mod attention;
mod convolution;
mod image;
mod matrix;
mod normalization;
mod quantization;
mod random;
mod recurrent;
mod signal;
mod training;
mod values;

use super::{Entry, MICROSOFT, ONNX, entry, native};

/// Every family's operators.
pub(super) const FAMILIES: &[&[Entry]] = &[
    attention::OPERATORS,
    convolution::OPERATORS,
    image::OPERATORS,
    matrix::OPERATORS,
    normalization::OPERATORS,
    quantization::OPERATORS,
    random::OPERATORS,
    recurrent::OPERATORS,
    signal::OPERATORS,
    training::OPERATORS,
    values::OPERATORS,
];
