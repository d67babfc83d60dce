//! Operators that calculate.

mod activation;
mod gemm;
mod linear;
mod matmul;
mod matrix;

use super::{EDGEINFER, Entry, ONNX, entry};

pub(super) const OPERATORS: &[Entry] = &[
    entry(ONNX, "Gemm", gemm::build),
    entry(EDGEINFER, "Linear", linear::build),
    entry(ONNX, "MatMul", matmul::build),
];
