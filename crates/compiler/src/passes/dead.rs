//! Dead code: nodes of whose outputs none is taken, and constants nobody takes.

use std::collections::BTreeSet;

use crate::graph::Graph;

/// Takes out of `graph` what no output depends on.
pub(super) fn remove(graph: &mut Graph) {
    let mut taken: BTreeSet<String> = graph.outputs.iter().cloned().collect();
    let mut kept = Vec::with_capacity(graph.nodes.len());
    for node in std::mem::take(&mut graph.nodes).into_iter().rev() {
        if node.outputs.iter().flatten().any(|output| taken.contains(output)) {
            taken.extend(node.inputs.iter().flatten().cloned());
            kept.push(node);
        }
    }
    kept.reverse();
    graph.nodes = kept;
    graph.constants.retain(|name, _| taken.contains(name));
}
