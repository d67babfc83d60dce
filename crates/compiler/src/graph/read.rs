//! From ONNX's protobuf to the compiler's graph.

use std::collections::{BTreeMap, BTreeSet};

use edgeinfer_core::{Refusal, Tensor, TensorData};

use edgeinfer_onnx::{
    AttributeProto, AttributeType, FunctionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto,
};

use super::empty::empties;
use super::inline::body;
use super::{Attribute, Graph, Node};
use crate::onnx::{initialised, sparse_name};
use crate::sparse::dense;
use crate::tensor::{tensor, text};

/// Bodies and calls of functions nest no deeper than this.
const DEEPEST: usize = 8;
/// A graph has no more nodes than this once its functions are part of it.
const MOST_NODES: usize = 200_000;
/// How many values a node takes from the graph around it, as its last inputs.
const CAPTURES: &str = "captures";

/// The graph of `model`, and every node and tensor that it could not be read
/// from.
pub(crate) fn read(model: &ModelProto) -> (Graph, Vec<Refusal>) {
    let versions = versions(&model.opset_import);
    let mut reader = Reader { functions: &model.functions, versions, nodes: 0, refused: Vec::new() };
    let graph = model.graph.as_ref().map(|graph| reader.graph(graph, 0)).unwrap_or_default();
    (graph, reader.refused)
}

/// ONNX's own domain has two names.
fn domain(name: &str) -> &str {
    if name == "ai.onnx" { "" } else { name }
}

fn versions(opsets: &[OperatorSetIdProto]) -> BTreeMap<String, u32> {
    let version = |opset: &OperatorSetIdProto| {
        (domain(&opset.domain).to_owned(), u32::try_from(opset.version).unwrap_or(0))
    };
    opsets.iter().map(version).collect()
}

struct Reader<'a> {
    functions: &'a [FunctionProto],
    /// The versions of the operator sets: the model's, or a function's.
    versions: BTreeMap<String, u32>,
    nodes: usize,
    refused: Vec<Refusal>,
}

impl<'a> Reader<'a> {
    fn graph(&mut self, proto: &GraphProto, depth: usize) -> Graph {
        let mut graph = Graph::default();
        for initializer in &proto.initializer {
            match tensor(initializer) {
                Ok(tensor) => _ = graph.constants.insert(initializer.name.clone(), tensor),
                Err(reason) => self.refuse(format!("initializer {:?}", initializer.name), "", reason),
            }
        }
        for sparse in &proto.sparse_initializer {
            let name = sparse_name(sparse);
            match dense(sparse) {
                Ok(tensor) => _ = graph.constants.insert(name.to_owned(), tensor),
                Err(reason) => self.refuse(format!("initializer {name:?}"), "", reason),
            }
        }
        let initialised = initialised(proto);
        let inputs = proto.input.iter().map(|input| input.name.clone());
        graph.inputs = inputs.filter(|name| !initialised.contains(name.as_str())).collect();
        graph.outputs = proto.output.iter().map(|output| output.name.clone()).collect();
        for node in &proto.node {
            self.node(node, &mut graph, depth);
        }
        graph.nodes = sorted(std::mem::take(&mut graph.nodes));
        graph
    }

    fn node(&mut self, proto: &NodeProto, graph: &mut Graph, depth: usize) {
        self.nodes += 1;
        match self.function(proto) {
            Some(function) => self.call(function, proto, graph, depth),
            None => self.plain(proto, graph, depth),
        }
    }

    fn function(&self, node: &NodeProto) -> Option<&'a FunctionProto> {
        self.functions.iter().find(|function| {
            function.name == node.op_type
                && function.domain == node.domain
                && function.overload == node.overload
        })
    }

    /// Reads the nodes of `function` in place of `node`, which calls it.
    fn call(&mut self, function: &FunctionProto, node: &NodeProto, graph: &mut Graph, depth: usize) {
        if depth >= DEEPEST || self.nodes > MOST_NODES {
            let reason = "its functions call each other too often, or without an end".to_owned();
            return self.refuse(format!("node {:?} ({})", node.name, node.op_type), &node.op_type, reason);
        }
        let outer = std::mem::replace(&mut self.versions, versions(&function.opset_import));
        body(function, node).iter().for_each(|inner| self.node(inner, graph, depth + 1));
        self.versions = outer;
    }

    /// Reads a node that calls no function.
    fn plain(&mut self, proto: &NodeProto, graph: &mut Graph, depth: usize) {
        let mut node = Node {
            name: proto.name.clone(),
            domain: domain(&proto.domain).to_owned(),
            op: proto.op_type.clone(),
            inputs: values(&proto.input),
            outputs: values(&proto.output),
            ..Node::default()
        };
        let control_flow = proto.attribute.iter().any(|attribute| attribute.g.is_some());
        if !control_flow {
            drop_absent(&mut node.inputs);
        }
        drop_absent(&mut node.outputs);
        match self.versions.get(&node.domain) {
            Some(version) => node.version = *version,
            // Old models leave out the version of a domain that is not ONNX's.
            None => node.version = 1,
        }
        // Types of values say nothing that is needed to run.
        let is_type = |attribute: &&AttributeProto| attribute.r#type == AttributeType::TypeProto as i32;
        for attribute in proto.attribute.iter().filter(|attribute| !is_type(attribute)) {
            match self.attribute(attribute, depth) {
                Ok(value) => _ = node.attributes.insert(attribute.name.clone(), value),
                Err(reason) => {
                    let reason = format!("attribute {}: {reason}", attribute.name);
                    self.refuse(node.place(), &node.operator(), reason);
                }
            }
        }
        empties(&mut node, proto);
        capture(&mut node, graph);
        match (constant(&node), node.only_output()) {
            (Some(tensor), Some(output)) => _ = graph.constants.insert(output.to_owned(), tensor),
            _ => graph.nodes.push(node),
        }
    }

    fn attribute(&mut self, proto: &AttributeProto, depth: usize) -> Result<Attribute, String> {
        let kind = AttributeType::try_from(proto.r#type).unwrap_or(AttributeType::Undefined);
        Ok(match kind {
            AttributeType::Int => Attribute::Int(proto.i),
            AttributeType::Float => Attribute::Float(proto.f),
            AttributeType::String => Attribute::String(text(&proto.s)),
            AttributeType::Ints => Attribute::Ints(proto.ints.clone()),
            AttributeType::Strings => Attribute::Strings(proto.strings.iter().map(|s| text(s)).collect()),
            AttributeType::Floats => {
                let shape = vec![proto.floats.len()];
                Attribute::Tensor(
                    Tensor::from_f32(shape, proto.floats.clone()).map_err(|error| error.to_string())?,
                )
            }
            AttributeType::Tensor => Attribute::Tensor(tensor(proto.t.as_ref().ok_or("it is empty")?)?),
            AttributeType::SparseTensor => {
                Attribute::Tensor(dense(proto.sparse_tensor.as_ref().ok_or("it is empty")?)?)
            }
            AttributeType::Graph if depth >= DEEPEST => return Err("graphs are nested too deep".to_owned()),
            AttributeType::Graph => {
                Attribute::Graph(self.graph(proto.g.as_ref().ok_or("it is empty")?, depth + 1))
            }
            other => {
                return Err(format!("values of kind {} are not supported", other.name()));
            }
        })
    }

    fn refuse(&mut self, node: String, operator: &str, reason: String) {
        self.refused.push(Refusal { node, operator: operator.to_owned(), reason });
    }
}

/// An empty name is an input or output that is left out.
fn values(names: &[String]) -> Vec<Option<String>> {
    names.iter().map(|name| (!name.is_empty()).then(|| name.clone())).collect()
}

/// Those that are left out at the end are as if they were not there. Not so for
/// a node with bodies, whose captured values come after its own.
fn drop_absent(values: &mut Vec<Option<String>>) {
    while values.last().is_some_and(Option::is_none) {
        values.pop();
    }
}

/// What a `Constant` node gives.
fn constant(node: &Node) -> Option<Tensor> {
    if !node.is("Constant") {
        return None;
    }
    let (_, value) = node.attributes.first_key_value()?;
    match value {
        Attribute::Tensor(tensor) => Some(tensor.clone()),
        Attribute::Int(value) => Tensor::new(vec![], TensorData::Int64(vec![*value])).ok(),
        Attribute::Float(value) => Tensor::from_f32(vec![], vec![*value]).ok(),
        Attribute::String(value) => Tensor::new(vec![], TensorData::String(vec![value.clone()])).ok(),
        Attribute::Ints(values) => Tensor::new(vec![values.len()], TensorData::Int64(values.clone())).ok(),
        Attribute::Strings(values) => {
            Tensor::new(vec![values.len()], TensorData::String(values.clone())).ok()
        }
        Attribute::Graph(_) => None,
    }
}

/// Makes the node's bodies take all values from the graph around them as
/// inputs, after their own; the node itself takes these values last. Constants
/// of bodies become the outer graph's.
fn capture(node: &mut Node, outer: &mut Graph) {
    // Two bodies may use one name for different constants.
    let suffix = node.outputs.iter().flatten().next().cloned().unwrap_or_default();
    let mut captured: Vec<String> = Vec::new();
    let mut has_body = false;
    for attribute in node.attributes.values_mut() {
        let Attribute::Graph(body) = attribute else { continue };
        has_body = true;
        hoist(body, &suffix, outer);
        for value in body.free_values() {
            if !captured.contains(&value) {
                captured.push(value);
            }
        }
    }
    if !has_body {
        return;
    }
    for attribute in node.attributes.values_mut() {
        if let Attribute::Graph(body) = attribute {
            body.inputs.extend(captured.iter().cloned());
        }
    }
    node.attributes.insert(CAPTURES.to_owned(), Attribute::Int(i64::try_from(captured.len()).unwrap_or(0)));
    node.inputs.extend(captured.into_iter().map(Some));
}

/// Moves the constants of `body` to `outer`, under names of their own.
fn hoist(body: &mut Graph, suffix: &str, outer: &mut Graph) {
    for (name, tensor) in std::mem::take(&mut body.constants) {
        let hoisted = format!("{name}@{suffix}");
        let inputs = body.nodes.iter_mut().flat_map(|node| node.inputs.iter_mut().flatten());
        for value in inputs.chain(&mut body.outputs).filter(|value| **value == name) {
            value.clone_from(&hoisted);
        }
        outer.constants.insert(hoisted, tensor);
    }
}

/// `nodes` such that each comes after those whose values it takes; those of a
/// cycle are left out, so that what takes their values is found missing.
fn sorted(nodes: Vec<Node>) -> Vec<Node> {
    let made: BTreeSet<String> =
        nodes.iter().flat_map(|node| node.outputs.iter().flatten().cloned()).collect();
    let mut known = BTreeSet::new();
    let mut sorted = Vec::with_capacity(nodes.len());
    let mut waiting = nodes;
    loop {
        let before = sorted.len();
        let mut still = Vec::new();
        for node in waiting {
            let ready =
                node.inputs.iter().flatten().all(|value| known.contains(value) || !made.contains(value));
            if ready {
                known.extend(node.outputs.iter().flatten().cloned());
                sorted.push(node);
            } else {
                still.push(node);
            }
        }
        waiting = still;
        if waiting.is_empty() || sorted.len() == before {
            return sorted;
        }
    }
}
