//! Looking a graph's patterns up from their ends.

use std::collections::BTreeMap;

use edgeinfer_core::{ElementType, Tensor, TensorData};

use crate::graph::{Attribute, Graph, Node};

/// How many factors of a product are looked at.
const MOST: usize = 6;

/// A graph, and what makes each of its values.
pub(super) struct Finder<'a> {
    graph: &'a Graph,
    makers: BTreeMap<&'a str, &'a Node>,
    uses: BTreeMap<String, usize>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(graph: &'a Graph) -> Self {
        let outputs = |node: &'a Node| node.outputs.iter().flatten().map(move |name| (name.as_str(), node));
        Self { graph, makers: graph.nodes.iter().flat_map(outputs).collect(), uses: graph.uses() }
    }

    /// The node that makes `value`, where it is the operator `op` of ONNX's own
    /// domain.
    pub(super) fn maker(&self, value: &str, op: &str) -> Option<&'a Node> {
        self.makers.get(value).copied().filter(|node| node.is(op) && node.only_output().is_some())
    }

    /// As [`Finder::maker`], where nobody else takes the value.
    pub(super) fn own_maker(&self, value: &str, op: &str) -> Option<&'a Node> {
        self.maker(value, op).filter(|_| self.uses.get(value) == Some(&1))
    }

    pub(super) fn constant(&self, value: &str) -> Option<&'a Tensor> {
        self.graph.constants.get(value)
    }

    /// The number that `value` is, where it is a constant of one float32 or one
    /// number of 16 bits.
    pub(super) fn number(&self, value: &str) -> Option<f32> {
        let data = self.constant(value)?.data();
        let numbers = match data {
            TensorData::Float32(numbers) if numbers.len() == 1 => numbers.clone(),
            data if data.len() == 1 => data.widened()?,
            _ => return None,
        };
        numbers.first().copied()
    }

    /// Whether `value` is a constant near to `number`, as exporters round it.
    pub(super) fn is_number(&self, value: &str, number: f32) -> bool {
        let narrow = self.constant(value).is_some_and(is_half);
        let most = if narrow { 5e-3 } else { 5e-4 };
        self.number(value).is_some_and(|own| (own - number).abs() <= most * number.abs())
    }

    /// The input of `node` that is not `known`.
    pub(super) fn other(&self, node: &'a Node, known: &str) -> Option<&'a str> {
        match (node.input(0)?, node.input(1)?) {
            (first, second) if first == known => Some(second),
            (first, second) if second == known => Some(first),
            _ => None,
        }
    }

    /// The input of `node`, of two, beside which the constant `number` is.
    pub(super) fn beside(&self, node: &'a Node, number: f32) -> Option<&'a str> {
        match (node.input(0)?, node.input(1)?) {
            (value, constant) | (constant, value) if self.is_number(constant, number) => Some(value),
            _ => None,
        }
    }

    /// The factors of `value`, through products of products.
    pub(super) fn factors(&self, value: &'a str) -> Vec<&'a str> {
        let (mut factors, mut open) = (Vec::new(), vec![value]);
        while let Some(value) = open.pop() {
            match self.maker(value, "Mul") {
                Some(node) if factors.len() + open.len() + 2 <= MOST => {
                    open.extend(node.inputs.iter().flatten().map(String::as_str));
                }
                _ => factors.push(value),
            }
        }
        factors
    }

    /// The mean of what over the last dimension `value` is.
    pub(super) fn mean_of(&self, value: &str) -> Option<&'a str> {
        let node = self.maker(value, "ReduceMean")?;
        let last = match (node.attributes.get("axes"), node.input(1)) {
            (Some(Attribute::Ints(axes)), None) => *axes == [-1],
            (None, Some(axes)) => {
                matches!(self.constant(axes)?.data(), TensorData::Int64(axes) if *axes == [-1])
            }
            _ => false,
        };
        node.input(0).filter(|_| last && node.int_or("keepdims", 1) == 1)
    }

    /// What `value` is the square of.
    pub(super) fn square_of(&self, value: &str) -> Option<&'a str> {
        if let Some(node) = self.maker(value, "Pow") {
            return node.input(0).filter(|_| node.input(1).is_some_and(|two| self.is_number(two, 2.0)));
        }
        let node = self.maker(value, "Mul")?;
        node.input(0).filter(|first| node.input(1) == Some(first))
    }
}

/// Whether numbers are of 16 bits.
pub(super) fn is_half(tensor: &Tensor) -> bool {
    matches!(tensor.element_type(), ElementType::Float16 | ElementType::BFloat16)
}

/// A node of another operator in the place of `node`.
pub(super) fn replaced(node: &Node, domain: &str, op: &str, version: u32, inputs: &[Option<&str>]) -> Node {
    Node {
        name: node.name.clone(),
        domain: domain.to_owned(),
        op: op.to_owned(),
        version,
        inputs: inputs.iter().map(|input| input.map(str::to_owned)).collect(),
        outputs: node.outputs.clone(),
        attributes: BTreeMap::new(),
    }
}
