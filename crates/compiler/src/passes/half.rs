//! Models of half precision calculate in single precision: what comes in and goes
//! out is converted there, and nothing in between. Every fusion of float32 is one
//! of theirs then, and no step converts its values. Their weights stay of half
//! precision in the file.

use std::collections::{BTreeMap, BTreeSet};

use edgeinfer_core::{ElementType, Tensor};

use crate::graph::{Attribute, Graph, Node};

/// ONNX's numbers of element types.
const FLOAT: i32 = 1;
const FLOAT16: i32 = 10;
const BFLOAT16: i32 = 16;

/// The attributes that say the type of an output.
const TYPES: [&str; 4] = ["to", "dtype", "output_dtype", "output_datatype"];

/// Makes `graph` one of float32 where it is one of float16. `inputs` and `outputs`
/// are the types that the model declares, by ONNX's numbers: of all that are
/// tensors.
pub(super) fn widen(graph: &mut Graph, inputs: &BTreeMap<String, i32>, outputs: &BTreeMap<String, i32>) {
    let declared = |types: &BTreeMap<String, i32>, names: &[String]| {
        names.iter().all(|name| types.get(name).is_some_and(|&kind| kind > 0 && kind != BFLOAT16))
    };
    let known = declared(inputs, &graph.inputs) && declared(outputs, &graph.outputs);
    let constant = |element| graph.constants.values().any(|tensor| tensor.element_type() == element);
    let half = constant(ElementType::Float16) || inputs.values().any(|&kind| kind == FLOAT16);
    if !known || !half || constant(ElementType::BFloat16) || graph.nodes.iter().any(needs_halves) {
        return;
    }
    let given = with_type(inputs, &graph.inputs);
    let made = with_type(outputs, &graph.outputs);
    let single = |(name, tensor): (&String, &Tensor)| tensor.as_f32().map(|_| name.clone());
    graph.exact = Some(graph.constants.iter().filter_map(single).collect::<BTreeSet<_>>());
    graph.constants.values_mut().for_each(widen_tensor);
    graph.nodes.iter_mut().for_each(widen_node);
    given.iter().flatten().for_each(|name| convert_input(graph, name));
    for (index, _) in made.iter().enumerate().filter(|(_, name)| name.is_some()) {
        convert_output(graph, index);
    }
}

/// Those of `names` that are of float16, in their places.
fn with_type(types: &BTreeMap<String, i32>, names: &[String]) -> Vec<Option<String>> {
    names.iter().map(|name| (types.get(name) == Some(&FLOAT16)).then(|| name.clone())).collect()
}

/// Whether the node's values have to be of the types that the model says.
fn needs_halves(node: &Node) -> bool {
    let is_other = |name: &&str| matches!(node.attributes.get(*name), Some(Attribute::Int(16)));
    node.is("BitCast")
        || TYPES.iter().any(is_other)
        || bodies(node).any(|body| body.nodes.iter().any(needs_halves))
}

fn bodies(node: &Node) -> impl Iterator<Item = &Graph> {
    node.attributes.values().filter_map(|value| match value {
        Attribute::Graph(body) => Some(body),
        _ => None,
    })
}

fn widen_node(node: &mut Node) {
    for (name, value) in &mut node.attributes {
        match value {
            Attribute::Int(kind) if *kind == i64::from(FLOAT16) && TYPES.contains(&name.as_str()) => {
                *kind = i64::from(FLOAT);
            }
            Attribute::Tensor(tensor) => widen_tensor(tensor),
            Attribute::Graph(body) => {
                body.constants.values_mut().for_each(widen_tensor);
                body.nodes.iter_mut().for_each(widen_node);
            }
            _ => {}
        }
    }
}

fn widen_tensor(tensor: &mut Tensor) {
    if tensor.element_type() != ElementType::Float16 {
        return;
    }
    let widened = tensor.data().widened().map(|values| Tensor::from_f32(tensor.shape(), values));
    if let Some(Ok(widened)) = widened {
        *tensor = widened;
    }
}

fn cast(from: &str, to: &str, kind: i32) -> Node {
    Node {
        name: format!("{from} converted"),
        op: "Cast".to_owned(),
        version: 13,
        inputs: vec![Some(from.to_owned())],
        outputs: vec![Some(to.to_owned())],
        attributes: [("to".to_owned(), Attribute::Int(i64::from(kind)))].into(),
        ..Node::default()
    }
}

fn convert_input(graph: &mut Graph, name: &str) {
    let single = format!("{name} in float32");
    let taken = graph.nodes.iter_mut().flat_map(|node| node.inputs.iter_mut().flatten());
    taken
        .chain(&mut graph.outputs)
        .filter(|value| *value == name)
        .for_each(|value| value.clone_from(&single));
    graph.nodes.insert(0, cast(name, &single, FLOAT));
}

fn convert_output(graph: &mut Graph, index: usize) {
    let Some(output) = graph.outputs.get_mut(index) else { return };
    let half = format!("{output} in float16, {index}");
    let single = std::mem::replace(output, half.clone());
    graph.nodes.push(cast(&single, &half, FLOAT16));
}
