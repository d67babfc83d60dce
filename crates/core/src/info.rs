use serde::Serialize;

use crate::{ElementType, Metadata, Schema, Task, ValueSpec, ValueType};

/// What kind of model it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ModelType {
    /// It tells classes apart.
    Classifier,
    /// It gives numbers.
    Regressor,
    /// It takes and gives tensors.
    Tensors,
}

impl From<&Task> for ModelType {
    fn from(task: &Task) -> Self {
        match task {
            Task::Classification { .. } | Task::MultiOutput { .. } => Self::Classifier,
            Task::Regression { .. } => Self::Regressor,
            Task::Tensors => Self::Tensors,
        }
    }
}

/// A feature, as [`ModelInfo`] shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FeatureInfo {
    /// What it is called.
    pub name: String,
    /// The element type that it is converted to.
    #[serde(rename = "type")]
    pub element: ElementType,
    /// Whether it may be missing; null stands for that.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub missing: bool,
    /// The least and the greatest value that the model was trained on, where its
    /// metadata says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<[f64; 2]>,
}

/// What a loaded model says about itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelInfo {
    /// The model's name, where its metadata gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it does, where its metadata says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What kind of model it is.
    #[serde(rename = "type")]
    pub model_type: ModelType,
    /// The features of a row, in order.
    pub features: Vec<FeatureInfo>,
    /// What the classes are called, in the order of the probabilities.
    pub labels: Vec<String>,
    /// The inputs of the graph.
    pub inputs: Vec<ValueSpec>,
    /// The outputs of the graph.
    pub outputs: Vec<ValueSpec>,
    /// What the model's makers say about it.
    pub metadata: Metadata,
    /// What runs it.
    pub engine: String,
    /// The size of the compiled model in bytes.
    pub size_bytes: usize,
}

impl ModelInfo {
    pub(crate) fn new(schema: &Schema, metadata: &Metadata, engine: &str, size_bytes: usize) -> Self {
        Self {
            name: metadata.name.clone(),
            description: metadata.description.clone(),
            model_type: ModelType::from(&schema.task),
            features: features(schema, metadata),
            labels: match &schema.task {
                Task::Classification { labels, .. } => labels.clone(),
                _ => Vec::new(),
            },
            inputs: schema.inputs.clone(),
            outputs: schema.outputs.clone(),
            metadata: metadata.clone(),
            engine: engine.to_owned(),
            size_bytes,
        }
    }
}

fn features(schema: &Schema, metadata: &Metadata) -> Vec<FeatureInfo> {
    let element = |index: usize| match schema.inputs.get(index).map(|input| &input.value) {
        Some(ValueType::Tensor { element, .. }) => Some(*element),
        _ => None,
    };
    let info = |feature: &crate::Feature| {
        let (name, range) = (feature.name.clone(), metadata.range(&feature.name));
        Some(FeatureInfo { name, element: element(feature.input)?, missing: feature.missing, range })
    };
    schema.features.iter().filter_map(info).collect()
}

/// Whether a model can answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum HealthStatus {
    /// It answers.
    Healthy,
    /// It does not.
    Unhealthy,
}

/// The health of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Health {
    /// Whether it can answer.
    pub status: HealthStatus,
    /// Whether a model is loaded.
    pub model_loaded: bool,
    /// Why it cannot answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Health {
    /// A model is loaded and answers.
    #[must_use]
    pub fn healthy() -> Self {
        Self { status: HealthStatus::Healthy, model_loaded: true, reason: None }
    }

    /// No model is loaded, for `reason`.
    #[must_use]
    pub fn unhealthy(reason: impl Into<String>) -> Self {
        Self { status: HealthStatus::Unhealthy, model_loaded: false, reason: Some(reason.into()) }
    }
}
