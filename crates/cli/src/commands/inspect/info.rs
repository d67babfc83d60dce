//! What a model says about itself, in lines.

use edgeinfer_core::{ModelInfo, ValueSpec, ValueType};

use crate::output;

/// Each thing that there is to say, and its name.
pub(super) fn rows(info: &ModelInfo) -> Vec<(&str, String)> {
    let metadata = &info.metadata;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let known = [
        ("name", text(&info.name)),
        ("description", text(&info.description)),
        ("version", text(&metadata.model_version)),
        ("trained", text(&metadata.training_date)),
        ("framework", text(&metadata.framework)),
        ("python", text(&metadata.python_version)),
        ("accuracy", metadata.accuracy.map(|accuracy| accuracy.to_string()).unwrap_or_default()),
    ];
    let more = metadata.more.iter().map(|(name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (name.as_str(), value)
    });
    let found = [
        ("type", output::model_type(info.model_type)),
        ("inputs", info.inputs.iter().map(spec).collect::<Vec<_>>().join(", ")),
        ("outputs", info.outputs.iter().map(spec).collect::<Vec<_>>().join(", ")),
        ("features", output::list(info.features.iter().map(|feature| feature.name.as_str()))),
        ("labels", output::list(info.labels.iter().map(String::as_str))),
        ("engine", info.engine.clone()),
        ("size", output::bytes(info.size_bytes)),
    ];
    known.into_iter().chain(more).chain(found).collect()
}

fn spec(spec: &ValueSpec) -> String {
    format!("{}: {}", spec.name, kind(&spec.value))
}

fn kind(value: &ValueType) -> String {
    match value {
        ValueType::Tensor { element, shape } => {
            let dims: Vec<_> = shape.iter().map(ToString::to_string).collect();
            format!("{element}[{}]", dims.join(", "))
        }
        ValueType::Map { key, value } => format!("map of {value} by {key}"),
        ValueType::Sequence { element } => format!("sequence of {element} tensors"),
        ValueType::MapSequence { keys } => format!("one map of {} classes per row", keys.len()),
        ValueType::Optional { of } => format!("{}, or nothing", kind(of)),
    }
}
