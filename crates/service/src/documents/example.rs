//! Rows that a model takes, for people to begin with.

use edgeinfer_core::{ElementType, FeatureInfo};
use serde_json::{Map, Value, json};

/// A row in the order of the features.
pub(super) fn row(features: &[FeatureInfo]) -> Value {
    features.iter().map(value).collect()
}

/// A row by the features' names.
pub(super) fn named(features: &[FeatureInfo]) -> Value {
    Value::Object(
        features.iter().map(|feature| (feature.name.clone(), value(feature))).collect::<Map<_, _>>(),
    )
}

/// The middle of the feature's range, where that is known.
fn value(feature: &FeatureInfo) -> Value {
    let middle = feature.range.map(|[least, greatest]| f64::midpoint(least, greatest));
    match feature.element {
        ElementType::String => json!("text"),
        ElementType::Bool => json!(true),
        element if element.is_integer() => json!(middle.map_or(1, |middle| middle.round() as i64)),
        // Two digits are enough to read.
        _ => json!(middle.map_or(1.5, |middle| (middle * 100.0).round() / 100.0)),
    }
}
