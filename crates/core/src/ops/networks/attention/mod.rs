//! Attention, positions, and the fused forms that exporters of transformers emit.

mod attend;
mod causal_conv_with_state;
mod flex_attention;
mod fused_mat_mul;
mod gelu;
mod group_query_attention;
mod heads;
mod linear_attention;
mod mask;
mod multi_head_attention;
mod packed_attention;
mod padding;
mod rotary_embedding;
mod scaled_dot_product;
mod tensor_scatter;

use crate::ops::{Entry, MICROSOFT, ONNX, entry, native};

/// The domain of what ONNX tries out.
const PREVIEW: &str = "ai.onnx.preview";

pub(super) const OPERATORS: &[Entry] = &[
    entry(ONNX, "Attention", scaled_dot_product::build),
    entry(PREVIEW, "FlexAttention", flex_attention::build),
    entry(ONNX, "LinearAttention", linear_attention::build),
    entry(ONNX, "CausalConvWithState", causal_conv_with_state::build),
    native(ONNX, "TensorScatter", tensor_scatter::build),
    entry(ONNX, "RotaryEmbedding", rotary_embedding::build),
    entry(MICROSOFT, "RotaryEmbedding", rotary_embedding::build_microsoft),
    entry(MICROSOFT, "Attention", packed_attention::build),
    entry(MICROSOFT, "QAttention", packed_attention::quantised),
    entry(MICROSOFT, "MultiHeadAttention", multi_head_attention::build),
    entry(MICROSOFT, "GroupQueryAttention", group_query_attention::build),
    entry(MICROSOFT, "FusedMatMul", fused_mat_mul::build),
    entry(MICROSOFT, "TransposeMatMul", fused_mat_mul::build),
    entry(MICROSOFT, "Gelu", gelu::exact),
    entry(MICROSOFT, "BiasGelu", gelu::exact),
    entry(MICROSOFT, "FastGelu", gelu::fast),
    entry(MICROSOFT, "QuickGelu", gelu::quick),
    entry(MICROSOFT, "BiasAdd", gelu::bias_add),
];
