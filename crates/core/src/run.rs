//! Checks named tensors against a schema and puts them in its order.

use std::collections::BTreeMap;

use crate::error::quoted;
use crate::{Dim, Error, ErrorKind, Result, Schema, Tensor, Value, ValueSpec, ValueType, Values};

/// `inputs` in the schema's order.
///
/// # Errors
///
/// [`ErrorKind::InvalidTensor`] with the input's name when one is missing,
/// unknown, given twice, or not of the element type and shape that the schema
/// asks for.
pub(crate) fn arrange(schema: &Schema, inputs: impl Iterator<Item = (String, Value)>) -> Result<Values> {
    let mut given: BTreeMap<String, Value> = BTreeMap::new();
    for (name, value) in inputs {
        if !schema.inputs.iter().any(|input| input.name == name) {
            return Err(wrong(&name, format!("the model has no such input; it has {}", names(schema))));
        }
        if given.insert(name.clone(), value).is_some() {
            return Err(wrong(&name, "given twice".to_owned()));
        }
    }
    let mut arranged = Values::with_capacity(schema.inputs.len());
    for spec in &schema.inputs {
        let value = given.remove(&spec.name);
        arranged.push(value.ok_or_else(|| missing(schema, spec))?);
    }
    check_arranged(schema, &arranged)?;
    Ok(arranged)
}

/// Checks `inputs`, which are in the schema's order.
///
/// # Errors
///
/// As [`arrange`].
pub(crate) fn check_arranged(schema: &Schema, inputs: &[Value]) -> Result<()> {
    let mut symbols = BTreeMap::new();
    for (index, spec) in schema.inputs.iter().enumerate() {
        let value = inputs.get(index).ok_or_else(|| missing(schema, spec))?;
        let tensor = value.as_tensor().ok_or_else(|| wrong(&spec.name, "expected a tensor".to_owned()))?;
        check(spec, tensor, &mut symbols)?;
    }
    Ok(())
}

fn check<'a>(spec: &'a ValueSpec, tensor: &Tensor, symbols: &mut BTreeMap<&'a str, usize>) -> Result<()> {
    let ValueType::Tensor { element, shape } = &spec.value else {
        return Err(wrong(&spec.name, "this input is not a tensor".to_owned()));
    };
    if tensor.element_type() != *element {
        let message = format!("expected {element} elements, got {}", tensor.element_type());
        return Err(wrong(&spec.name, message));
    }
    let fits = tensor.shape().len() == shape.len()
        && shape.iter().zip(tensor.shape()).all(|(dim, &size)| match dim {
            Dim::Fixed(fixed) => *fixed == size,
            Dim::Symbol(symbol) => *symbols.entry(symbol).or_insert(size) == size,
        });
    if fits {
        return Ok(());
    }
    let dims: Vec<_> = shape.iter().map(ToString::to_string).collect();
    let bound: Vec<_> = symbols.iter().map(|(symbol, size)| format!("{symbol} = {size}")).collect();
    let bound = if bound.is_empty() { String::new() } else { format!(" (with {})", bound.join(", ")) };
    let message = format!("expected shape [{}]{bound}, got {:?}", dims.join(", "), tensor.shape());
    Err(wrong(&spec.name, message))
}

fn missing(schema: &Schema, spec: &ValueSpec) -> Error {
    wrong(&spec.name, format!("missing; the model takes {}", names(schema)))
}

fn names(schema: &Schema) -> String {
    let names: Vec<_> = schema.inputs.iter().map(|input| format!("{:?}", input.name)).collect();
    names.join(", ")
}

fn wrong(name: &str, message: String) -> Error {
    Error::new(ErrorKind::InvalidTensor, message).at(format!("inputs[{}]", quoted(name)))
}
