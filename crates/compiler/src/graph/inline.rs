//! Calls of the model's own functions: the nodes of the function, as the call
//! needs them.

use std::collections::BTreeMap;

use edgeinfer_onnx::{AttributeProto, FunctionProto, NodeProto};

/// The nodes of `function` as the call `node` needs them: its inputs and
/// outputs are those of the call, all else gets names of its own.
pub(super) fn body(function: &FunctionProto, node: &NodeProto) -> Vec<NodeProto> {
    let formal =
        function.input.iter().zip(node.input.iter().map(String::as_str).chain(std::iter::repeat("")));
    let given = function.output.iter().zip(node.output.iter().map(String::as_str));
    let names: BTreeMap<&str, &str> =
        formal.chain(given).map(|(formal, actual)| (formal.as_str(), actual)).collect();
    let prefix = node.output.first().map_or("", String::as_str);
    let rename = |name: &str| match names.get(name) {
        _ if name.is_empty() => String::new(),
        Some(actual) => (*actual).to_owned(),
        None => format!("{prefix}/{name}"),
    };
    let mut nodes = function.node.clone();
    let defaults = function.attribute_proto.iter();
    let left_out = defaults.filter(|default| node.attribute.iter().all(|given| given.name != default.name));
    let attributes: Vec<_> = node.attribute.iter().chain(left_out).cloned().collect();
    nodes.iter_mut().for_each(|inner| renamed(inner, &rename, &attributes));
    nodes
}

fn renamed(node: &mut NodeProto, rename: &impl Fn(&str) -> String, given: &[AttributeProto]) {
    node.input.iter_mut().chain(&mut node.output).for_each(|name| *name = rename(name));
    let attributes = std::mem::take(&mut node.attribute);
    node.attribute = attributes.into_iter().filter_map(|attribute| referred(attribute, given)).collect();
    for body in node.attribute.iter_mut().filter_map(|attribute| attribute.g.as_mut()) {
        body.input.iter_mut().chain(&mut body.output).for_each(|value| value.name = rename(&value.name));
        let sparse = body.sparse_initializer.iter_mut().filter_map(|sparse| sparse.values.as_mut());
        let tensors = body.initializer.iter_mut().chain(sparse);
        tensors.for_each(|tensor| tensor.name = rename(&tensor.name));
        body.node.iter_mut().for_each(|node| renamed(node, rename, given));
    }
}

/// An attribute that refers to one of the function's is that one, as the call or
/// the default gives it; otherwise it is left out.
fn referred(attribute: AttributeProto, given: &[AttributeProto]) -> Option<AttributeProto> {
    if attribute.ref_attr_name.is_empty() {
        return Some(attribute);
    }
    let found = given.iter().find(|given| given.name == attribute.ref_attr_name)?;
    Some(AttributeProto { name: attribute.name, ..found.clone() })
}
