//! Whether a model is loaded, and what it says about itself.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use edgeinfer_core::{Health, ModelInfo};

use crate::service::{Loaded, Shared};

pub(super) fn routes(prefix: &str) -> Router<Shared> {
    Router::new()
        .route(&format!("{prefix}/health"), get(health))
        .route(&format!("{prefix}/model/info"), get(info))
}

async fn health(State(service): State<Shared>) -> (StatusCode, Json<Health>) {
    let health = service.health();
    let status = if health.model_loaded { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(health))
}

async fn info(Loaded(model): Loaded) -> Json<ModelInfo> {
    Json(model.info())
}
