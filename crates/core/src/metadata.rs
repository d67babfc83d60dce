use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::written::{json, some_bits};

/// What the model's makers say about it: the content of
/// `model_metadata.json`.
///
/// The fields below are known and typed; any others are kept as they are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
#[serde(default)]
pub struct Metadata {
    /// The model's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the model does, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The version of the model, for example `1.0.0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_version: Option<String>,
    /// When it was trained, ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub training_date: Option<String>,
    /// The names of the features, in the order of the model's columns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// What to call each class, in the order of the model's classes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// The share of held-out rows that the model gets right, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[borsh(serialize_with = "some_bits::write", deserialize_with = "some_bits::read")]
    pub accuracy: Option<f64>,
    /// What the model was trained with, for example `scikit-learn 1.7.2`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub framework: Option<String>,
    /// The Python version that it was trained under.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub python_version: Option<String>,
    /// Any other field of the file.
    #[serde(flatten)]
    #[borsh(serialize_with = "json::write", deserialize_with = "json::read")]
    pub more: Map<String, Value>,
}

impl Metadata {
    /// The least and the greatest value of the feature `name` that the model was
    /// trained on: `{"feature_ranges": {name: [least, greatest]}}`.
    pub(crate) fn range(&self, name: &str) -> Option<[f64; 2]> {
        let range = self.more.get("feature_ranges")?.get(name)?;
        Some([range.get(0)?.as_f64()?, range.get(1)?.as_f64()?])
    }
}
