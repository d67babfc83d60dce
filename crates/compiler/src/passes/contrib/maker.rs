//! Nodes in the place of another.

use std::collections::{BTreeMap, BTreeSet};

use edgeinfer_core::{Tensor, TensorData};

use super::Lower;
use crate::graph::{Attribute, Graph, Node};

/// An operator by domain, name and version.
#[derive(Clone, Copy)]
pub(super) struct Op(pub(super) &'static str, pub(super) &'static str, pub(super) u32);

/// The nodes so far, and what new ones need.
pub(super) struct Maker<'a> {
    constants: &'a mut BTreeMap<String, Tensor>,
    /// The names of all values.
    names: BTreeSet<String>,
    nodes: Vec<Node>,
    /// Whether tensors were turned for the sake of their layout.
    turned: bool,
}

impl<'a> Maker<'a> {
    /// For `graph`, whose nodes are `nodes`.
    pub(super) fn new(graph: &'a mut Graph, nodes: &[Node]) -> Self {
        let made = nodes.iter().flat_map(|node| node.outputs.iter().flatten());
        let names = made.chain(&graph.inputs).chain(graph.constants.keys()).cloned().collect();
        Self { constants: &mut graph.constants, names, nodes: Vec::new(), turned: false }
    }

    pub(super) fn into_nodes(self) -> Vec<Node> {
        self.nodes
    }

    /// Puts what `lower` makes of `node` in its place, or the node itself.
    pub(super) fn replace(&mut self, node: Node, lower: Option<Lower>) {
        let count = self.nodes.len();
        if lower.and_then(|lower| lower(&node, self)).is_none() {
            self.nodes.truncate(count);
            self.nodes.push(node);
        }
    }

    pub(super) fn turned(&self) -> bool {
        self.turned
    }

    pub(super) fn has_turned(&mut self) {
        self.turned = true;
    }

    pub(super) fn constant(&self, name: Option<&str>) -> Option<&Tensor> {
        self.constants.get(name?)
    }

    /// A name that no value has, of `what` for `node`.
    pub(super) fn name(&mut self, node: &Node, what: &str) -> String {
        let output = node.outputs.iter().flatten().next().map_or("", String::as_str);
        let mut name = format!("{output}/{what}");
        while !self.names.insert(name.clone()) {
            name.push('\'');
        }
        name
    }

    /// A new constant.
    pub(super) fn new_constant(&mut self, node: &Node, what: &str, tensor: Tensor) -> Option<String> {
        let name = self.name(node, what);
        self.constants.insert(name.clone(), tensor);
        Some(name)
    }

    /// A new constant, a list of whole numbers.
    pub(super) fn list(&mut self, node: &Node, what: &str, numbers: &[i64]) -> Option<String> {
        let tensor = Tensor::new([numbers.len()].as_slice(), TensorData::Int64(numbers.to_vec())).ok()?;
        self.new_constant(node, what, tensor)
    }

    /// A step before the last one that stands for `node`: its one output.
    pub(super) fn step(
        &mut self,
        node: &Node,
        op: Op,
        inputs: Vec<Option<String>>,
        attributes: &[(&str, Attribute)],
    ) -> Option<String> {
        let name = self.name(node, op.1);
        self.push(node, op, inputs, vec![Some(name.clone())], attributes);
        Some(name)
    }

    /// The last step that stands for `node`, which gives `outputs`.
    pub(super) fn push(
        &mut self,
        node: &Node,
        op: Op,
        inputs: Vec<Option<String>>,
        outputs: Vec<Option<String>>,
        attributes: &[(&str, Attribute)],
    ) {
        let Op(domain, op, version) = op;
        let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        self.nodes.push(Node {
            name: node.name.clone(),
            domain: domain.to_owned(),
            op: op.to_owned(),
            version,
            inputs,
            outputs,
            attributes: attributes.collect(),
        });
    }

    /// As [`Maker::push`], with the attributes and outputs of `node`.
    pub(super) fn renamed(&mut self, node: &Node, op: Op, inputs: Vec<Option<String>>) {
        self.push(node, op, inputs, node.outputs.clone(), &[]);
        if let Some(last) = self.nodes.last_mut() {
            last.attributes.clone_from(&node.attributes);
        }
    }
}

/// Input `index` of `node`, to be another's.
pub(super) fn given(node: &Node, index: usize) -> Option<String> {
    node.inputs.get(index).cloned().flatten()
}
