//! Operators that calculate.

mod activation;
mod activations;
#[cfg(feature = "networks")]
mod angles;
mod arg;
mod arithmetic;
pub(super) mod axis;
mod binary;
#[cfg(feature = "networks")]
mod bitwise;
mod cast;
mod cdist;
mod classification;
mod clip;
mod comparison;
mod cumulative;
#[cfg(feature = "networks")]
mod einsum;
mod functions;
mod gemm;
mod linear;
mod logic;
#[cfg(feature = "networks")]
mod lp_normalization;
pub(super) mod matmul;
pub(super) mod matrix;
mod number;
#[cfg(feature = "networks")]
mod p_relu;
mod packed_linear;
mod pow;
mod reduce;
#[cfg(feature = "networks")]
mod smooth_activations;
mod softmax;
#[cfg(test)]
mod testing;
mod text;
mod top_k;
mod unary;
mod variadic;
mod where_;
pub(super) mod whole;

pub(crate) use packed_linear::pack as pack_linear;
pub use packed_linear::unpack_linear;

use super::{EDGEINFER, Entry, MICROSOFT, ONNX, entry, native};

pub(super) const OPERATORS: &[Entry] = &[
    entry(ONNX, "Add", arithmetic::add),
    entry(ONNX, "Sub", arithmetic::sub),
    entry(ONNX, "Mul", arithmetic::mul),
    entry(ONNX, "Div", arithmetic::div),
    entry(ONNX, "Mod", arithmetic::modulo),
    entry(ONNX, "Pow", pow::build),
    entry(ONNX, "Equal", comparison::equal),
    entry(ONNX, "Greater", comparison::greater),
    entry(ONNX, "GreaterOrEqual", comparison::greater_or_equal),
    entry(ONNX, "Less", comparison::less),
    entry(ONNX, "LessOrEqual", comparison::less_or_equal),
    entry(ONNX, "And", logic::and),
    entry(ONNX, "Or", logic::or),
    entry(ONNX, "Xor", logic::xor),
    entry(ONNX, "Not", logic::not),
    entry(ONNX, "Max", variadic::max),
    entry(ONNX, "Min", variadic::min),
    entry(ONNX, "Sum", variadic::sum),
    entry(ONNX, "Mean", variadic::mean),
    entry(ONNX, "Where", where_::build),
    entry(ONNX, "Clip", clip::build),
    entry(ONNX, "IsNaN", classification::is_nan),
    entry(ONNX, "IsInf", classification::is_inf),
    native(ONNX, "Cast", cast::build),
    native(ONNX, "CastLike", cast::like),
    entry(ONNX, "Abs", unary::build),
    entry(ONNX, "Neg", unary::build),
    entry(ONNX, "Sign", unary::build),
    entry(ONNX, "Floor", unary::build),
    entry(ONNX, "Ceil", unary::build),
    entry(ONNX, "Round", unary::build),
    entry(ONNX, "Reciprocal", unary::build),
    entry(ONNX, "Sqrt", unary::build),
    entry(ONNX, "Exp", unary::build),
    entry(ONNX, "Log", unary::build),
    entry(ONNX, "Erf", unary::build),
    entry(ONNX, "Sin", unary::build),
    entry(ONNX, "Cos", unary::build),
    entry(ONNX, "Tanh", unary::build),
    entry(ONNX, "Relu", unary::build),
    entry(ONNX, "LeakyRelu", unary::build),
    entry(ONNX, "Elu", unary::build),
    entry(ONNX, "Sigmoid", unary::build),
    entry(ONNX, "HardSigmoid", unary::build),
    entry(ONNX, "Softplus", unary::build),
    entry(ONNX, "Softsign", unary::build),
    entry(ONNX, "ReduceSum", reduce::build),
    entry(ONNX, "ReduceMean", reduce::build),
    entry(ONNX, "ReduceMax", reduce::build),
    entry(ONNX, "ReduceMin", reduce::build),
    entry(ONNX, "ReduceProd", reduce::build),
    entry(ONNX, "ReduceL1", reduce::build),
    entry(ONNX, "ReduceL2", reduce::build),
    entry(ONNX, "ReduceLogSum", reduce::build),
    entry(ONNX, "ReduceLogSumExp", reduce::build),
    entry(ONNX, "ReduceSumSquare", reduce::build),
    entry(ONNX, "ArgMax", arg::max),
    entry(ONNX, "ArgMin", arg::min),
    entry(ONNX, "Softmax", softmax::soft),
    entry(ONNX, "LogSoftmax", softmax::log_soft),
    entry(ONNX, "Hardmax", softmax::hard),
    entry(ONNX, "TopK", top_k::build),
    entry(ONNX, "CumSum", cumulative::sum),
    entry(ONNX, "CumProd", cumulative::product),
    entry(ONNX, "Gemm", gemm::build),
    entry(MICROSOFT, "CDist", cdist::build),
    entry(EDGEINFER, "CDist", cdist::build_tiled),
    entry(EDGEINFER, "Linear", linear::build),
    entry(ONNX, "MatMul", matmul::build),
];

/// Those that classic models have no use for.
#[cfg(feature = "networks")]
pub(super) const NETWORKS: &[Entry] = &[
    entry(ONNX, "PRelu", p_relu::build),
    entry(ONNX, "BitwiseAnd", bitwise::and),
    entry(ONNX, "BitwiseOr", bitwise::or),
    entry(ONNX, "BitwiseXor", bitwise::xor),
    entry(ONNX, "BitShift", bitwise::shift),
    entry(ONNX, "Tan", unary::build),
    entry(ONNX, "Asin", unary::build),
    entry(ONNX, "Acos", unary::build),
    entry(ONNX, "Atan", unary::build),
    entry(ONNX, "Sinh", unary::build),
    entry(ONNX, "Cosh", unary::build),
    entry(ONNX, "Asinh", unary::build),
    entry(ONNX, "Acosh", unary::build),
    entry(ONNX, "Atanh", unary::build),
    entry(ONNX, "BitwiseNot", unary::build),
    entry(ONNX, "ThresholdedRelu", unary::build),
    entry(ONNX, "Celu", unary::build),
    entry(ONNX, "Selu", unary::build),
    entry(ONNX, "Gelu", unary::build),
    entry(ONNX, "HardSwish", unary::build),
    entry(ONNX, "Swish", unary::build),
    entry(ONNX, "Mish", unary::build),
    entry(ONNX, "Shrink", unary::build),
    entry(ONNX, "LpNormalization", lp_normalization::build),
    entry(ONNX, "Einsum", einsum::build),
];
