//! What the server is, and whether it answers.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::ComponentsBuilder;

use crate::documents::with;
use crate::service::Shared;

pub(super) fn routes(router: Router<Shared>) -> Router<Shared> {
    router
        .route("/v2", get(metadata))
        .route("/v2/", get(metadata))
        .route("/v2/health/live", get(live))
        .route("/v2/health/ready", get(ready))
        .route("/v2/models", get(list))
}

#[derive(Serialize, ToSchema)]
#[schema(as = v2::Server)]
struct Metadata {
    name: &'static str,
    version: &'static str,
    extensions: &'static [&'static str],
}

const EXTENSIONS: &[&str] =
    &["binary_tensor_data", "classification", "model_configuration", "model_repository", "statistics"];

async fn metadata() -> Json<Metadata> {
    Json(Metadata { name: "edgeinfer", version: env!("CARGO_PKG_VERSION"), extensions: EXTENSIONS })
}

#[derive(Serialize, ToSchema)]
#[schema(as = v2::Live)]
struct Live {
    live: bool,
}

async fn live() -> Json<Live> {
    Json(Live { live: true })
}

#[derive(Serialize, ToSchema)]
#[schema(as = v2::Ready)]
struct Ready {
    ready: bool,
}

async fn ready(State(service): State<Shared>) -> (StatusCode, Json<Ready>) {
    let ready = service.registry.check_default(service.clock).is_ok();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Ready { ready }))
}

#[derive(Serialize, ToSchema)]
#[schema(as = v2::ModelList)]
struct List {
    models: Vec<String>,
}

async fn list(State(service): State<Shared>) -> Json<List> {
    Json(List { models: service.registry.names().map(str::to_owned).collect() })
}

/// The schemas of its answers.
pub(super) fn schemas(components: ComponentsBuilder) -> ComponentsBuilder {
    with::<List>(with::<Ready>(with::<Live>(with::<Metadata>(components))))
}
