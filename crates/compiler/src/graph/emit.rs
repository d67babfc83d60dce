//! From the compiler's graph to a plan.

use std::collections::BTreeMap;

use edgeinfer_core::{Attribute as PlanAttribute, ConstantSpec, Graph as PlanGraph, Payload, Plan, Step};
use edgeinfer_core::{Storage, Tensor, TensorData};

use super::{Attribute, Graph, Node};

/// Longer lists are constants: JSON is slow to read.
const INLINE: usize = 32;

/// The plan of `graph`, and its engine section.
pub(crate) fn emit(graph: &Graph) -> (Plan, Vec<u8>) {
    let mut writer = Writer { is_half: graph.exact.is_some(), ..Writer::default() };
    let uses = graph.uses();
    let taken = graph.constants.iter().filter(|(name, _)| uses.contains_key(*name));
    let names: Vec<_> = taken.clone().map(|(name, _)| name.clone()).collect();
    // Values that are constants come before those in attributes: their places in
    // the list are their numbers.
    taken.for_each(|(name, tensor)| writer.value(tensor, is_half(graph, name)));
    let attributes = writer.attributes(graph);
    let given = graph.inputs.iter().cloned().map(Some);
    // Constants that only attributes take have numbers too.
    let constants = names.into_iter().map(Some);
    let unnamed = writer.constants.len() - uses_of_constants(graph, &uses);
    let first = given.chain(constants).chain((0..unnamed).map(|_| None)).collect();
    let steps = plan_graph(graph, first, attributes);
    (Plan { constants: writer.constants, graph: steps }, writer.payload.into_bytes())
}

/// Whether the file may hold the constant `name` in float16.
fn is_half(graph: &Graph, name: &str) -> bool {
    graph.exact.as_ref().is_some_and(|exact| !exact.contains(name))
}

fn uses_of_constants(graph: &Graph, uses: &BTreeMap<String, usize>) -> usize {
    graph.constants.keys().filter(|name| uses.contains_key(*name)).count()
}

/// The node as a step by itself, and the tensors of its attributes.
pub(crate) fn single_step(node: &Node) -> (Step, Payload, Vec<ConstantSpec>) {
    let mut writer = Writer::default();
    let attributes = writer.of_node(node);
    let step = Step {
        attributes,
        inputs: node.inputs.iter().enumerate().map(|(index, input)| input.as_ref().map(|_| index)).collect(),
        outputs: node.outputs.iter().map(Option::is_some).collect(),
        ..node.step()
    };
    (step, writer.payload, writer.constants)
}

type Attributes = BTreeMap<String, PlanAttribute>;

#[derive(Default)]
struct Writer {
    payload: Payload,
    constants: Vec<ConstantSpec>,
    /// Whether weights were of float16.
    is_half: bool,
}

impl Writer {
    /// Adds a constant; a long one in float16 where that is its type.
    fn value(&mut self, tensor: &Tensor, is_half: bool) {
        let long = tensor.data().len() > INLINE;
        let stored = (is_half && long).then(|| self.payload.push_stored(tensor, Storage::Float16)).flatten();
        let spec = stored.unwrap_or_else(|| self.payload.push(tensor));
        self.constants.push(spec);
    }

    fn constant(&mut self, tensor: &Tensor) -> usize {
        self.value(tensor, self.is_half && Storage::Float16.is_exact(tensor));
        self.constants.len() - 1
    }

    /// The attributes of each node of `graph`.
    fn attributes(&mut self, graph: &Graph) -> Vec<Attributes> {
        graph.nodes.iter().map(|node| self.of_node(node)).collect()
    }

    fn of_node(&mut self, node: &Node) -> Attributes {
        node.attributes.iter().map(|(name, value)| (name.clone(), self.attribute(value))).collect()
    }

    fn attribute(&mut self, value: &Attribute) -> PlanAttribute {
        match value {
            Attribute::Int(value) => PlanAttribute::Int(*value),
            Attribute::Float(value) => PlanAttribute::Float(*value),
            Attribute::String(value) => PlanAttribute::String(value.clone()),
            Attribute::Ints(values) if values.len() > INLINE => self.list(TensorData::Int64(values.clone())),
            Attribute::Ints(values) => PlanAttribute::Ints(values.clone()),
            Attribute::Strings(values) if values.len() > INLINE => {
                self.list(TensorData::String(values.clone()))
            }
            Attribute::Strings(values) => PlanAttribute::Strings(values.clone()),
            Attribute::Tensor(tensor) => PlanAttribute::Tensor(self.constant(tensor)),
            Attribute::Graph(body) => {
                let attributes = self.attributes(body);
                let first = body.inputs.iter().cloned().map(Some).collect();
                PlanAttribute::Graph(plan_graph(body, first, attributes))
            }
        }
    }

    fn list(&mut self, data: TensorData) -> PlanAttribute {
        match Tensor::new(vec![data.len()], data) {
            Ok(tensor) => PlanAttribute::Tensor(self.constant(&tensor)),
            // A list is as long as its own length.
            Err(_) => PlanAttribute::Ints(Vec::new()),
        }
    }
}

/// Numbers the values of `graph`: `first` are those that are there before the
/// first step.
fn plan_graph(graph: &Graph, first: Vec<Option<String>>, attributes: Vec<Attributes>) -> PlanGraph {
    let mut next = first.len();
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    numbers.extend(first.into_iter().enumerate().filter_map(|(number, name)| Some((name?, number))));
    let uses = graph.uses();
    let mut steps = Vec::with_capacity(graph.nodes.len());
    for (node, attributes) in graph.nodes.iter().zip(attributes) {
        let number = |input: &Option<String>| {
            let name = input.as_ref()?;
            // A value that nobody makes has a number that is refused at load.
            Some(numbers.get(name).copied().unwrap_or(usize::MAX))
        };
        let inputs = node.inputs.iter().map(number).collect();
        let mut outputs = Vec::with_capacity(node.outputs.len());
        for output in &node.outputs {
            let taken = output.as_ref().filter(|name| uses.contains_key(*name));
            outputs.push(taken.is_some());
            if let Some(name) = taken {
                numbers.insert(name.clone(), next);
                next += 1;
            }
        }
        steps.push(Step { inputs, outputs, attributes, ..node.step() });
    }
    let outputs = graph.outputs.iter().map(|name| numbers.get(name).copied().unwrap_or(usize::MAX)).collect();
    PlanGraph { inputs: graph.inputs.len(), steps, outputs }
}
