//! Builds the schema from the graph and the metadata.

use std::collections::BTreeSet;

use edgeinfer_core::{
    Dim, ElementType, Error, ErrorKind, Feature, Metadata, Result, Schema, SmallType, Task, ValueSpec,
    ValueType,
};
use edgeinfer_onnx::{Type, ValueInfoProto};

use crate::classes::of_node;
use crate::kinds::Kind;
use crate::missing::Column;
use crate::onnx::Graph;
use crate::task::task;
use crate::types::{names_first, numbered, own_dim, tensor_type};

/// What the graph says it takes and gives, without what that means.
///
/// # Errors
///
/// [`ErrorKind::UnsupportedModel`] for inputs or outputs of a type that is not
/// supported.
pub(crate) fn declared(graph: &Graph<'_>) -> Result<Schema> {
    let mut inputs = graph.inputs().map(input).collect::<Result<Vec<_>>>()?;
    tell_apart(&mut inputs, graph);
    let outputs = graph.proto.output.iter().map(|value| output(graph, value)).collect::<Result<_>>()?;
    Ok(Schema { inputs, outputs, features: Vec::new(), task: Task::Tensors })
}

/// First dimensions without a name are one batch where all such inputs are columns
/// of one table. Those of others say nothing about each other.
fn tell_apart(inputs: &mut [ValueSpec], graph: &Graph<'_>) {
    let unnamed = |(input, declared): &(&mut ValueSpec, &ValueInfoProto)| {
        rank(&input.value).is_some_and(|rank| rank > 0) && !names_first(declared)
    };
    let mut unnamed: Vec<_> =
        inputs.iter_mut().zip(graph.inputs()).filter(unnamed).map(|(input, _)| input).collect();
    let ranks: BTreeSet<_> = unnamed.iter().map(|input| rank(&input.value)).collect();
    if unnamed.len() < 2 || ranks.len() == 1 && ranks.first() <= Some(&Some(2)) {
        return;
    }
    for input in &mut unnamed {
        let own = own_dim(input, 0);
        if let ValueType::Tensor { shape, .. } = &mut input.value
            && let Some(first) = shape.first_mut()
        {
            *first = own;
        }
    }
}

fn rank(value: &ValueType) -> Option<usize> {
    if let ValueType::Tensor { shape, .. } = value { Some(shape.len()) } else { None }
}

/// Adds to `schema` what its inputs and outputs mean: features, of which those
/// of `missing` may be missing, and the task.
///
/// # Errors
///
/// [`ErrorKind::InvalidRequest`] when the metadata does not fit.
pub(crate) fn give_meaning(
    schema: &mut Schema,
    graph: &Graph<'_>,
    metadata: &Metadata,
    missing: &BTreeSet<Column>,
) -> Result<()> {
    schema.features = features(&schema.inputs, &metadata.features)?;
    for feature in &mut schema.features {
        let element = schema.inputs.get(feature.input).and_then(element);
        let may = element.is_some_and(|element| element.is_float() || element == ElementType::String);
        feature.missing = may && missing.contains(&(feature.input, feature.column));
    }
    let takes_rows = !schema.features.is_empty() || takes_a_map(&schema.inputs);
    // What is not asked row by row has an output for each row by chance alone,
    // unless there are labels that say what the output tells.
    schema.task = match takes_rows || !metadata.labels.is_empty() {
        true => task(graph, &schema.outputs, &metadata.labels)?,
        false => Task::Tensors,
    };
    Ok(())
}

fn element(input: &ValueSpec) -> Option<ElementType> {
    if let ValueType::Tensor { element, .. } = &input.value { Some(*element) } else { None }
}

fn input(value: &ValueInfoProto) -> Result<ValueSpec> {
    if let Some(present) = optional(value) {
        return input(&present).map(absent);
    }
    match Kind::of(value) {
        Kind::Map { key, value: element } => match (numbered(key), numbered(element)) {
            (Some(key), Some(element)) => Ok(named(value, ValueType::Map { key, value: element })),
            _ => Err(unsupported(value, "the map's keys or values are of a type that is not supported")),
        },
        Kind::Sequence { element } => sequence(value, element),
        _ => tensor(value),
    }
}

/// What `value` is where it is there; `None` where it is not optional.
fn optional(value: &ValueInfoProto) -> Option<ValueInfoProto> {
    match value.r#type.as_ref()?.value.as_ref()? {
        Type::Optional(of) => {
            let r#type = of.elem_type.as_deref().cloned();
            Some(ValueInfoProto { name: value.name.clone(), r#type })
        }
        _ => None,
    }
}

/// `present` as a value that may be absent.
fn absent(present: ValueSpec) -> ValueSpec {
    ValueSpec { name: present.name, value: ValueType::Optional { of: Box::new(present.value) } }
}

fn sequence(value: &ValueInfoProto, element: i32) -> Result<ValueSpec> {
    match numbered(element) {
        Some(element) => Ok(named(value, ValueType::Sequence { element })),
        None => Err(unsupported(value, "the sequence's elements are of a type that is not supported")),
    }
}

fn tensor(value: &ValueInfoProto) -> Result<ValueSpec> {
    let (element, shape) = tensor_type(value)?;
    Ok(named(value, ValueType::Tensor { element, shape }))
}

fn output(graph: &Graph<'_>, value: &ValueInfoProto) -> Result<ValueSpec> {
    let zip_map = graph.producer(&value.name).filter(|node| node.op_type == "ZipMap");
    if let Some(keys) = zip_map.and_then(|node| of_node(graph, node)) {
        return Ok(named(value, ValueType::MapSequence { keys }));
    }
    match (optional(value), Kind::of(value)) {
        (Some(present), _) => output(graph, &present).map(absent),
        (None, Kind::Sequence { element }) => sequence(value, element),
        (None, _) => tensor(value),
    }
}

fn named(value: &ValueInfoProto, kind: ValueType) -> ValueSpec {
    ValueSpec { name: value.name.clone(), value: kind }
}

fn unsupported(value: &ValueInfoProto, what: &str) -> Error {
    Error::new(ErrorKind::UnsupportedModel, what).at(value.name.clone())
}

/// The columns of the inputs in order, under their names. None where an input
/// is not a table of rows, such as an image.
fn features(inputs: &[ValueSpec], names: &[String]) -> Result<Vec<Feature>> {
    let is_row = |spec: &&ValueSpec| {
        let ValueType::Tensor { element, shape } = &spec.value else { return false };
        rows(shape) && SmallType::of(*element).is_none()
    };
    let widths: Option<Vec<_>> = inputs.iter().map(|spec| Some(spec).filter(is_row)?.row_width()).collect();
    let Some(widths) = widths else {
        return if takes_a_map(inputs) { Ok(Vec::new()) } else { without_rows(names) };
    };
    let columns: Vec<_> = widths
        .iter()
        .enumerate()
        .flat_map(|(input, &width)| (0..width).map(move |column| (input, column)))
        .collect();
    if !names.is_empty() && names.len() != columns.len() {
        let message = format!("{} names for {} columns of the model's inputs", names.len(), columns.len());
        return Err(Error::new(ErrorKind::InvalidRequest, message).at("metadata.features"));
    }
    let feature = |(position, (input, column)): (usize, (usize, usize))| {
        let name =
            names.get(position).cloned().unwrap_or_else(|| default_name(inputs, &widths, input, column));
        Feature { name, input, column, missing: false }
    };
    Ok(columns.into_iter().enumerate().map(feature).collect())
}

fn takes_a_map(inputs: &[ValueSpec]) -> bool {
    matches!(inputs, [ValueSpec { value: ValueType::Map { .. }, .. }])
}

/// A table with any number of rows, or with one.
fn rows(shape: &[Dim]) -> bool {
    shape.len() <= 2 && matches!(shape.first(), Some(Dim::Symbol(_) | Dim::Fixed(1)))
}

fn without_rows(names: &[String]) -> Result<Vec<Feature>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let message =
        "there are names of features, but the model's inputs are not rows of them; remove `features`";
    Err(Error::new(ErrorKind::InvalidRequest, message).at("metadata.features"))
}

/// scikit-learn's own default, `x0`, `x1` …, for a single table; the input's
/// name where inputs are columns.
fn default_name(inputs: &[ValueSpec], widths: &[usize], input: usize, column: usize) -> String {
    let input_name = inputs.get(input).map_or("", |spec| spec.name.as_str());
    match widths {
        [_] => format!("x{column}"),
        widths if widths.get(input) == Some(&1) => input_name.to_owned(),
        _ => format!("{input_name}_{column}"),
    }
}
