//! Checks named tensors and maps against a schema and puts them in its order.

use smallvec::SmallVec;

use crate::error::quoted;
use crate::{
    Dim, ElementType, Error, ErrorKind, Map, Result, Schema, Tensor, Value, ValueSpec, ValueType, Values,
};

/// `inputs` in the schema's order.
///
/// # Errors
///
/// [`ErrorKind::InvalidTensor`] with the input's name when one is missing,
/// unknown, given twice, or not of the type and shape that the schema asks for.
pub(crate) fn arrange(schema: &Schema, inputs: impl Iterator<Item = (String, Value)>) -> Result<Values> {
    let mut given: SmallVec<[Option<Value>; 4]> = schema.inputs.iter().map(|_| None).collect();
    for (name, value) in inputs {
        let place = schema.inputs.iter().position(|input| input.name == name);
        match place.and_then(|place| given.get_mut(place)) {
            Some(place @ None) => *place = Some(value),
            Some(Some(_)) => return Err(wrong(&name, "given twice".to_owned())),
            None => {
                return Err(wrong(&name, format!("the model has no such input; it has {}", names(schema))));
            }
        }
    }
    let mut arranged = Values::with_capacity(schema.inputs.len());
    for (spec, given) in schema.inputs.iter().zip(given) {
        arranged.push(match (given, &spec.value) {
            (Some(value), _) => value,
            (None, ValueType::Optional { .. }) => Value::Absent,
            (None, _) => return Err(missing(schema, spec)),
        });
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
    let mut symbols = Symbols::new();
    for (index, spec) in schema.inputs.iter().enumerate() {
        let value = inputs.get(index).ok_or_else(|| missing(schema, spec))?;
        check(&spec.value, value, &mut symbols).map_err(|message| wrong(&spec.name, message))?;
    }
    Ok(())
}

/// Sizes of free dimensions, by their symbol.
type Symbols<'a> = SmallVec<[(&'a str, usize); 4]>;

fn check<'a>(spec: &'a ValueType, value: &Value, symbols: &mut Symbols<'a>) -> Result<(), String> {
    match (spec, value) {
        (ValueType::Tensor { element, shape }, Value::Tensor(tensor)) => {
            check_tensor(*element, shape, tensor, symbols)
        }
        (ValueType::Map { key, value }, Value::Map(map)) => check_map(*key, *value, map),
        (ValueType::Map { key, value }, _) => Err(format!("expected a map of {key} to {value}")),
        (ValueType::Sequence { element }, Value::Sequence(tensors)) => check_sequence(*element, tensors),
        (ValueType::Sequence { element }, _) => Err(format!("expected a sequence of {element} tensors")),
        (ValueType::Optional { .. }, Value::Absent) => Ok(()),
        (ValueType::Optional { of }, value) => check(of, value, symbols),
        _ => Err("expected a tensor".to_owned()),
    }
}

fn check_sequence(element: ElementType, tensors: &[Tensor]) -> Result<(), String> {
    match tensors.iter().map(Tensor::element_type).find(|other| *other != element) {
        Some(other) => Err(format!("expected a sequence of {element} tensors, got one of {other}")),
        None => Ok(()),
    }
}

fn check_map(key: ElementType, value: ElementType, map: &Map) -> Result<(), String> {
    let Map { keys, values } = map;
    if (keys.element_type(), values.element_type()) != (key, value) {
        let (got_key, got_value) = (keys.element_type(), values.element_type());
        return Err(format!("expected a map of {key} to {value}, got one of {got_key} to {got_value}"));
    }
    if values.shape() != [keys.len()] {
        let shape = values.shape();
        return Err(format!("expected a value for each of {} keys, got shape {shape:?}", keys.len()));
    }
    match keys.twice() {
        Some(key) => Err(format!("the key {} is there twice", quoted(&key))),
        None => Ok(()),
    }
}

/// The size of `symbol`: `size` where it has none yet.
fn bind<'a>(symbols: &mut Symbols<'a>, symbol: &'a str, size: usize) -> usize {
    match symbols.iter().find(|(known, _)| *known == symbol) {
        Some((_, bound)) => *bound,
        None => {
            symbols.push((symbol, size));
            size
        }
    }
}

fn check_tensor<'a>(
    element: ElementType,
    shape: &'a [Dim],
    tensor: &Tensor,
    symbols: &mut Symbols<'a>,
) -> Result<(), String> {
    if tensor.element_type() != element {
        return Err(format!("expected {element} elements, got {}", tensor.element_type()));
    }
    let fits = tensor.shape().len() == shape.len()
        && shape.iter().zip(tensor.shape()).all(|(dim, &size)| match dim {
            Dim::Fixed(fixed) => *fixed == size,
            Dim::Symbol(symbol) => bind(symbols, symbol, size) == size,
        });
    if fits {
        return Ok(());
    }
    let dims: Vec<_> = shape.iter().map(ToString::to_string).collect();
    let bound: Vec<_> = symbols.iter().map(|(symbol, size)| format!("{symbol} = {size}")).collect();
    let bound = if bound.is_empty() { String::new() } else { format!(" (with {})", bound.join(", ")) };
    Err(format!("expected shape [{}]{bound}, got {:?}", dims.join(", "), tensor.shape()))
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
