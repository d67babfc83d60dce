//! Convolutions.

use edgeinfer_core::TensorData;

use super::maker::{Maker, Op, given};
use crate::graph::{Attribute, Node};

/// `FusedConv`: a convolution, a sum and an activation.
pub(super) fn fused(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    let mut node = node.clone();
    let parameters = match node.attributes.remove("activation_params") {
        Some(Attribute::Tensor(tensor)) => tensor.as_f32()?.to_vec(),
        _ => Vec::new(),
    };
    let named = ["alpha", "beta"].into_iter().zip(parameters);
    node.attributes.extend(named.map(|(name, value)| (name.to_owned(), Attribute::Float(value))));
    maker.renamed(&node, Op("edgeinfer", "Conv", 1), node.inputs.clone());
    Some(())
}

/// `ConvTransposeWithDynamicPads` whose padding is constant.
pub(super) fn transposed(node: &Node, maker: &mut Maker<'_>) -> Option<()> {
    let mut node = node.clone();
    if node.input(2).is_some() {
        let TensorData::Int64(pads) = maker.constant(node.input(2))?.data() else { return None };
        node.attributes.insert("pads".to_owned(), Attribute::Ints(pads.clone()));
    }
    maker.renamed(
        &node,
        Op("", "ConvTranspose", 11),
        vec![given(&node, 0), given(&node, 1), given(&node, 3)],
    );
    Some(())
}
