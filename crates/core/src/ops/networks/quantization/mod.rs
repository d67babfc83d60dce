//! Operators on quantised numbers, and to and from them.

mod by_columns;
mod conv_integer;
mod convolution;
mod dequantize_linear;
mod dynamic_quantize_linear;
mod granularity;
mod laid;
mod matmul_bnb4;
mod matmul_integer;
mod matmul_integer_to_float;
mod matmul_n_bits;
mod on_numbers;
mod product;
mod q_gemm;
mod qlinear_conv;
mod qlinear_matmul;
mod quantize_linear;
mod rescale;
mod scales;

use super::{Entry, MICROSOFT, ONNX, entry, native};

pub(super) const OPERATORS: &[Entry] = &[
    entry(ONNX, "QuantizeLinear", quantize_linear::build),
    native(ONNX, "DequantizeLinear", dequantize_linear::build),
    entry(ONNX, "DynamicQuantizeLinear", dynamic_quantize_linear::build),
    entry(ONNX, "MatMulInteger", matmul_integer::build),
    entry(ONNX, "ConvInteger", conv_integer::build),
    entry(ONNX, "QLinearConv", qlinear_conv::build),
    entry(ONNX, "QLinearMatMul", qlinear_matmul::build),
    entry(MICROSOFT, "MatMulIntegerToFloat", matmul_integer_to_float::build),
    entry(MICROSOFT, "DynamicQuantizeMatMul", matmul_integer_to_float::dynamic),
    entry(MICROSOFT, "QLinearConv", qlinear_conv::build),
    entry(MICROSOFT, "MatMulNBits", matmul_n_bits::build),
    entry(MICROSOFT, "MatMulBnb4", matmul_bnb4::build),
    entry(MICROSOFT, "QGemm", q_gemm::build),
    entry(MICROSOFT, "QLinearAdd", on_numbers::build),
    entry(MICROSOFT, "QLinearMul", on_numbers::build),
    entry(MICROSOFT, "QLinearLeakyRelu", on_numbers::build),
    entry(MICROSOFT, "QLinearSigmoid", on_numbers::build),
    entry(MICROSOFT, "QLinearSoftmax", on_numbers::build),
    entry(MICROSOFT, "QLinearAveragePool", on_numbers::build),
    entry(MICROSOFT, "QLinearGlobalAveragePool", on_numbers::build),
    entry(MICROSOFT, "QLinearReduceMean", on_numbers::build),
    entry(MICROSOFT, "QLinearConcat", on_numbers::build),
    entry(MICROSOFT, "QLinearWhere", on_numbers::build),
    entry(MICROSOFT, "QuantizeLinear", quantize_linear::build),
    native(MICROSOFT, "DequantizeLinear", dequantize_linear::build),
];
