//! Operators on rows and axes that ONNX has under another name.

use edgeinfer_core::{Tensor, TensorData};

use super::maker::{Maker, Op, given};
use crate::graph::{Attribute, Node};

/// The activations of `FusedGemm`, and the versions of their operators.
const ACTIVATIONS: [(&str, u32); 10] = [
    ("Elu", 6),
    ("HardSigmoid", 6),
    ("LeakyRelu", 16),
    ("Relu", 14),
    ("Selu", 6),
    ("Sigmoid", 13),
    ("Softplus", 1),
    ("Softsign", 1),
    ("Tanh", 13),
    ("ThresholdedRelu", 10),
];

/// `FusedGemm`: a product and an activation.
pub(super) fn gemm(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    const GEMM: Op = Op("", "Gemm", 13);
    let mut product = node.clone();
    let activation = product.attributes.remove("activation");
    let parameters =
        [("activation_alpha", "alpha"), ("activation_beta", "beta"), ("activation_gamma", "gamma")]
            .map(|(own, name)| (name, product.attributes.remove(own)));
    let name = match activation {
        Some(Attribute::String(name)) if !name.is_empty() => name,
        _ => {
            maker.renamed(&product, GEMM, node.inputs.clone());
            return Some(());
        }
    };
    let (op, version) = ACTIVATIONS.into_iter().find(|(op, _)| *op == name)?;
    let sum = maker.name(node, "Gemm");
    product.outputs = vec![Some(sum.clone())];
    maker.renamed(&product, GEMM, node.inputs.clone());
    let given: Vec<_> = parameters.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    maker.push(node, Op("", op, version), vec![Some(sum)], node.outputs.clone(), &given);
    Some(())
}

/// `ExpandDims`, whose axis is a constant number.
pub(super) fn expand_dims(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    let axis = match maker.constant(node.input(1))?.data() {
        TensorData::Int32(axis) => i64::from(*axis.first()?),
        _ => return None,
    };
    let axes = maker.list(node, "axes", &[axis]);
    maker.push(node, Op("", "Unsqueeze", 13), vec![given(node, 0), axes], node.outputs.clone(), &[]);
    Some(())
}

/// `Unique`, which gives values as they occur, and no places of the first ones.
pub(super) fn unique(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    let output = |index: usize| node.outputs.get(index).cloned().flatten();
    let outputs = vec![output(0), None, output(1), output(2)];
    let sorted = [("sorted", Attribute::Int(0))];
    maker.push(node, Op("", "Unique", 11), vec![given(node, 0)], outputs, &sorted);
    Some(())
}

/// `TorchEmbedding`: rows of a table. What else it takes is for training.
pub(super) fn embedding(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    maker.push(node, Op("", "Gather", 13), vec![given(node, 0), given(node, 1)], node.outputs.clone(), &[]);
    Some(())
}

/// `Rfft` along the last axis.
pub(super) fn fourier(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    let plain = node.int_or("normalized", 0) == 0 && node.int_or("onesided", 1) == 1;
    if !plain || node.int_or("signal_ndim", 1) != 1 {
        return None;
    }
    let axes = maker.list(node, "axes", &[-1]);
    let numbers = maker.step(node, Op("", "Unsqueeze", 13), vec![given(node, 0), axes], &[])?;
    let axis = Tensor::new([].as_slice(), TensorData::Int64(vec![-2])).ok()?;
    let axis = maker.new_constant(node, "axis", axis);
    let inputs = vec![Some(numbers), None, axis];
    maker.push(node, Op("", "DFT", 20), inputs, node.outputs.clone(), &[("onesided", Attribute::Int(1))]);
    Some(())
}
