//! What a model takes and gives, and whether it answers.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use edgeinfer_core::{ErrorKind, Result, ValueSpec};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::ComponentsBuilder;

use crate::documents::with;
use crate::error::ApiError;
use crate::service::{Named, Shared, Target};
use crate::tensors::Spec;

pub(super) fn routes(router: Router<Shared>, prefix: &str) -> Router<Shared> {
    router
        .route(prefix, get(metadata))
        .route(&format!("{prefix}/ready"), get(ready))
        .route(&format!("{prefix}/config"), get(config))
}

#[derive(Serialize, ToSchema)]
#[schema(as = v2::Model)]
struct Metadata {
    name: String,
    versions: Vec<String>,
    platform: &'static str,
    inputs: Vec<TensorMetadata>,
    outputs: Vec<TensorMetadata>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = v2::TensorMetadata)]
struct TensorMetadata {
    name: String,
    datatype: &'static str,
    shape: Vec<i64>,
}

const PLATFORM: &str = "edgeinfer";

async fn metadata(State(service): State<Shared>, target: Target) -> Result<Json<Metadata>, ApiError> {
    let name = target.entry.name();
    let versions = service.registry.versions(name)?;
    let schema = target.model.schema();
    Ok(Json(Metadata {
        name: name.to_owned(),
        versions: versions.iter().map(|entry| entry.version().to_owned()).collect(),
        platform: PLATFORM,
        inputs: schema.inputs.iter().map(tensor_metadata).collect(),
        outputs: schema.outputs.iter().map(tensor_metadata).collect(),
    }))
}

fn tensor_metadata(value: &ValueSpec) -> TensorMetadata {
    let Spec { name, datatype, shape } = Spec::of(value);
    TensorMetadata { name: name.to_owned(), datatype, shape }
}

#[derive(Serialize, ToSchema)]
#[schema(as = v2::ModelReady)]
struct Ready {
    name: String,
    ready: bool,
}

async fn ready(State(service): State<Shared>, named: Named) -> Result<(StatusCode, Json<Ready>), ApiError> {
    let name = named.model.clone().unwrap_or_default();
    match service.find(named.model.as_deref(), named.version.as_deref()) {
        Ok(_) => Ok((StatusCode::OK, Json(Ready { name, ready: true }))),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(error.into()),
        Err(_) => Ok((StatusCode::SERVICE_UNAVAILABLE, Json(Ready { name, ready: false }))),
    }
}

/// The part of Triton's model configuration that clients read.
///
/// <https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_model_configuration.md>
#[derive(Serialize, ToSchema)]
#[schema(as = v2::ModelConfig)]
struct Config {
    name: String,
    platform: &'static str,
    backend: &'static str,
    max_batch_size: u32,
    input: Vec<TensorConfig>,
    output: Vec<TensorConfig>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = v2::TensorConfig)]
struct TensorConfig {
    name: String,
    data_type: String,
    dims: Vec<i64>,
}

async fn config(target: Target) -> Json<Config> {
    let schema = target.model.schema();
    Json(Config {
        name: target.entry.name().to_owned(),
        platform: PLATFORM,
        backend: PLATFORM,
        // The batch is a dimension of the tensors' shapes.
        max_batch_size: 0,
        input: schema.inputs.iter().map(tensor_config).collect(),
        output: schema.outputs.iter().map(tensor_config).collect(),
    })
}

fn tensor_config(value: &ValueSpec) -> TensorConfig {
    let Spec { name, datatype, shape } = Spec::of(value);
    let data_type = match datatype {
        "BYTES" => "TYPE_STRING".to_owned(),
        other => format!("TYPE_{other}"),
    };
    TensorConfig { name: name.to_owned(), data_type, dims: shape }
}

/// The schemas of its answers.
pub(super) fn schemas(components: ComponentsBuilder) -> ComponentsBuilder {
    with::<Config>(with::<Ready>(with::<Metadata>(components)))
}
