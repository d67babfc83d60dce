//! Nodes that give the same as one before them, and constants that are the same:
//! exporters write down the shape of a tensor anew wherever it is asked for.

use std::collections::BTreeMap;

use crate::graph::{Attribute, Graph, Node};

/// Constants of so many elements are compared.
const SHORT: usize = 16;

/// Has what such nodes give taken from the first one.
pub(super) fn remove(graph: &mut Graph) {
    let mut first: BTreeMap<String, Vec<Option<String>>> = BTreeMap::new();
    let mut same = equal_constants(graph);
    for mut node in std::mem::take(&mut graph.nodes) {
        node.inputs.iter_mut().flatten().for_each(|input| replace(input, &same));
        let Some(key) = key(&node) else {
            graph.nodes.push(node);
            continue;
        };
        match first.get(&key) {
            Some(outputs) => {
                let pairs = node.outputs.into_iter().zip(outputs);
                same.extend(pairs.filter_map(|(own, first)| Some((own?, first.clone()?))));
            }
            None => {
                first.insert(key, node.outputs.clone());
                graph.nodes.push(node);
            }
        }
    }
    graph.outputs.iter_mut().for_each(|output| replace(output, &same));
}

/// Short constants by the first one that is equal.
fn equal_constants(graph: &Graph) -> BTreeMap<String, String> {
    let mut first: BTreeMap<String, &str> = BTreeMap::new();
    let mut same = BTreeMap::new();
    for (name, tensor) in graph.constants.iter().filter(|(_, tensor)| tensor.data().len() <= SHORT) {
        let key = format!("{:?} {:?}", tensor.shape(), tensor.data());
        let found = *first.entry(key).or_insert(name);
        if found != name {
            same.insert(name.clone(), found.to_owned());
        }
    }
    same
}

fn replace(value: &mut String, same: &BTreeMap<String, String>) {
    if let Some(first) = same.get(value.as_str()) {
        value.clone_from(first);
    }
}

/// What says all that the node gives; `None` where it is drawn by chance, or longer
/// to tell than to calculate.
fn key(node: &Node) -> Option<String> {
    let random = ["Random", "Bernoulli", "Multinomial", "Dropout"];
    let long = |attribute: &Attribute| matches!(attribute, Attribute::Tensor(_) | Attribute::Graph(_));
    if random.iter().any(|name| node.op.starts_with(name)) || node.attributes.values().any(long) {
        return None;
    }
    // As many outputs, so that the first one gives them all.
    let taken: Vec<_> = node.outputs.iter().map(Option::is_some).collect();
    let Node { domain, op, version, inputs, attributes, .. } = node;
    Some(format!("{domain} {op} {version} {inputs:?} {attributes:?} {taken:?}"))
}
