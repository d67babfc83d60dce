//! Nodes in the form that the runtime runs fast: forests as flat arrays.

use edgeinfer_core::{Attribute as PlanAttribute, Step, Tensor, pack_step};

use crate::graph::{Attribute, Graph, Node, single_step};

/// Packs every node of `graph` that has such a form, those of bodies included.
/// One that contradicts itself stays as it is; checking it says why.
pub(super) fn pack(graph: &mut Graph) {
    for node in &mut graph.nodes {
        node.attributes.values_mut().for_each(|value| {
            if let Attribute::Graph(body) = value {
                pack(body);
            }
        });
        let (step, payload, constants) = single_step(node);
        if let Ok(Some((packed, tensors))) = pack_step(&step, &constants, &payload.to_model_bytes()) {
            *node = in_place_of(node, packed, tensors);
        }
    }
}

/// The node that `packed` is, with the values of `node`.
fn in_place_of(node: &Node, packed: Step, tensors: Vec<Tensor>) -> Node {
    let attribute = |(name, value)| {
        let value = match value {
            PlanAttribute::Int(value) => Attribute::Int(value),
            PlanAttribute::Float(value) => Attribute::Float(value),
            PlanAttribute::String(value) => Attribute::String(value),
            PlanAttribute::Ints(values) => Attribute::Ints(values),
            PlanAttribute::Strings(values) => Attribute::Strings(values),
            PlanAttribute::Tensor(index) => Attribute::Tensor(tensors.get(index)?.clone()),
            PlanAttribute::Graph(_) => return None,
        };
        Some((name, value))
    };
    Node {
        domain: packed.domain,
        op: packed.op,
        version: packed.version,
        attributes: packed.attributes.into_iter().filter_map(attribute).collect(),
        ..node.clone()
    }
}
