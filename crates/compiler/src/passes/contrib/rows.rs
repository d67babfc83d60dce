//! Operators on rows and axes that ONNX has under another name.

use edgeinfer_core::{Tensor, TensorData};

use super::maker::{Maker, Op, given};
use crate::graph::{Attribute, Node};

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
