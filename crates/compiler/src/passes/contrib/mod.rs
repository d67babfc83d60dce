//! onnxruntime's own operators that others stand for, as those. They come in models
//! that onnxruntime has optimised and saved, and from its tools.
//! <https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md>
//!
//! And operators that ONNX had at first and gave up, which old converters wrote.

mod convolutions;
mod gates;
mod groups;
mod layout;
mod maker;
mod quantised;
mod removed;
mod rows;
mod transformers;

use crate::graph::{Attribute, Graph, Node};
use maker::Maker;

/// What a node becomes: the nodes that `Maker` got, or, with `None`, itself.
type Lower = fn(&Node, &mut Maker<'_>) -> Option<()>;

/// The operators of onnxruntime's domain, and what makes others of them.
const MICROSOFT: &[(&str, Lower)] = &[
    ("FusedConv", convolutions::fused),
    ("FusedGemm", rows::gemm),
    ("ConvTransposeWithDynamicPads", convolutions::transposed),
    ("NhwcMaxPool", layout::channels_first),
    ("QLinearConv", layout::channels_first),
    ("QLinearAveragePool", layout::channels_first),
    ("QLinearGlobalAveragePool", layout::channels_first),
    ("DynamicQuantizeLSTM", quantised::lstm),
    ("GatherBlockQuantized", quantised::gather),
    ("QEmbedLayerNormalization", quantised::embeddings),
    ("MatMulInteger16", quantised::product),
    ("MatMulNBits", groups::in_order),
    ("ExpandDims", rows::expand_dims),
    ("Unique", rows::unique),
    ("TorchEmbedding", rows::embedding),
    ("Rfft", rows::fourier),
    ("GemmFastGelu", transformers::gemm_fast_gelu),
    ("BiasSplitGelu", transformers::bias_split_gelu),
    ("GroupQueryAttention", transformers::normalised_heads),
    ("DecoderMaskedMultiHeadAttention", transformers::decoder),
    ("CausalConvWithState", transformers::causal_conv),
    ("LinearAttention", transformers::linear_attention),
    ("MRotaryEmbedding", transformers::rotary),
    ("ScaledSiLU", gates::scaled_silu),
    ("GatedRMSNorm", gates::rms_norm),
    ("GatedAdd", gates::add),
    ("LinearAttentionGate", gates::linear_attention),
];

/// Those of ONNX's domain.
const REMOVED: &[(&str, Lower)] = &[
    ("Affine", removed::affine),
    ("Crop", removed::crop),
    ("DynamicSlice", removed::dynamic_slice),
    ("ImageScaler", removed::image_scaler),
    ("ParametricSoftplus", removed::parametric_softplus),
    ("Scale", removed::scale),
    ("ScaledTanh", removed::scaled_tanh),
    ("Upsample", removed::upsample),
];

/// Replaces every such node of `graph` and of the bodies in it.
pub(super) fn lower(graph: &mut Graph) {
    let nodes = std::mem::take(&mut graph.nodes);
    let mut maker = Maker::new(graph, &nodes);
    for mut node in nodes {
        node.attributes.values_mut().for_each(|attribute| {
            if let Attribute::Graph(body) = attribute {
                lower(body);
            }
        });
        let operators = match node.domain.as_str() {
            "com.microsoft" => MICROSOFT,
            "" => REMOVED,
            _ => &[],
        };
        let lower = operators.iter().find(|(op, _)| *op == node.op).map(|(_, lower)| *lower);
        maker.replace(node, lower);
    }
    let turned = maker.turned();
    graph.nodes = maker.into_nodes();
    if turned {
        layout::join(graph);
    }
}
