//! The compiler's own graph: ONNX's nodes with their attributes decoded, their
//! operator set's version at hand, and bodies that take all they need as inputs.

mod emit;
mod empty;
mod inline;
mod read;

use std::collections::{BTreeMap, BTreeSet};

use edgeinfer_core::{Step, Tensor};

pub(crate) use emit::{emit, single_step};
pub(crate) use read::read;

/// Nodes from inputs to outputs, in an order in which they can run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Graph {
    pub(crate) inputs: Vec<String>,
    pub(crate) outputs: Vec<String>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) constants: BTreeMap<String, Tensor>,
    /// In a graph that was one of float16: the constants that were not. The file
    /// holds the others in float16.
    pub(crate) exact: Option<BTreeSet<String>>,
}

/// One node; an input or output that is left out is `None`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) domain: String,
    pub(crate) op: String,
    pub(crate) version: u32,
    pub(crate) inputs: Vec<Option<String>>,
    pub(crate) outputs: Vec<Option<String>>,
    pub(crate) attributes: BTreeMap<String, Attribute>,
}

/// The value of an attribute.
#[derive(Clone, Debug)]
pub(crate) enum Attribute {
    Int(i64),
    Float(f32),
    String(String),
    Ints(Vec<i64>),
    Strings(Vec<String>),
    Tensor(Tensor),
    Graph(Graph),
}

impl Graph {
    /// How many nodes and outputs take each value.
    pub(crate) fn uses(&self) -> BTreeMap<String, usize> {
        let mut uses = BTreeMap::new();
        let taken = self.nodes.iter().flat_map(|node| node.inputs.iter().flatten());
        for value in taken.chain(&self.outputs) {
            *uses.entry(value.clone()).or_insert(0) += 1;
        }
        uses
    }

    /// The values that the graph takes from outside: neither its inputs nor
    /// made by its nodes. In order of first use.
    fn free_values(&self) -> Vec<String> {
        let mut known: BTreeSet<&str> = self.inputs.iter().map(String::as_str).collect();
        known.extend(self.constants.keys().map(String::as_str));
        let mut free: Vec<String> = Vec::new();
        for node in &self.nodes {
            for input in node.inputs.iter().flatten() {
                if !known.contains(input.as_str()) && !free.contains(input) {
                    free.push(input.clone());
                }
            }
            known.extend(node.outputs.iter().flatten().map(String::as_str));
        }
        for output in &self.outputs {
            if !known.contains(output.as_str()) && !free.contains(output) {
                free.push(output.clone());
            }
        }
        free
    }
}

impl Node {
    /// Whether it is operator `op` of ONNX's own domain.
    pub(crate) fn is(&self, op: &str) -> bool {
        self.domain.is_empty() && self.op == op
    }

    /// The one output, where it is the only one.
    pub(crate) fn only_output(&self) -> Option<&str> {
        match self.outputs.as_slice() {
            [Some(output)] => Some(output),
            _ => None,
        }
    }

    /// Input `index`, where it is given.
    pub(crate) fn input(&self, index: usize) -> Option<&str> {
        self.inputs.get(index)?.as_deref()
    }

    pub(crate) fn int_or(&self, name: &str, default: i64) -> i64 {
        if let Some(Attribute::Int(value)) = self.attributes.get(name) { *value } else { default }
    }

    pub(crate) fn float_or(&self, name: &str, default: f32) -> f32 {
        if let Some(Attribute::Float(value)) = self.attributes.get(name) { *value } else { default }
    }

    /// The operator, with its domain where it is not ONNX's own.
    pub(crate) fn operator(&self) -> String {
        if self.domain.is_empty() { self.op.clone() } else { format!("{}.{}", self.domain, self.op) }
    }

    /// How errors call the node.
    pub(crate) fn place(&self) -> String {
        let name = if self.name.is_empty() {
            let output = self.outputs.iter().flatten().next();
            output.map_or_else(|| "without a name".to_owned(), |output| format!("that gives {output:?}"))
        } else {
            format!("{:?}", self.name)
        };
        format!("node {name} ({})", self.op)
    }

    /// The step without its values.
    fn step(&self) -> Step {
        Step {
            name: self.name.clone(),
            domain: self.domain.clone(),
            op: self.op.clone(),
            version: self.version,
            ..Step::default()
        }
    }
}
