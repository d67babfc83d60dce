//! Converters declare the shapes and element types of outputs wrong now and
//! then, or not at all: what a model really gives is found by running it.

use edgeinfer_core::{Attribute, Dim, Graph, Model, Schema, Tensor, TensorData, Value, ValueSpec, ValueType};

use crate::types::{BATCH, own_dim};

/// Sets right the types of `schema`'s outputs where `model` gives others.
pub(crate) fn set_right(schema: &mut Schema, model: &Model) {
    // Two sizes of each free dimension tell what grows with which. A model that
    // does not take made-up values keeps what it declares.
    let symbols = symbols(schema);
    let apart = |symbol: &str| symbols.iter().position(|known| known == symbol).unwrap_or_default();
    let sizes =
        |step: usize| symbols.iter().map(|symbol| (symbol.clone(), 2 + step * apart(symbol))).collect();
    // Those of several dimensions may have to fit each other: then, one for all.
    for sizes in [sizes(2), sizes(0)] {
        let (Some(first), Some(second)) = (run(schema, model, &sizes, 0), run(schema, model, &sizes, 1))
        else {
            continue;
        };
        for (output, (first, second)) in schema.outputs.iter_mut().zip(first.iter().zip(&second)) {
            if let (Value::Tensor(first), Value::Tensor(second)) = (first, second) {
                set_output_right(output, first, second, &sizes);
            }
        }
        return;
    }
}

/// Whether made-up values may keep a loop of `graph` going.
pub(crate) fn may_be_endless(graph: &Graph) -> bool {
    let in_body = |value: &Attribute| matches!(value, Attribute::Graph(body) if may_be_endless(body));
    graph.steps.iter().any(|step| step.op == "Loop" || step.attributes.values().any(in_body))
}

/// The free dimensions of the inputs, and how long each is in the first of two
/// runs; in the second, they are longer by one.
type Sizes = Vec<(String, usize)>;

fn symbols(schema: &Schema) -> Vec<String> {
    let mut symbols = Vec::new();
    for input in &schema.inputs {
        let ValueType::Tensor { shape, .. } = &input.value else { continue };
        for dim in shape {
            if let Dim::Symbol(symbol) = dim
                && !symbols.contains(symbol)
            {
                symbols.push(symbol.clone());
            }
        }
    }
    symbols
}

fn set_output_right(output: &mut ValueSpec, first: &Tensor, second: &Tensor, sizes: &Sizes) {
    let named = output.clone();
    let ValueType::Tensor { element, shape } = &mut output.value else { return };
    *element = first.element_type();
    if first.shape().len() != second.shape().len() {
        return;
    }
    let size_of = |symbol: &str| sizes.iter().find(|(known, _)| known == symbol).map(|(_, size)| *size);
    let right = shape.len() == first.shape().len()
        && shape.iter().zip(first.shape()).zip(second.shape()).all(|((dim, &first), &second)| match dim {
            Dim::Fixed(size) => *size == first && first == second,
            Dim::Symbol(symbol) => match size_of(symbol) {
                Some(size) => (first, second) == (size, size + 1),
                None => symbol != BATCH,
            },
        });
    if right {
        return;
    }
    let dim = |(index, (&first, &second)): (usize, (&usize, &usize))| {
        let grows = sizes.iter().find(|(_, size)| (first, second) == (*size, *size + 1));
        match grows {
            Some((symbol, _)) => Dim::symbol(symbol),
            None if first == second => Dim::Fixed(first),
            None => own_dim(&named, index),
        }
    };
    *shape = first.shape().iter().zip(second.shape()).enumerate().map(dim).collect();
}

fn run(schema: &Schema, model: &Model, sizes: &Sizes, longer: usize) -> Option<Vec<Value>> {
    let inputs = schema.inputs.iter().map(|input| Some((input.name.clone(), made_up(input, sizes, longer)?)));
    let outputs = model.run(inputs.collect::<Option<Vec<_>>>()?).ok()?;
    Some(outputs.into_iter().map(|(_, value)| value).collect())
}

/// Zeros and empty strings, with `longer` elements more than `sizes` says in
/// each free dimension.
fn made_up(input: &ValueSpec, sizes: &Sizes, longer: usize) -> Option<Tensor> {
    let ValueType::Tensor { element, shape } = &input.value else { return None };
    let size = |dim: &Dim| match dim {
        Dim::Fixed(size) => Some(*size),
        Dim::Symbol(symbol) => sizes.iter().find(|(known, _)| known == symbol).map(|(_, size)| size + longer),
    };
    let shape: Vec<usize> = shape.iter().map(size).collect::<Option<_>>()?;
    let length = shape.iter().try_fold(1usize, |length, &size| length.checked_mul(size))?;
    let longest = if shape.len() <= 2 { LONGEST_TABLE } else { LONGEST };
    (length <= longest)
        .then(|| TensorData::zeros(*element, length).and_then(|data| Tensor::new(shape, data)).ok())
        .flatten()
}

/// Longer inputs are not made up: what takes images is slow, and its exporters
/// declare their shapes right.
const LONGEST: usize = 1 << 16;
const LONGEST_TABLE: usize = 1 << 24;
