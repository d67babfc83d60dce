use edgeinfer_core::{Classes, ElementType, Schema, Task, ValueSpec, ValueType};
use serde::Serialize;

/// What the package needs to know of a model to speak with it through memory.
#[derive(Serialize)]
pub(crate) struct Signature<'a> {
    inputs: Vec<Input<'a>>,
    outputs: Vec<&'a str>,
    /// The number of features in a row.
    features: usize,
    labels: &'a [String],
}

#[derive(Serialize)]
struct Input<'a> {
    name: &'a str,
    element: Option<ElementType>,
}

impl<'a> Signature<'a> {
    pub(crate) fn new(schema: &'a Schema) -> Self {
        let element = |value: &ValueType| match value {
            ValueType::Tensor { element, .. } => Some(*element),
            _ => None,
        };
        let input = |spec: &'a ValueSpec| Input { name: &spec.name, element: element(&spec.value) };
        Self {
            inputs: schema.inputs.iter().map(input).collect(),
            outputs: schema.outputs.iter().map(|output| output.name.as_str()).collect(),
            features: schema.features.len(),
            labels: match &schema.task {
                Task::Classification { labels, .. } => labels,
                _ => &[],
            },
        }
    }
}

/// The classes that `schema` tells apart.
pub(crate) fn classes(schema: &Schema) -> Option<&Classes> {
    match &schema.task {
        Task::Classification { classes, .. } => Some(classes),
        _ => None,
    }
}
