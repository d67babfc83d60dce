//! What onnxruntime fuses in transformers.

use edgeinfer_core::Tensor;

use super::maker::{Maker, Op, given};
use crate::graph::{Attribute, Node};

/// No head has more angles.
const MOST: i64 = 1 << 16;

const FAST_GELU: Op = Op("com.microsoft", "FastGelu", 1);

/// `GemmFastGelu`: a product and `FastGelu`.
pub(super) fn gemm_fast_gelu(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    let product = maker.step(node, Op("", "MatMul", 13), vec![given(node, 0), given(node, 1)], &[]);
    maker.push(node, FAST_GELU, vec![product, given(node, 2)], node.outputs.clone(), &[]);
    Some(())
}

/// `BiasSplitGelu`: with a bias, the first half of each row times `Gelu` of the
/// second.
pub(super) fn bias_split_gelu(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    let halves = [("axis", Attribute::Int(-1)), ("num_outputs", Attribute::Int(2))];
    let sum = maker.step(node, Op("", "Add", 14), vec![given(node, 0), given(node, 1)], &[]);
    let [left, right] = ["left", "right"].map(|half| Some(maker.name(node, half)));
    maker.push(node, Op("", "Split", 18), vec![sum], vec![left.clone(), right.clone()], &halves);
    let gate = maker.step(node, Op("", "Gelu", 20), vec![right], &[]);
    maker.push(node, Op("", "Mul", 14), vec![left, gate], node.outputs.clone(), &[]);
    Some(())
}

/// `GroupQueryAttention` that normalises the heads of queries and keys, which have
/// to be apart: it does so beforehand.
pub(super) fn normalised_heads(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    let (weights, keys) = (given(node, 14), given(node, 1));
    let epsilon = node.float_or("qk_norm_epsilon", 1e-6);
    let parts = [
        (given(node, 0), weights?, "num_heads", "q_norm_epsilon"),
        (Some(keys?), given(node, 15)?, "kv_num_heads", "k_norm_epsilon"),
    ];
    let mut inputs = node.inputs.clone();
    for (index, (rows, weights, heads, own)) in parts.into_iter().enumerate() {
        let epsilon = [("epsilon", Attribute::Float(node.float_or(own, epsilon)))];
        let split = maker.list(node, heads, &[0, 0, node.int_or(heads, 1), -1]);
        let heads = maker.step(node, Op("", "Reshape", 13), vec![rows, split], &[]);
        let normal = Op("", "SimplifiedLayerNormalization", 1);
        let normal = maker.step(node, normal, vec![heads, Some(weights)], &epsilon);
        let whole = maker.list(node, "rows", &[0, 0, -1]);
        *inputs.get_mut(index)? = maker.step(node, Op("", "Reshape", 13), vec![normal, whole], &[]);
    }
    for weights in inputs.iter_mut().skip(14).take(2) {
        *weights = None;
    }
    let node = without(node, &["q_norm_epsilon", "k_norm_epsilon", "qk_norm_epsilon"]);
    maker.renamed(&node, Op("com.microsoft", "GroupQueryAttention", 1), inputs);
    Some(())
}

/// `DecoderMaskedMultiHeadAttention` without beams and with a cache of its own.
pub(super) fn decoder(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    let beams = [8, 9].into_iter().any(|index| node.input(index).is_some());
    let shared = node.int_or("past_present_share_buffer", 0) != 0 || node.int_or("output_qk", 0) != 0;
    if beams || shared || node.input(1).is_none() || node.outputs.len() > 3 {
        return None;
    }
    let inputs = [0, 1, 2, 10, 3, 4, 5, 6].map(|index| given(node, index));
    let node = without(node, &["past_present_share_buffer", "output_qk"]);
    maker.renamed(&node, Op("com.microsoft", "MultiHeadAttention", 1), inputs.into());
    Some(())
}

/// `CausalConvWithState` in the form that ONNX has.
pub(super) fn causal_conv(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    let defaults = [
        ("ndim", 1),
        ("dilation", 1),
        ("channels_last", 0),
        ("state_window", 0),
        ("state_length", 0),
        ("state_update_capacity", 0),
        ("input_channel_offset", 0),
        ("state_channels_last", -1),
    ];
    if defaults.iter().any(|(name, default)| node.int_or(name, *default) != *default) {
        return None;
    }
    let plain = without(node, &defaults.map(|(name, _)| name));
    maker.renamed(&plain, Op("", "CausalConvWithState", 27), node.inputs.clone());
    Some(())
}

/// `LinearAttention` in the form that ONNX has.
pub(super) fn linear_attention(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    if node.int_or("state_window", 0) != 0 {
        return None;
    }
    let plain = without(node, &["state_window", "chunk_size"]);
    maker.renamed(&plain, Op("", "LinearAttention", 27), node.inputs.clone());
    Some(())
}

/// `MRotaryEmbedding`: a rotation by the angles of three positions, each of which
/// has some of them.
pub(super) fn rotary(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    if node.int_or("is_packed_batching", 0) != 0 || node.float_or("scale", 1.0) != 1.0 {
        return None;
    }
    let Some(Attribute::Ints(sections)) = node.attributes.get("mrope_section") else { return None };
    let [times, rows, columns] = **sections else { return None };
    let half = times.checked_add(rows)?.checked_add(columns).filter(|half| (1..MOST).contains(half))?;
    let owner = |angle: i64| match node.int_or("mrope_layout", 0) {
        0 => i64::from(angle >= times) + i64::from(angle >= times.saturating_add(rows)),
        // Every third angle is a row's, and every third a column's, as far as they go.
        _ if angle % 3 == 1 && angle / 3 < rows => 1,
        _ if angle % 3 == 2 && angle / 3 < columns => 2,
        _ => 0,
    };
    let angles = (0..3).flat_map(|position| (0..half).map(move |angle| (position, angle)));
    let shares = angles.map(|(position, angle)| f32::from(u8::from(owner(angle) == position))).collect();
    let shares = Tensor::from_f32([3, 1, 1, usize::try_from(half).ok()?].as_slice(), shares).ok()?;
    let shares = maker.new_constant(node, "shares", shares);
    let [cos, sin] = [2, 3].map(|table| {
        let all = maker.step(node, Op("", "Gather", 13), vec![given(node, table), given(node, 1)], &[]);
        let own = maker.step(node, Op("", "Mul", 14), vec![all, shares.clone()], &[]);
        let axis = maker.list(node, "positions", &[0]);
        maker.step(node, Op("", "ReduceSum", 13), vec![own, axis], &[("keepdims", Attribute::Int(0))])
    });
    let plain = without(node, &["mrope_section", "mrope_layout", "is_packed_batching", "scale"]);
    maker.renamed(&plain, Op("", "RotaryEmbedding", 23), vec![given(node, 0), cos, sin]);
    Some(())
}

/// `node` without some attributes.
fn without(node: &Node, names: &[&str]) -> Node {
    let mut node = node.clone();
    node.attributes.retain(|name, _| !names.contains(&name.as_str()));
    node
}
