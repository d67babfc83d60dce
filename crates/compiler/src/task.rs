//! Works out what a model's outputs mean.

use edgeinfer_core::{Classes, Dim, ElementType, Error, ErrorKind, Result, Task, ValueSpec, ValueType};

use crate::classes::classes;
use crate::onnx::Graph;
use crate::types::own_dim;

/// Operators whose output is a probability per class.
const PROBABILITIES: [&str; 3] = ["Softmax", "Sigmoid", "Normalizer"];
/// Operators that pass values on as they are.
const PASS_ON: [&str; 6] = ["Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Flatten"];

/// What `outputs` mean, given the labels of the model's metadata.
///
/// # Errors
///
/// [`ErrorKind::InvalidRequest`] when there are labels, but not one per class.
pub(crate) fn task(graph: &Graph<'_>, outputs: &[ValueSpec], labels: &[String]) -> Result<Task> {
    let label = outputs.iter().position(is_label);
    let probabilities = outputs.iter().position(is_table);
    match (label, probabilities) {
        _ if outputs.iter().any(is_labels) => no_labels(labels, multi_output(outputs)),
        (Some(label), probabilities) => classification(graph, outputs, Some(label), probabilities, labels),
        (None, Some(table)) if outputs.len() == 1 => {
            let name = outputs.get(table).map_or("", |output| output.name.as_str());
            if !labels.is_empty() && gives_probabilities(graph, name) {
                classification(graph, outputs, None, Some(table), labels)
            } else {
                no_labels(labels, Task::Regression { output: table })
            }
        }
        _ => no_labels(labels, Task::Tensors),
    }
}

fn classification(
    graph: &Graph<'_>,
    outputs: &[ValueSpec],
    label: Option<usize>,
    probabilities: Option<usize>,
    labels: &[String],
) -> Result<Task> {
    let name =
        |index: Option<usize>| index.and_then(|index| outputs.get(index)).map(|output| output.name.as_str());
    let named: Vec<_> = [probabilities, label].into_iter().filter_map(name).collect();
    let classes = classes(graph, &named).unwrap_or_else(|| counted(labels.len()));
    let labels = match labels {
        [] => classes.names(),
        labels if labels.len() == classes.len() => labels.to_vec(),
        labels => return Err(label_count(labels.len(), &classes)),
    };
    // Scores that are not one per class, such as an outlier detector's.
    let probabilities = probabilities.filter(|_| !classes.is_empty());
    Ok(Task::Classification { label, probabilities, classes, labels })
}

fn no_labels(labels: &[String], task: Task) -> Result<Task> {
    if labels.is_empty() {
        return Ok(task);
    }
    let message = "there are labels, but the model does not give classes or class probabilities; \
                   remove `labels`, or end the graph with Softmax or Sigmoid";
    Err(Error::new(ErrorKind::InvalidRequest, message).at("metadata.labels"))
}

fn label_count(labels: usize, classes: &Classes) -> Error {
    let message = format!("{labels} labels for {} classes ({})", classes.len(), classes.names().join(", "));
    Error::new(ErrorKind::InvalidRequest, message).at("metadata.labels")
}

fn counted(count: usize) -> Classes {
    Classes::Integers((0i64..).take(count).collect())
}

/// One integer or string per row.
fn is_label(output: &ValueSpec) -> bool {
    let ValueType::Tensor { element, shape } = &output.value else { return false };
    // A column, or as quadratic discriminant analysis gives it, a row.
    let one_per_row = matches!(shape.as_slice(), [_] | [_, Dim::Fixed(1)] | [Dim::Fixed(1), Dim::Symbol(_)]);
    one_per_row && (element.is_integer() || *element == ElementType::String)
}

/// Several integers or strings per row.
fn is_labels(output: &ValueSpec) -> bool {
    let ValueType::Tensor { element, shape } = &output.value else { return false };
    let several = matches!(shape.as_slice(), [Dim::Symbol(_), Dim::Fixed(2..)]);
    several && (*element == ElementType::Int64 || *element == ElementType::String)
}

/// A first output of several classes per row, and the probabilities of each
/// where an output has as many.
fn multi_output(outputs: &[ValueSpec]) -> Task {
    let Some(labels) = outputs.iter().position(is_labels).filter(|_| outputs.len() == 2) else {
        return Task::Tensors;
    };
    let width = |index: usize| match &outputs.get(index)?.value {
        ValueType::Tensor { element, shape } if element.is_float() || index == labels => {
            match shape.as_slice() {
                [_, Dim::Fixed(width)] => Some(*width),
                _ => None,
            }
        }
        ValueType::MapSequence { keys } => Some(keys.len()),
        _ => None,
    };
    let other = 1 - labels.min(1);
    let probabilities = Some(other).filter(|&other| width(other).is_some() && width(other) == width(labels));
    Task::MultiOutput { labels, probabilities }
}

/// Numbers by row: probabilities or a regressor's values.
fn is_table(output: &ValueSpec) -> bool {
    match &output.value {
        // A trial has shown that a first dimension of its own is not the batch.
        ValueType::Tensor { shape, .. } if shape.first() == Some(&own_dim(output, 0)) => false,
        ValueType::Tensor { element, shape } => element.is_float() && matches!(shape.len(), 1 | 2),
        ValueType::MapSequence { .. } => true,
        ValueType::Map { .. } | ValueType::Sequence { .. } | ValueType::Optional { .. } => false,
    }
}

fn gives_probabilities(graph: &Graph<'_>, output: &str) -> bool {
    let mut producer = graph.producer(output);
    // A graph of n nodes has no chain longer than n; a malformed one may loop.
    for _ in 0..=graph.proto.node.len() {
        let Some(node) = producer else { return false };
        if PROBABILITIES.contains(&node.op_type.as_str()) {
            return true;
        }
        if !PASS_ON.contains(&node.op_type.as_str()) {
            return false;
        }
        producer = node.input.first().and_then(|input| graph.producer(input));
    }
    false
}
