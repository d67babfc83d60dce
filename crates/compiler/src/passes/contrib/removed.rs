//! Operators that ONNX had in its first versions, before 1.5.
//! <https://github.com/onnx/onnx/blob/v1.4.1/docs/Operators.md>

use edgeinfer_core::{Tensor, TensorData};

use super::maker::{Maker, Op, given};
use crate::graph::{Attribute, Node};

const ADD: Op = Op("", "Add", 14);
const MUL: Op = Op("", "Mul", 14);

/// Float32 constants of the shape `[count, 1, 1]`, or one number.
fn floats(node: &Node, maker: &mut Maker<'_>, what: &str, numbers: &[f32]) -> Option<String> {
    let shape = [numbers.len(), 1, 1];
    let shape = if numbers.len() == 1 { &[][..] } else { &shape };
    let tensor = Tensor::from_f32(shape, numbers.to_vec()).ok()?;
    maker.new_constant(node, what, tensor)
}

/// `Affine`: `alpha · x + beta`.
pub(super) fn affine(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    let alpha = floats(node, maker, "alpha", &[node.float_or("alpha", 1.0)]);
    let beta = floats(node, maker, "beta", &[node.float_or("beta", 0.0)]);
    let scaled = maker.step(node, MUL, vec![given(node, 0), alpha], &[]);
    maker.push(node, ADD, vec![scaled, beta], node.outputs.clone(), &[]);
    Some(())
}

/// `Scale`: `scale · x`.
pub(super) fn scale(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    let scale = floats(node, maker, "scale", &[node.float_or("scale", 1.0)]);
    maker.push(node, MUL, vec![given(node, 0), scale], node.outputs.clone(), &[]);
    Some(())
}

/// `ImageScaler`: `scale · x`, and a bias for each channel.
pub(super) fn image_scaler(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    let bias = match node.attributes.get("bias") {
        Some(Attribute::Tensor(tensor)) => tensor.as_f32()?.to_vec(),
        _ => vec![0.0],
    };
    let (scale, bias) =
        (floats(node, maker, "scale", &[node.float_or("scale", 1.0)]), floats(node, maker, "bias", &bias));
    let scaled = maker.step(node, MUL, vec![given(node, 0), scale], &[]);
    maker.push(node, ADD, vec![scaled, bias], node.outputs.clone(), &[]);
    Some(())
}

/// `ScaledTanh`: `alpha · tanh(beta · x)`.
pub(super) fn scaled_tanh(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    scaled(node, maker, Op("", "Tanh", 13))
}

/// `ParametricSoftplus`: `alpha · log(1 + exp(beta · x))`.
pub(super) fn parametric_softplus(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    scaled(node, maker, Op("", "Softplus", 1))
}

/// `alpha · f(beta · x)`; onnxruntime has no defaults.
fn scaled(node: &Node, maker: &mut Maker<'_>, function: Op) -> Option<()> {
    let alpha = floats(node, maker, "alpha", &[node.float_or("alpha", 1.0)]);
    let beta = floats(node, maker, "beta", &[node.float_or("beta", 1.0)]);
    let inner = maker.step(node, MUL, vec![given(node, 0), beta], &[]);
    let inner = maker.step(node, function, vec![inner], &[]);
    maker.push(node, MUL, vec![inner, alpha], node.outputs.clone(), &[]);
    Some(())
}

/// `Crop`: images without a border, or a part of a size from there on.
pub(super) fn crop(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    let ints = |name: &str| match node.attributes.get(name) {
        Some(Attribute::Ints(values)) => values.clone(),
        _ => Vec::new(),
    };
    let [left, top, right, bottom] = *ints("border").as_slice() else { return None };
    let inner = |border: i64| if border == 0 { i64::MAX } else { border.saturating_neg() };
    let ends = match *ints("scale").as_slice() {
        [height, width] => [top.checked_add(height)?, left.checked_add(width)?],
        [] => [inner(bottom), inner(right)],
        _ => return None,
    };
    let inputs = vec![
        given(node, 0),
        maker.list(node, "starts", &[top, left]),
        maker.list(node, "ends", &ends),
        maker.list(node, "axes", &[2, 3]),
    ];
    maker.push(node, Op("", "Slice", 13), inputs, node.outputs.clone(), &[]);
    Some(())
}

/// `DynamicSlice`: `Slice`, whose bounds are inputs.
pub(super) fn dynamic_slice(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    maker.push(node, Op("", "Slice", 10), node.inputs.clone(), node.outputs.clone(), &[]);
    Some(())
}

/// `Upsample` of version 1, of images, by two attributes.
pub(super) fn upsample(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    let factor = |name: &str| match node.attributes.get(name) {
        Some(Attribute::Float(factor)) if node.version < 7 => Some(*factor),
        _ => None,
    };
    let scales = vec![1.0, 1.0, factor("height_scale")?, factor("width_scale")?];
    let scales = Tensor::new([4].as_slice(), TensorData::Float32(scales)).ok()?;
    let mut attributes = vec![("scales", Attribute::Tensor(scales))];
    attributes.extend(node.attributes.get("mode").map(|mode| ("mode", mode.clone())));
    maker.push(node, Op("", "Upsample", 7), vec![given(node, 0)], node.outputs.clone(), &attributes);
    Some(())
}
