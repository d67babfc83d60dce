//! A small real model and calls to the API over it, in process.
#![allow(dead_code, reason = "each test file uses a part of this")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

use std::sync::Arc;

use edgeinfer_core::{
    Classes, Dim, ElementType, Engine, EngineLoader, EngineSection, Error, ErrorKind, Feature, Manifest,
    Metadata, Model, Result, Schema, Task, Tensor, TensorData, Value, ValueSpec, ValueType, Values,
    write_model,
};
use edgeinfer_service::http::request::Builder;
use edgeinfer_service::http::{HeaderMap, Request};
use edgeinfer_service::{Bytes, Router, answer, router};
use serde_json::Value as Json;

pub(crate) const FEATURES: [&str; 4] =
    ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"];
pub(crate) const LABELS: [&str; 3] = ["setosa", "versicolor", "virginica"];
pub(crate) const SETOSA: &str = r#"{"features":[5.1,3.5,1.4,0.2]}"#;

/// Softmax over a linear score per class. A value that is NaN is taken as 0.2,
/// as an imputer would. It fails on rows that start with -1, so that tests can
/// see what a failing engine gives.
struct Linear;

/// Of scikit-learn's logistic regression on the iris data; the last is the bias.
const WEIGHTS: [[f32; 5]; 3] =
    [[-0.42, 0.97, -2.52, -1.08, 9.85], [0.53, -0.32, -0.2, -0.94, 2.24], [-0.11, -0.65, 2.72, 2.02, -12.09]];

impl Engine for Linear {
    fn name(&self) -> &str {
        "linear"
    }

    fn run(&self, inputs: &[Value]) -> Result<Values> {
        let rows = inputs[0].as_tensor().and_then(Tensor::as_f32).unwrap().chunks(FEATURES.len());
        let (mut labels, mut probabilities) = (Vec::new(), Vec::new());
        for row in rows {
            if row[0] == -1.0 {
                return Err(Error::new(ErrorKind::InferenceFailed, "the length is negative").at("Gemm_0"));
            }
            let score = |weights: &[f32; 5]| {
                let known = row.iter().map(|x| if x.is_nan() { 0.2 } else { *x });
                known.zip(weights).map(|(x, weight)| (x * weight).clamp(-40.0, 40.0)).sum::<f32>()
                    + weights[4]
            };
            let scores = WEIGHTS.each_ref().map(score).map(|score| score.min(40.0).exp());
            let total: f32 = scores.iter().sum();
            let best = (0..scores.len()).max_by(|&a, &b| scores[a].total_cmp(&scores[b]));
            labels.push(best.unwrap() as i64);
            probabilities.extend(scores.map(|score| score / total));
        }
        let count = labels.len();
        Ok(Values::from([
            Tensor::new(vec![count], TensorData::Int64(labels))?.into(),
            Tensor::from_f32(vec![count, LABELS.len()], probabilities)?.into(),
        ]))
    }
}

/// [`Linear`], of which the probability of the first class is kept.
struct OtherThanSetosa;

impl Engine for OtherThanSetosa {
    fn name(&self) -> &str {
        "linear"
    }

    fn run(&self, inputs: &[Value]) -> Result<Values> {
        let outputs = Linear.run(inputs)?;
        let all = outputs[1].as_tensor().and_then(Tensor::as_f32).unwrap();
        let setosa = all.iter().step_by(LABELS.len());
        let probabilities: Vec<f32> = setosa.flat_map(|setosa| [*setosa, 1.0 - setosa]).collect();
        let label = |row: &[f32]| if row[1] >= 0.5 { "yes" } else { "no" }.to_owned();
        let labels: Vec<_> = probabilities.chunks(2).map(label).collect();
        let count = labels.len();
        Ok(Values::from([
            Tensor::new(vec![count], TensorData::String(labels))?.into(),
            Tensor::from_f32(vec![count, 2], probabilities)?.into(),
        ]))
    }
}

/// Gives what it takes.
struct Echo;

impl Engine for Echo {
    fn name(&self) -> &str {
        "echo"
    }

    fn run(&self, inputs: &[Value]) -> Result<Values> {
        Ok(inputs.iter().cloned().collect())
    }
}

/// Adds what is in a map.
struct Sum;

impl Engine for Sum {
    fn name(&self) -> &str {
        "sum"
    }

    fn run(&self, inputs: &[Value]) -> Result<Values> {
        let [Value::Map(map)] = inputs else { return Err(Error::new(ErrorKind::Internal, "no map")) };
        let sum = map.values.as_f32().unwrap().iter().sum();
        Ok(Values::from_iter([Tensor::from_f32(vec![1, 1], vec![sum])?.into()]))
    }
}

/// A model with the iris data's features and labels.
pub(crate) fn model() -> Result<Arc<Model>> {
    load(features(), classification())
}

/// The same, where the last feature may be missing.
pub(crate) fn model_that_takes_missing_values() -> Result<Arc<Model>> {
    let mut features = features();
    features[3].missing = true;
    load(features, classification())
}

fn features() -> Vec<Feature> {
    FEATURES.iter().enumerate().map(|(column, name)| Feature::new(name, 0, column)).collect()
}

fn classification() -> Task {
    Task::Classification {
        label: Some(0),
        probabilities: Some(1),
        classes: Classes::Integers(vec![0, 1, 2]),
        labels: LABELS.map(str::to_owned).to_vec(),
    }
}

/// A model of two classes: whether an iris is no setosa.
pub(crate) fn model_of_two_classes() -> Result<Arc<Model>> {
    let task = Task::Classification {
        label: Some(0),
        probabilities: Some(1),
        classes: Classes::Strings(vec!["no".to_owned(), "yes".to_owned()]),
        labels: vec!["setosa".to_owned(), "other".to_owned()],
    };
    let outputs = [("label", ElementType::String, &[][..]), ("probabilities", ElementType::Float32, &[2])];
    load_schema(schema(outputs, features(), task), "iris", |_, _| Ok(Box::new(OtherThanSetosa)))
}

/// The bytes of a compiled model called `name`, which [`ENGINE`] runs.
pub(crate) fn file(name: &str) -> Vec<u8> {
    write(schema(OUTPUTS, features(), classification()), name)
}

/// Runs what [`file`] gives.
pub(crate) const ENGINE: EngineLoader = |_, _| Ok(Box::new(Linear));

/// A model that takes tensors, not rows of features.
pub(crate) fn model_of_tensors() -> Result<Arc<Model>> {
    load(Vec::new(), Task::Tensors)
}

/// A model that gives the `[N, 2]` tensor that it takes.
pub(crate) fn model_that_echoes(element: ElementType) -> Result<Arc<Model>> {
    let shape = vec![Dim::symbol("N"), Dim::Fixed(2)];
    let value = |name: &str| ValueSpec {
        name: name.into(),
        value: ValueType::Tensor { element, shape: shape.clone() },
    };
    let (inputs, outputs) = (vec![value("in")], vec![value("out")]);
    load_schema(Schema { inputs, outputs, features: Vec::new(), task: Task::Tensors }, "iris", |_, _| {
        Ok(Box::new(Echo))
    })
}

/// A model that takes a map of words to numbers.
pub(crate) fn model_of_words() -> Result<Arc<Model>> {
    let value = |name: &str, value| ValueSpec { name: name.into(), value };
    let map = ValueType::Map { key: ElementType::String, value: ElementType::Float32 };
    let table =
        ValueType::Tensor { element: ElementType::Float32, shape: vec![Dim::symbol("N"), Dim::Fixed(1)] };
    let schema = Schema {
        inputs: vec![value("counts", map)],
        outputs: vec![value("variable", table)],
        features: Vec::new(),
        task: Task::Regression { output: 0 },
    };
    load_schema(schema, "iris", |_, _| Ok(Box::new(Sum)))
}

fn load(features: Vec<Feature>, task: Task) -> Result<Arc<Model>> {
    load_schema(schema(OUTPUTS, features, task), "iris", ENGINE)
}

/// A table of `element`s: its name, and what a row of it is.
type Table<'a> = (&'a str, ElementType, &'a [usize]);

const OUTPUTS: [Table<'static>; 2] =
    [("label", ElementType::Int64, &[]), ("probabilities", ElementType::Float32, &[3])];

fn schema(outputs: [Table<'_>; 2], features: Vec<Feature>, task: Task) -> Schema {
    let value = |(name, element, row): Table<'_>| ValueSpec {
        name: name.into(),
        value: ValueType::Tensor {
            element,
            shape: [Dim::symbol("N")].into_iter().chain(row.iter().copied().map(Dim::Fixed)).collect(),
        },
    };
    Schema {
        inputs: vec![value(("X", ElementType::Float32, &[4]))],
        outputs: outputs.map(value).to_vec(),
        features,
        task,
    }
}

fn load_schema(schema: Schema, name: &str, loader: EngineLoader) -> Result<Arc<Model>> {
    Model::load(write(schema, name).as_slice(), Some(loader)).map(Arc::new)
}

fn write(schema: Schema, name: &str) -> Vec<u8> {
    let ranges = serde_json::json!({FEATURES[0]: [4.3, 7.9]});
    let more = [("feature_ranges".to_owned(), ranges)].into_iter().collect();
    let metadata = Metadata { name: Some(name.to_owned()), more, ..Metadata::default() };
    let engine = EngineSection::Onnx { refused: Vec::new() };
    write_model(&Manifest { schema, metadata, engine }, &[]).unwrap()
}

/// An answer of the API.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self) -> &str {
        str::from_utf8(&self.body).unwrap()
    }

    /// The body, which is JSON by its header too.
    pub(crate) fn json(&self) -> Json {
        assert_eq!(self.header("content-type"), Some("application/json"));
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The error's fields, after a check that it has those of every error.
    pub(crate) fn error(&self) -> Json {
        let json = self.json();
        let error = json["error"].as_object().unwrap();
        assert_eq!(json.as_object().unwrap().len(), 1);
        assert_eq!(error["request_id"].as_str(), self.header("x-request-id"));
        assert!(error["code"].is_string() && error["message"].is_string());
        assert_eq!(error.len(), 3 + usize::from(error.contains_key("field")));
        json["error"].clone()
    }
}

/// The API over a small real model.
pub(crate) struct Api(Router);

impl Api {
    pub(crate) fn new() -> Self {
        Self(router(model()))
    }

    pub(crate) fn over(router: Router) -> Self {
        Self(router)
    }

    pub(crate) async fn send(&self, request: Builder, body: impl Into<Bytes>) -> Answer {
        let response = answer(&self.0, request.body(body.into()).unwrap()).await;
        let (parts, body) = response.into_parts();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path), "").await
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<Bytes>) -> Answer {
        self.send(Request::post(path).header("content-type", "application/json"), body).await
    }
}
