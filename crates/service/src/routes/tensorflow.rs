//! TensorFlow Serving's REST API, and version 1 of KServe's, which is like it.
//!
//! <https://www.tensorflow.org/tfx/serving/api_rest>

use std::collections::BTreeMap;

use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use edgeinfer_core::{Error, ErrorKind, Model, Result, Task, Tensor, ValueSpec, ValueType};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};

use super::platforms::{predicted, predictions};
use crate::error::ApiError;
use crate::service::{Named, Service, Shared, Target};
use crate::shortened::shortened;
use crate::tensors::{self, Flat, Nested, Spec, from_json};
use crate::{body, json, rows};

pub(super) fn routes(router: Router<Shared>) -> Router<Shared> {
    let at = |router: Router<Shared>, prefix: &str| {
        router.route(prefix, post(act)).route(&format!("{prefix}/metadata"), get(metadata))
    };
    at(at(router, "/v1/models/{model}"), "/v1/models/{model}/versions/{version}")
}

/// `POST …/NAME:predict` and `POST …/versions/VERSION:predict`.
async fn act(State(service): State<Shared>, named: Named, request: Request) -> Result<Response, ApiError> {
    let (model, version, verb) = split(&named);
    if verb != Some("predict") {
        let message = match verb {
            Some(verb) => format!("a model cannot `{}`; it can `predict`", shortened(verb)),
            None => "a model is not posted to; POST …:predict or …/predict asks it".to_owned(),
        };
        return Err(Error::new(ErrorKind::NotFound, message).into());
    }
    let (parts, body) = request.into_parts();
    let target = service.find(model, version)?.noted(&parts.extensions);
    let body = body::read(&parts.headers, body, service.config.limits.body_bytes).await?;
    Ok(predict(&service, &target, &body)?)
}

/// The model, the version, and what comes after the colon of the last of them.
fn split(named: &Named) -> (Option<&str>, Option<&str>, Option<&str>) {
    let (model, version) = (named.model.as_deref(), named.version.as_deref());
    match (
        model.and_then(|model| model.rsplit_once(':')),
        version.and_then(|version| version.rsplit_once(':')),
    ) {
        (_, Some((version, verb))) => (model, Some(version), Some(verb)),
        (Some((model, verb)), None) if version.is_none() => (Some(model), None, Some(verb)),
        _ => (model, version, None),
    }
}

fn predict(service: &Service, target: &Target, body: &Bytes) -> Result<Response> {
    if !matches!(target.model.schema().task, Task::Tensors) {
        return Ok(predicted(predictions(service, target, json::parse(body)?)?));
    }
    let TensorRequest { instances, inputs } = json::parse_as(body)?;
    let given = match (instances, inputs) {
        (Some(instances), None) => Ok((instances, true)),
        (None, Some(inputs)) => Ok((inputs, false)),
        _ => Err(invalid("expected one of the fields `instances` and `inputs`")),
    };
    let (given, by_row) = given?;
    let inputs = named_tensors(&target.model, given)?;
    let count = inputs.first().and_then(|(_, tensor)| tensor.shape().first()).copied().unwrap_or(1);
    let outputs = target.measured(count, |model| model.run(inputs))?;
    let outputs = outputs.into_iter().map(|(name, value)| Ok((name, tensors::tensor(value)?)));
    let outputs = outputs.collect::<Result<Vec<_>>>()?;
    let outputs: Vec<_> = outputs.iter().map(|(name, tensor)| (name.as_str(), Nested::of(tensor))).collect();
    Ok(match by_row {
        true => rows::json(Rows { predictions: by_rows(&outputs) }),
        false => rows::json(Columns { outputs: Group(outputs) }),
    })
}

/// A request to a model that takes tensors.
#[derive(Deserialize)]
struct TensorRequest {
    /// A value, or an object of values by input, for each row.
    instances: Option<Given>,
    /// The values of all rows, or an object of them by input.
    inputs: Option<Given>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Given {
    Named(BTreeMap<String, Flat>),
    Rows(Vec<BTreeMap<String, Flat>>),
    Unnamed(Flat),
}

fn named_tensors(model: &Model, given: Given) -> Result<Vec<(String, Tensor)>> {
    let inputs = &model.schema().inputs;
    let named = match (given, inputs.as_slice()) {
        (Given::Unnamed(flat), [input]) => BTreeMap::from([(input.name.clone(), flat)]),
        (Given::Unnamed(_), inputs) => {
            return Err(invalid(&format!(
                "the model has {} inputs; give an object of them by name",
                inputs.len()
            )));
        }
        (Given::Named(named), _) => named,
        (Given::Rows(rows), _) => stacked(rows),
    };
    named.into_iter().map(|(name, flat)| Ok((name.clone(), tensor(inputs, &name, flat)?))).collect()
}

/// Each input's values of all rows.
fn stacked(rows: Vec<BTreeMap<String, Flat>>) -> BTreeMap<String, Flat> {
    let mut columns: BTreeMap<String, Vec<Flat>> = BTreeMap::new();
    for (name, flat) in rows.into_iter().flatten() {
        columns.entry(name).or_default().push(flat);
    }
    columns.into_iter().map(|(name, flats)| (name, Flat::stacked(flats))).collect()
}

/// The tensor of the input `name`, of the element type that it takes; of an input
/// that is not there the run tells.
fn tensor(inputs: &[ValueSpec], name: &str, flat: Flat) -> Result<Tensor> {
    let element = inputs.iter().find(|input| input.name == name).and_then(|input| match &input.value {
        ValueType::Tensor { element, .. } => Some(*element),
        _ => None,
    });
    let shape = flat.lengths.clone();
    from_json(element.unwrap_or(edgeinfer_core::ElementType::Float32), &shape, flat)
        .map_err(|error| error.at(format!("inputs[{:?}]", shortened(name))))
}

#[derive(Serialize)]
struct Rows<'a> {
    predictions: Vec<Group<'a>>,
}

#[derive(Serialize)]
struct Columns<'a> {
    outputs: Group<'a>,
}

/// A value of each output: alone where there is one, else by name.
struct Group<'a>(Vec<(&'a str, Nested<'a>)>);

impl Serialize for Group<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let [(_, value)] = self.0.as_slice() {
            return value.serialize(serializer);
        }
        let mut object = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            object.serialize_entry(name, value)?;
        }
        object.end()
    }
}

fn by_rows<'a>(outputs: &[(&'a str, Nested<'a>)]) -> Vec<Group<'a>> {
    let mut columns: Vec<_> = outputs.iter().map(|(name, nested)| (*name, nested.rows())).collect();
    let mut rows = Vec::new();
    loop {
        let row: Option<Vec<_>> =
            columns.iter_mut().map(|(name, rows)| Some((*name, rows.next()?))).collect();
        match row {
            Some(row) if !row.is_empty() => rows.push(Group(row)),
            _ => return rows,
        }
    }
}

fn invalid(message: &str) -> Error {
    Error::new(ErrorKind::InvalidRequest, message)
}

#[derive(Serialize)]
struct Metadata {
    model_spec: ModelSpec,
    metadata: Signatures,
}

#[derive(Serialize)]
struct ModelSpec {
    name: String,
    signature_name: &'static str,
    version: String,
}

#[derive(Serialize)]
struct Signatures {
    signature_def: SignatureDef,
}

#[derive(Serialize)]
struct SignatureDef {
    signature_def: BTreeMap<&'static str, Signature>,
}

#[derive(Serialize)]
struct Signature {
    inputs: BTreeMap<String, TensorInfo>,
    outputs: BTreeMap<String, TensorInfo>,
    method_name: &'static str,
}

#[derive(Serialize)]
struct TensorInfo {
    name: String,
    dtype: &'static str,
    tensor_shape: TensorShape,
}

#[derive(Serialize)]
struct TensorShape {
    dim: Vec<Dim>,
    unknown_rank: bool,
}

/// Sizes are strings, as protocol buffers write 64-bit integers in JSON.
#[derive(Serialize)]
struct Dim {
    size: String,
    name: &'static str,
}

async fn metadata(target: Target) -> Json<Metadata> {
    let schema = target.model.schema();
    let infos =
        |values: &[ValueSpec]| values.iter().map(|value| (value.name.clone(), tensor_info(value))).collect();
    let (inputs, outputs) = (infos(&schema.inputs), infos(&schema.outputs));
    let signature = Signature { inputs, outputs, method_name: "tensorflow/serving/predict" };
    let signature_def = SignatureDef { signature_def: BTreeMap::from([("serving_default", signature)]) };
    let (name, version) = (target.entry.name().to_owned(), target.entry.version().to_owned());
    let model_spec = ModelSpec { name, signature_name: "", version };
    Json(Metadata { model_spec, metadata: Signatures { signature_def } })
}

fn tensor_info(value: &ValueSpec) -> TensorInfo {
    let Spec { name, datatype, shape } = Spec::of(value);
    let dim = |size: i64| Dim { size: size.to_string(), name: "" };
    let tensor_shape = TensorShape { dim: shape.into_iter().map(dim).collect(), unknown_rank: false };
    TensorInfo { name: name.to_owned(), dtype: dtype(datatype), tensor_shape }
}

/// TensorFlow's name of a datatype of the Open Inference Protocol.
fn dtype(datatype: &str) -> &'static str {
    match datatype {
        "BOOL" => "DT_BOOL",
        "UINT8" => "DT_UINT8",
        "UINT16" => "DT_UINT16",
        "UINT32" => "DT_UINT32",
        "UINT64" => "DT_UINT64",
        "INT8" => "DT_INT8",
        "INT16" => "DT_INT16",
        "INT32" => "DT_INT32",
        "INT64" => "DT_INT64",
        "FP16" => "DT_HALF",
        "BF16" => "DT_BFLOAT16",
        "FP32" => "DT_FLOAT",
        "FP64" => "DT_DOUBLE",
        "BYTES" => "DT_STRING",
        _ => "DT_INVALID",
    }
}
