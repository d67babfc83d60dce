//! From an ONNX graph to a plan for edgeinfer's own runtime, or the list of what
//! stands against it.

use std::collections::BTreeMap;

use edgeinfer_core::{Plan, Refusal, check_step};
use edgeinfer_onnx::{GraphProto, ModelProto, Type, ValueInfoProto};

use crate::graph::{Attribute, Graph, Node, emit, read, single_step};
use crate::passes;

/// The plan of `model` and its engine section; otherwise every node that has no
/// place in a plan.
pub(crate) fn plan(model: &ModelProto) -> Result<(Plan, Vec<u8>), Vec<Refusal>> {
    let (mut graph, mut refused) = read(model);
    if refused.is_empty() {
        let onnx = model.graph.as_ref();
        let types = |values: fn(&GraphProto) -> &Vec<ValueInfoProto>| types(onnx.map(values));
        passes::run(&mut graph, &types(|graph| &graph.input), &types(|graph| &graph.output));
    }
    check(&graph, &mut refused);
    if refused.is_empty() { Ok(emit(&graph)) } else { Err(refused) }
}

/// The element types of those of `values` that are tensors, by ONNX's numbers.
fn types(values: Option<&Vec<ValueInfoProto>>) -> BTreeMap<String, i32> {
    let kind = |value: &ValueInfoProto| match value.r#type.as_ref()?.value.as_ref()? {
        Type::Tensor(tensor) => Some((value.name.clone(), tensor.elem_type)),
        _ => None,
    };
    values.into_iter().flatten().filter_map(kind).collect()
}

/// Adds every node of `graph` that the runtime does not take to `refused`.
fn check(graph: &Graph, refused: &mut Vec<Refusal>) {
    for node in &graph.nodes {
        let bodies = node.attributes.values().filter_map(|value| match value {
            Attribute::Graph(body) => Some(body),
            _ => None,
        });
        let before = refused.len();
        bodies.for_each(|body| check(body, refused));
        // A body's own nodes say it better.
        if refused.len() == before
            && let Some(reason) = refusal(node)
        {
            refused.push(Refusal { node: node.place(), operator: node.operator(), reason });
        }
    }
}

fn refusal(node: &Node) -> Option<String> {
    let (step, payload, constants) = single_step(node);
    let error = check_step(&step, &constants, &payload.to_model_bytes()).err()?;
    Some(error.message().to_owned())
}
