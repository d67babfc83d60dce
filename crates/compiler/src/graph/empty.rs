//! What loops collect where they do not iterate.

use edgeinfer_core::{Tensor, TensorData};
use edgeinfer_onnx::{Dim, Dimension, NodeProto, TensorType, Type, ValueInfoProto};

use super::{Attribute, Node};
use crate::types::numbered;

/// Says what a `Loop` collects where there is no iteration: attributes of their
/// own, made from the types that its body declares.
pub(super) fn empties(node: &mut Node, proto: &NodeProto) {
    let body = proto.attribute.iter().find(|attribute| attribute.name == "body");
    let (true, Some(body)) = (node.is("Loop"), body.and_then(|body| body.g.as_ref())) else { return };
    // The body's condition and its states come first.
    let collected = body.output.iter().skip(proto.input.len().saturating_sub(1));
    for (index, declared) in collected.enumerate() {
        if let Some(tensor) = empty(declared) {
            node.attributes.insert(format!("empty_{index}"), Attribute::Tensor(tensor));
        }
    }
}

/// No tensor of the declared type; dimensions that are not known are 0.
fn empty(declared: &ValueInfoProto) -> Option<Tensor> {
    let Some(Type::Tensor(TensorType { elem_type, shape: Some(shape) })) =
        declared.r#type.as_ref().and_then(|declared| declared.value.as_ref())
    else {
        return None;
    };
    let size = |dim: &Dimension| match dim.value {
        Some(Dim::DimValue(size)) => usize::try_from(size).unwrap_or(0),
        _ => 0,
    };
    let shape: Vec<usize> = std::iter::once(0).chain(shape.dim.iter().map(size)).collect();
    Tensor::new(shape, TensorData::zeros(numbered(*elem_type)?, 0).ok()?).ok()
}
