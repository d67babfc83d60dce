//! `MatMul` or `Gemm` with constant weights, the `Add` of a bias after it, and
//! an activation after that, as one `edgeinfer.Linear`.

use std::collections::BTreeMap;

use edgeinfer_core::{ElementType, Tensor, TensorData};

use crate::graph::{Attribute, Graph, Node};

const ACTIVATIONS: [&str; 3] = ["Relu", "Tanh", "Sigmoid"];

/// Fuses every such chain of `graph`.
pub(super) fn fuse(graph: &mut Graph) {
    let uses = graph.uses();
    let nodes = std::mem::take(&mut graph.nodes);
    // The place in `graph.nodes` of the Linear that gives a value which one node
    // alone takes.
    let mut open: BTreeMap<String, usize> = BTreeMap::new();
    for node in nodes {
        let fused = match chained(&node, graph, &open) {
            Some((place, name, value)) => {
                let linear = graph.nodes.get_mut(place);
                linear.map(|linear| {
                    linear.attributes.insert(name.to_owned(), value);
                    linear.outputs.clone_from(&node.outputs);
                    place
                })
            }
            None => {
                graph.nodes.push(linear(&node, graph).unwrap_or(node));
                Some(graph.nodes.len() - 1).filter(|&place| is_linear(graph, place))
            }
        };
        let output = fused.and_then(|place| Some((graph.nodes.get(place)?.only_output()?.to_owned(), place)));
        if let Some((output, place)) = output
            && uses.get(&output) == Some(&1)
        {
            open.insert(output, place);
        }
    }
}

fn is_linear(graph: &Graph, place: usize) -> bool {
    graph.nodes.get(place).is_some_and(|node| node.domain == "edgeinfer" && node.op == "Linear")
}

/// The Linear that `node` continues, and the attribute that it becomes there.
fn chained(
    node: &Node,
    graph: &Graph,
    open: &BTreeMap<String, usize>,
) -> Option<(usize, &'static str, Attribute)> {
    let place = |index| open.get(node.input(index)?).copied();
    let linear = |place: usize| graph.nodes.get(place);
    if let Some(activation) = ACTIVATIONS.iter().find(|name| node.is(name)) {
        let place = place(0)?;
        let taken = linear(place)?.attributes.contains_key("activation");
        return (!taken).then(|| (place, "activation", Attribute::String((*activation).to_owned())));
    }
    if !node.is("Add") {
        return None;
    }
    let (place, other) = place(0).map(|place| (place, 1)).or_else(|| place(1).map(|place| (place, 0)))?;
    let attributes = &linear(place)?.attributes;
    if attributes.contains_key("bias") || attributes.contains_key("activation") {
        return None;
    }
    let Some(Attribute::Tensor(weights)) = attributes.get("weights") else { return None };
    let bias = bias(graph.constants.get(node.input(other)?)?, weights)?;
    Some((place, "bias", Attribute::Tensor(bias)))
}

/// `tensor` as a bias: a number for each column of `weights`.
fn bias(tensor: &Tensor, weights: &Tensor) -> Option<Tensor> {
    let columns = *weights.shape().last()?;
    let shape = tensor.shape();
    let row = shape.last() == Some(&columns) && tensor.data().len() == columns && shape.len() <= 2;
    let same = tensor.element_type() == weights.element_type();
    (row && same).then(|| Tensor::new(vec![columns], tensor.data().clone()).ok()).flatten()
}

/// A MatMul or Gemm whose weights are constant, as a Linear.
fn linear(node: &Node, graph: &Graph) -> Option<Node> {
    let weights = graph.constants.get(node.input(1)?)?;
    // Products of other numbers are MatMul's, which is widened as any operator.
    let known = matches!(weights.element_type(), ElementType::Float32 | ElementType::Float64);
    if weights.shape().len() != 2 || !known {
        return None;
    }
    let (weights, bias) = match node.op.as_str() {
        "MatMul" if node.is("MatMul") => (weights.clone(), None),
        "Gemm" if node.is("Gemm") => gemm(node, weights, graph)?,
        _ => return None,
    };
    let weights = Attribute::Tensor(without_subnormals(weights)?);
    let mut attributes = BTreeMap::from([("weights".to_owned(), weights)]);
    attributes.extend(bias.map(|bias| ("bias".to_owned(), Attribute::Tensor(bias))));
    Some(Node {
        name: node.name.clone(),
        domain: "edgeinfer".to_owned(),
        op: "Linear".to_owned(),
        version: 1,
        inputs: node.inputs.iter().take(1).cloned().collect(),
        outputs: node.outputs.clone(),
        attributes,
    })
}

/// Zeros in place of numbers below the smallest normal one, to which training with a
/// penalty brings weights that nothing needs. Beside normal numbers they add nothing,
/// but a product with one takes some processors a hundred times as long.
fn without_subnormals(weights: Tensor) -> Option<Tensor> {
    let shape = weights.shape().to_vec();
    let mut data = weights.into_data();
    if let TensorData::Float32(values) = &mut data {
        values.iter_mut().filter(|value| value.is_subnormal()).for_each(|value| *value = 0.0);
    }
    Tensor::new(shape, data).ok()
}

/// The weights and bias of a Gemm that is a Linear: rows as they are, factors
/// of 1.
fn gemm(node: &Node, weights: &Tensor, graph: &Graph) -> Option<(Tensor, Option<Tensor>)> {
    let plain = node.int_or("transA", 0) == 0
        && node.float_or("alpha", 1.0) == 1.0
        && (node.input(2).is_none() || node.float_or("beta", 1.0) == 1.0);
    if !plain {
        return None;
    }
    let weights = if node.int_or("transB", 0) == 0 { weights.clone() } else { transposed(weights)? };
    match node.input(2) {
        Some(name) => Some((weights.clone(), Some(bias(graph.constants.get(name)?, &weights)?))),
        None => Some((weights, None)),
    }
}

fn transposed(tensor: &Tensor) -> Option<Tensor> {
    let &[rows, columns] = tensor.shape() else { return None };
    let data = match tensor.data() {
        TensorData::Float32(values) => TensorData::Float32(transpose(values, rows, columns)?),
        TensorData::Float64(values) => TensorData::Float64(transpose(values, rows, columns)?),
        _ => return None,
    };
    Tensor::new(vec![columns, rows], data).ok()
}

fn transpose<T: Copy>(values: &[T], rows: usize, columns: usize) -> Option<Vec<T>> {
    let places = (0..columns).flat_map(|column| (0..rows).map(move |row| row * columns + column));
    places.map(|place| values.get(place).copied()).collect()
}
