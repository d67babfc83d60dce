//! Calls of the model's own functions, replaced by the functions' nodes.

use std::collections::BTreeMap;

use edgeinfer_core::Refusal;
use tract_onnx::pb::{AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto};

/// Calls nest no deeper than this, so that a function that calls itself ends.
const DEEPEST: usize = 8;
/// A graph grows to no more nodes than this.
const MOST_NODES: usize = 100_000;

/// The graph of `model` without calls of its functions; calls that cannot be
/// replaced are refused.
pub(super) fn inlined(model: &ModelProto) -> (GraphProto, Vec<Refusal>) {
    let mut graph = model.graph.clone().unwrap_or_default();
    let mut inliner = Inliner { model, nodes: 0, refused: Vec::new() };
    if !model.functions.is_empty() {
        inliner.graph(&mut graph, 0);
    }
    (graph, inliner.refused)
}

struct Inliner<'a> {
    model: &'a ModelProto,
    nodes: usize,
    refused: Vec<Refusal>,
}

impl Inliner<'_> {
    fn graph(&mut self, graph: &mut GraphProto, depth: usize) {
        graph.node =
            std::mem::take(&mut graph.node).into_iter().flat_map(|node| self.node(node, depth)).collect();
    }

    fn node(&mut self, mut node: NodeProto, depth: usize) -> Vec<NodeProto> {
        self.nodes += 1;
        for body in node.attribute.iter_mut().filter_map(|attribute| attribute.g.as_mut()) {
            self.graph(body, depth);
        }
        let domain =
            |function: &&FunctionProto| function.domain.as_deref().unwrap_or_default() == node.domain;
        let function = self.model.functions.iter().filter(domain);
        match function.into_iter().find(|function| function.name.as_deref() == Some(&node.op_type)) {
            Some(function) if depth < DEEPEST && self.nodes < MOST_NODES && self.same_versions(function) => {
                let nodes = body(function, &node);
                nodes.into_iter().flat_map(|node| self.node(node, depth + 1)).collect()
            }
            Some(_) => {
                self.refused.push(Refusal {
                    node: format!("node {:?} ({})", node.name, node.op_type),
                    operator: format!("{}.{}", node.domain, node.op_type),
                    reason: "a function that calls itself, or is of other operator sets than the model"
                        .to_owned(),
                });
                Vec::new()
            }
            None => vec![node],
        }
    }

    fn same_versions(&self, function: &FunctionProto) -> bool {
        let model = &self.model.opset_import;
        function.opset_import.iter().all(|of_function| {
            let same = |of_model: &&OperatorSetIdProto| of_function.domain == of_model.domain;
            model.iter().find(same).is_none_or(|of_model| of_model.version == of_function.version)
        })
    }
}

/// The nodes of `function` as the call `node` needs them: its inputs and
/// outputs are those of the call, all else gets names of its own.
fn body(function: &FunctionProto, node: &NodeProto) -> Vec<NodeProto> {
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
    nodes.iter_mut().for_each(|inner| renamed(inner, &rename, &node.attribute));
    nodes
}

fn renamed(node: &mut NodeProto, rename: &impl Fn(&str) -> String, given: &[AttributeProto]) {
    node.input.iter_mut().chain(&mut node.output).for_each(|name| *name = rename(name));
    let attributes = std::mem::take(&mut node.attribute);
    node.attribute = attributes.into_iter().filter_map(|attribute| referred(attribute, given)).collect();
    for body in node.attribute.iter_mut().filter_map(|attribute| attribute.g.as_mut()) {
        body.input.iter_mut().chain(&mut body.output).for_each(|value| value.name = rename(&value.name));
        body.initializer.iter_mut().for_each(|tensor| tensor.name = rename(&tensor.name));
        body.node.iter_mut().for_each(|node| renamed(node, rename, given));
    }
}

/// An attribute that refers to one of the call's is that one; left out where
/// the call leaves it out.
fn referred(attribute: AttributeProto, given: &[AttributeProto]) -> Option<AttributeProto> {
    if attribute.ref_attr_name.is_empty() {
        return Some(attribute);
    }
    let found = given.iter().find(|given| given.name == attribute.ref_attr_name)?;
    Some(AttributeProto { name: attribute.name, ..found.clone() })
}
