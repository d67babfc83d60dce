//! Constant folding: nodes that take constants alone are run here and now, by
//! the runtime itself.

use edgeinfer_core::{Tensor, TensorData, Value, run_step};

use crate::graph::{Attribute, Graph, Node, single_step};

/// No folded constant is longer, in bytes, but for those that are no longer than
/// what they are made of: a download that grows is no gain.
const LONGEST: usize = 1 << 18;

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
    if random || has_body || is_long(node, graph) {
        return None;
    }
    let constant = |input: &Option<String>| match input {
        Some(name) => graph.constants.get(name).map(|tensor| Some(Value::Tensor(tensor.clone()))),
        None => Some(None),
    };
    let inputs = node.inputs.iter().map(constant).collect::<Option<Vec<_>>>()?;
    let (step, payload, constants) = single_step(node);
    let outputs = run_step(&step, &constants, &payload.to_model_bytes(), &inputs).ok()?;
    let given = inputs.iter().flatten().filter_map(Value::as_tensor).map(bytes).sum::<usize>();
    let tensor = |(name, value): (&Option<String>, Value)| match value {
        Value::Tensor(tensor) if bytes(&tensor) <= given.max(LONGEST) => {
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

/// Whether the node gives more than is worth keeping: weights that are not there,
/// as in ONNX's own networks for tests, take long to make.
fn is_long(node: &Node, graph: &Graph) -> bool {
    let shape =
        node.input(0).filter(|_| node.is("ConstantOfShape")).and_then(|name| graph.constants.get(name));
    match shape.map(Tensor::data) {
        Some(TensorData::Int64(dims)) => {
            dims.iter().fold(1i64, |length, &dim| length.saturating_mul(dim)) > LONGEST as i64
        }
        _ => false,
    }
}

/// How long the tensor is in a file, about.
fn bytes(tensor: &Tensor) -> usize {
    let size = match tensor.data() {
        TensorData::Float64(_) | TensorData::Int64(_) | TensorData::UInt64(_) => 8,
        TensorData::Float32(_) | TensorData::Int32(_) | TensorData::UInt32(_) => 4,
        TensorData::Int16(_) | TensorData::UInt16(_) | TensorData::Float16(_) | TensorData::BFloat16(_) => 2,
        TensorData::String(texts) => return texts.iter().map(|text| text.len() + size_of::<u32>()).sum(),
        _ => 1,
    };
    tensor.data().len().saturating_mul(size)
}
