//! Operators on quantised numbers, and to and from them.

mod dequantize_linear;
mod dynamic_quantize_linear;
mod granularity;
mod matmul_integer;
mod matmul_integer_to_float;
mod product;
mod qlinear_matmul;
mod quantize_linear;
mod rescale;
mod scales;

use super::{Entry, MICROSOFT, ONNX, entry};

pub(super) const OPERATORS: &[Entry] = &[
    entry(ONNX, "QuantizeLinear", quantize_linear::build),
    entry(ONNX, "DequantizeLinear", dequantize_linear::build),
    entry(ONNX, "DynamicQuantizeLinear", dynamic_quantize_linear::build),
    entry(ONNX, "MatMulInteger", matmul_integer::build),
    entry(ONNX, "QLinearMatMul", qlinear_matmul::build),
    entry(MICROSOFT, "MatMulIntegerToFloat", matmul_integer_to_float::build),
    entry(MICROSOFT, "DynamicQuantizeMatMul", matmul_integer_to_float::dynamic),
    entry(MICROSOFT, "QuantizeLinear", quantize_linear::build),
    entry(MICROSOFT, "DequantizeLinear", dequantize_linear::build),
];
