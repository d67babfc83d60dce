//! Numbers times an activation of themselves, as one node: `Swish`, `HardSwish`.

use std::collections::BTreeMap;

use crate::graph::{Graph, Node};

/// Fuses every such product of `graph`. What was a factor stays for others to
/// take.
pub(super) fn fuse(graph: &mut Graph) {
    let mut gates: BTreeMap<String, (&'static str, u32, String)> = BTreeMap::new();
    for node in &mut graph.nodes {
        if let (Some((op, version)), Some(input), Some(output)) =
            (gate(node), node.input(0), node.only_output())
        {
            gates.insert(output.to_owned(), (op, version, input.to_owned()));
        }
        if !node.is("Mul") || node.inputs.len() != 2 {
            continue;
        }
        let gated = |index: usize| {
            let (op, version, input) = gates.get(node.input(index)?)?;
            (node.input(1 - index) == Some(input)).then(|| (*op, *version, input.clone()))
        };
        if let Some((op, version, input)) = gated(0).or_else(|| gated(1)) {
            *node = Node { op: op.to_owned(), version, inputs: vec![Some(input)], ..node.clone() };
        }
    }
}

/// What the product of `node` and its input is.
fn gate(node: &Node) -> Option<(&'static str, u32)> {
    let is = |name: &str, default: f32, value: f32| (node.float_or(name, default) - value).abs() < 1e-6;
    if node.is("Sigmoid") {
        Some(("Swish", 24))
    } else if node.is("HardSigmoid") && is("alpha", 0.2, 1.0 / 6.0) && is("beta", 0.5, 0.5) {
        Some(("HardSwish", 14))
    } else {
        None
    }
}
