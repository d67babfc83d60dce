//! `ai.onnx.ml.ZipMap`, which tract does not have: its node is taken out of the
//! graph, and the table that would go into it is given its keys after the run.

use std::collections::BTreeMap;
use std::sync::Arc;

use edgeinfer_core::{Classes, MapSequence, Tensor, Value};
use edgeinfer_onnx::{GraphProto, ValueInfoProto};

use crate::classes::of_node;
use crate::onnx::Graph;

/// The keys of the graph's outputs that are maps, by the output's index.
#[derive(Default)]
pub(super) struct ZipMaps(BTreeMap<usize, Arc<Classes>>);

impl ZipMaps {
    /// The value of output `index`, of which the engine gave `tensor`.
    pub(super) fn wrap(&self, index: usize, tensor: Tensor) -> Value {
        match self.0.get(&index) {
            Some(keys) => Value::MapSequence(MapSequence { keys: Arc::clone(keys), values: tensor }),
            None => Value::Tensor(tensor),
        }
    }
}

/// Takes the ZipMap nodes that make outputs out of `graph`: the outputs become
/// what goes into them.
pub(super) fn strip(graph: &mut GraphProto) -> ZipMaps {
    let found = find(&Graph::new(graph));
    let mut keys = BTreeMap::new();
    for (index, (table, classes)) in found {
        if let Some(output) = graph.output.get_mut(index) {
            graph.node.retain(|node| !node.output.contains(&output.name));
            *output = ValueInfoProto { name: table, ..ValueInfoProto::default() };
            keys.insert(index, Arc::new(classes));
        }
    }
    ZipMaps(keys)
}

fn find(graph: &Graph<'_>) -> BTreeMap<usize, (String, Classes)> {
    let zip_map = |(index, output): (usize, &ValueInfoProto)| {
        let node = graph.producer(&output.name).filter(|node| node.op_type == "ZipMap")?;
        Some((index, (node.input.first()?.clone(), of_node(graph, node)?)))
    };
    graph.proto.output.iter().enumerate().filter_map(zip_map).collect()
}
