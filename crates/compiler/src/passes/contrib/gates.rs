//! Gates of layers that mix attention with recurrence.

use edgeinfer_core::Tensor;

use super::maker::{Maker, Op, given};
use crate::graph::{Attribute, Node};

const ADD: Op = Op("", "Add", 14);
const MUL: Op = Op("", "Mul", 14);
const SWISH: Op = Op("", "Swish", 24);
const SIGMOID: Op = Op("", "Sigmoid", 13);
const RESHAPE: Op = Op("", "Reshape", 13);

/// `ScaledSiLU`: `Swish` of a multiple.
pub(super) fn scaled_silu(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    let scale = match given(node, 1) {
        None => {
            let alpha = Tensor::from_f32([].as_slice(), vec![node.float_or("alpha", 1.0)]).ok()?;
            maker.new_constant(node, "alpha", alpha)
        }
        scale => scale,
    };
    let scaled = maker.step(node, MUL, vec![given(node, 0), scale], &[]);
    maker.push(node, SWISH, vec![scaled], node.outputs.clone(), &[]);
    Some(())
}

/// `GatedRMSNorm`: rows, or equal parts of them, normalised and gated.
pub(super) fn rms_norm(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    let gate = match node.attributes.get("activation") {
        Some(Attribute::String(name)) if name == "sigmoid" => SIGMOID,
        None => SWISH,
        Some(Attribute::String(name)) if name == "silu" || name == "swish" => SWISH,
        _ => return None,
    };
    let width = i64::try_from(maker.constant(node.input(1))?.data().len()).ok()?;
    let parts = maker.list(node, "parts", &[-1, width]);
    let rows = maker.step(node, RESHAPE, vec![given(node, 0), parts], &[]);
    let epsilon = [("epsilon", Attribute::Float(node.float_or("epsilon", 1e-5)))];
    let normal = Op("", "SimplifiedLayerNormalization", 1);
    let rows = maker.step(node, normal, vec![rows, given(node, 1)], &epsilon);
    let shape = maker.step(node, Op("", "Shape", 15), vec![given(node, 0)], &[]);
    let whole = maker.step(node, RESHAPE, vec![rows, shape], &[]);
    let gate = maker.step(node, gate, vec![given(node, 2)], &[]);
    maker.push(node, MUL, vec![whole, gate], node.outputs.clone(), &[]);
    Some(())
}

/// `GatedAdd` whose gate is there already.
pub(super) fn add(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    if node.input(3).is_some() {
        return None;
    }
    let gated = maker.step(node, MUL, vec![given(node, 1), given(node, 2)], &[]);
    maker.push(node, ADD, vec![given(node, 0), gated], node.outputs.clone(), &[]);
    Some(())
}

/// `LinearAttentionGate`: what a state decays by, and how much of a value it takes.
pub(super) fn linear_attention(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    let sum = maker.step(node, ADD, vec![given(node, 0), given(node, 1)], &[]);
    let positive = maker.step(node, Op("", "Softplus", 1), vec![sum], &[]);
    let decay = vec![node.outputs.first().cloned().flatten()];
    maker.push(node, MUL, vec![positive, given(node, 2)], decay, &[]);
    if let Some(rate) = node.outputs.get(1).cloned().flatten() {
        maker.push(node, SIGMOID, vec![Some(given(node, 3)?)], vec![Some(rate)], &[]);
    }
    Some(())
}
