//! Which models there are, in which versions.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use edgeinfer_core::{Error, ErrorKind};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::ComponentsBuilder;

use crate::documents::with;
use crate::error::ApiError;
use crate::registry::{Entry, Standing};
use crate::service::{Named, Service, Shared};

pub(super) fn routes(router: Router<Shared>) -> Router<Shared> {
    router
        .route("/v1/models", get(list))
        .route("/v1/models/{model}", get(status))
        .route("/v1/models/{model}/versions/{version}", get(status))
}

#[derive(Serialize, ToSchema)]
#[schema(as = ModelList)]
struct List {
    models: Vec<String>,
    /// The model that is meant where none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<String>,
}

async fn list(State(service): State<Shared>) -> Json<List> {
    let models = service.registry.names().map(str::to_owned).collect();
    Json(List { models, default: service.registry.default_name().ok().map(str::to_owned) })
}

/// What became of a model's versions, as TensorFlow Serving says it, and whether
/// the model answers, as KServe does.
#[derive(Serialize, ToSchema)]
#[schema(as = ModelStatus)]
struct Status {
    name: String,
    ready: bool,
    model_version_status: Vec<VersionStatus>,
}

#[derive(Serialize, ToSchema)]
struct VersionStatus {
    version: String,
    state: &'static str,
    status: Code,
}

#[derive(Serialize, ToSchema)]
#[schema(as = VersionCode)]
struct Code {
    error_code: &'static str,
    error_message: String,
}

async fn status(State(service): State<Shared>, named: Named) -> Result<Json<Status>, ApiError> {
    let is_action = |name: &Option<String>| name.as_ref().is_some_and(|name| name.contains(':'));
    if is_action(&named.model) || is_action(&named.version) {
        let message = "what a model does is asked for with POST";
        return Err(Error::new(ErrorKind::MethodNotAllowed, message).into());
    }
    let name = named.model.ok_or_else(|| Error::new(ErrorKind::NotFound, "no model is named"))?;
    let model_version_status: Vec<_> = match &named.version {
        Some(version) => vec![version_status(&service, service.registry.version(&name, version)?)],
        None => {
            let versions = service.registry.versions(&name)?.iter();
            versions.map(|entry| version_status(&service, entry)).collect()
        }
    };
    let ready = model_version_status.iter().any(|version| version.state == AVAILABLE);
    Ok(Json(Status { name, ready, model_version_status }))
}

const AVAILABLE: &str = "AVAILABLE";

fn version_status(service: &Service, entry: &Entry) -> VersionStatus {
    let (state, error_code, error_message) = match entry.standing(service.clock) {
        Standing::Ready => (AVAILABLE, "OK", String::new()),
        Standing::Unloaded => ("END", "OK", String::new()),
        Standing::Failed(reason) => ("END", "FAILED_PRECONDITION", reason.to_string()),
    };
    let status = Code { error_code, error_message };
    VersionStatus { version: entry.version().to_owned(), state, status }
}

/// The schemas of its answers.
pub(super) fn schemas(components: ComponentsBuilder) -> ComponentsBuilder {
    with::<Status>(with::<List>(components))
}
