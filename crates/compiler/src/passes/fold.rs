//! Constant folding: nodes that take constants alone are run here and now, by
//! the runtime itself.

use edgeinfer_core::{Tensor, Value, run_step};

use crate::graph::{Attribute, Graph, Node, single_step};

/// No folded constant is longer, in elements: a download that grows is no gain.
const LONGEST: usize = 1 << 16;

/// Replaces the outputs of nodes whose inputs are constants by constants; those
/// that are made of quantised numbers only where they are no more than
/// `dequantized` elements.
pub(super) fn fold(graph: &mut Graph, dequantized: usize) {
    let nodes = std::mem::take(&mut graph.nodes);
    for node in nodes {
        match folded(&node, graph, dequantized) {
            Some(tensors) => graph.constants.extend(tensors),
            None => graph.nodes.push(node),
        }
    }
}

/// The node's outputs, where they can be had now and are worth keeping.
fn folded(node: &Node, graph: &Graph, dequantized: usize) -> Option<Vec<(String, Tensor)>> {
    let random = node.op.starts_with("Random") || matches!(node.op.as_str(), "Bernoulli" | "Multinomial");
    let has_body = node.attributes.values().any(|value| matches!(value, Attribute::Graph(_)));
    if random || has_body {
        return None;
    }
    let constant = |input: &Option<String>| match input {
        Some(name) => graph.constants.get(name).map(|tensor| Some(Value::Tensor(tensor.clone()))),
        None => Some(None),
    };
    let inputs = node.inputs.iter().map(constant).collect::<Option<Vec<_>>>()?;
    let (step, payload, constants) = single_step(node);
    let outputs = run_step(&step, &constants, &payload.to_model_bytes(), &inputs).ok()?;
    let tensor = |(name, value): (&Option<String>, Value)| match value {
        Value::Tensor(tensor) if tensor.data().len() <= LONGEST => {
            Some(name.clone().map(|name| (name, tensor)))
        }
        _ => None,
    };
    let tensors = node.outputs.iter().zip(outputs).map(tensor).collect::<Option<Vec<_>>>()?;
    let tensors: Vec<_> = tensors.into_iter().flatten().collect();
    let longest = tensors.iter().map(|(_, tensor)| tensor.data().len()).max().unwrap_or_default();
    // The runtime makes longer ones as it loads the model.
    (node.op != "DequantizeLinear" || longest <= dequantized).then_some(tensors)
}
