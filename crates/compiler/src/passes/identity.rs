//! Nodes that give what they take: `Identity`, `Dropout` outside training whose mask
//! nobody takes, and a `Cast` of an input to the type that it has.

use std::collections::BTreeMap;

use crate::graph::{Graph, Node};

/// Has every value of such a node taken from where it comes from. `types` are those of
/// the graph's inputs, by ONNX's numbers.
pub(super) fn remove(graph: &mut Graph, types: &BTreeMap<String, i32>) {
    let mut sources: BTreeMap<String, String> = BTreeMap::new();
    let nodes = std::mem::take(&mut graph.nodes);
    for mut node in nodes {
        let inputs = node.inputs.iter_mut().flatten();
        inputs.for_each(|input| replace(input, &sources));
        match passed_through(&node, types) {
            Some((input, output)) => _ = sources.insert(output, input),
            None => graph.nodes.push(node),
        }
    }
    graph.outputs.iter_mut().for_each(|output| replace(output, &sources));
}

fn replace(value: &mut String, sources: &BTreeMap<String, String>) {
    if let Some(source) = sources.get(value.as_str()) {
        value.clone_from(source);
    }
}

/// What the node takes and gives unchanged.
fn passed_through(node: &Node, types: &BTreeMap<String, i32>) -> Option<(String, String)> {
    let input = node.input(0)?;
    let same = match node.op.as_str() {
        "Identity" => true,
        // From version 12 on the mode is an input; without it, there is no training.
        "Dropout" => node.version >= 7 && node.input(2).is_none(),
        "Cast" => types.get(input).is_some_and(|&kind| i64::from(kind) == node.int_or("to", 0)),
        _ => false,
    };
    (same && node.domain.is_empty()).then_some((input.to_owned(), node.only_output()?.to_owned()))
}
