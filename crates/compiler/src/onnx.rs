//! Reads an ONNX `ModelProto` and finds one's way in its graph.

use std::collections::{BTreeMap, BTreeSet};

use edgeinfer_core::{Error, ErrorKind, Result};
use edgeinfer_onnx::Message as _;
use edgeinfer_onnx::{AttributeProto, GraphProto, ModelProto, NodeProto, SparseTensorProto, ValueInfoProto};

/// The model in `bytes`.
///
/// # Errors
///
/// [`ErrorKind::InvalidModel`] when the bytes are not an ONNX model.
pub(crate) fn decode(bytes: &[u8]) -> Result<ModelProto> {
    let invalid = |what: String| Error::new(ErrorKind::InvalidModel, format!("not an ONNX model: {what}"));
    let model = ModelProto::decode(bytes).map_err(|error| invalid(error.to_string()))?;
    match &model.graph {
        Some(graph) if !graph.output.is_empty() => Ok(model),
        _ => Err(invalid("it has no graph with outputs".to_owned())),
    }
}

/// A graph, with the node that makes each value at hand.
pub(crate) struct Graph<'a> {
    pub(crate) proto: &'a GraphProto,
    producers: BTreeMap<&'a str, &'a NodeProto>,
}

impl<'a> Graph<'a> {
    pub(crate) fn new(proto: &'a GraphProto) -> Self {
        let outputs = |node: &'a NodeProto| node.output.iter().map(move |output| (output.as_str(), node));
        Self { proto, producers: proto.node.iter().flat_map(outputs).collect() }
    }

    /// The node that makes `value`; `None` for inputs and initialisers.
    pub(crate) fn producer(&self, value: &str) -> Option<&'a NodeProto> {
        self.producers.get(value).copied()
    }

    /// The graph's inputs without those that have initialisers.
    pub(crate) fn inputs(&self) -> impl Iterator<Item = &'a ValueInfoProto> {
        let initialised = initialised(self.proto);
        self.proto.input.iter().filter(move |input| !initialised.contains(input.name.as_str()))
    }

    /// The nodes on which `value` depends, the nearest first, each once.
    pub(crate) fn upstream(&self, value: &str) -> Vec<&'a NodeProto> {
        let mut found: Vec<&NodeProto> = self.producer(value).into_iter().collect();
        let mut next = 0;
        while let Some(node) = found.get(next).copied() {
            for producer in node.input.iter().filter_map(|input| self.producer(input)) {
                if !found.iter().any(|known| std::ptr::eq(*known, producer)) {
                    found.push(producer);
                }
            }
            next += 1;
        }
        found
    }
}

/// The names of the values that `graph` has constants for.
pub(crate) fn initialised(graph: &GraphProto) -> BTreeSet<&str> {
    let dense = graph.initializer.iter().map(|tensor| tensor.name.as_str());
    dense.chain(graph.sparse_initializer.iter().map(sparse_name)).collect()
}

/// The name of a sparse tensor, which is that of its values.
pub(crate) fn sparse_name(sparse: &SparseTensorProto) -> &str {
    sparse.values.as_ref().map_or("", |values| values.name.as_str())
}

/// The attribute `name` of `node`.
pub(crate) fn attribute<'a>(node: &'a NodeProto, name: &str) -> Option<&'a AttributeProto> {
    node.attribute.iter().find(|attribute| attribute.name == name)
}
