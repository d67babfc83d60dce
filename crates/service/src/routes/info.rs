//! What a model says about itself.

use axum::routing::get;
use axum::{Json, Router};
use edgeinfer_core::ModelInfo;
use serde::Serialize;

use crate::service::{Shared, Target};

pub(super) fn routes(router: Router<Shared>, prefix: &str) -> Router<Shared> {
    router.route(&format!("{prefix}/info"), get(info))
}

/// What a model says about itself, and where it comes from.
#[derive(Serialize)]
struct Info {
    #[serde(flatten)]
    info: ModelInfo,
    /// What the service calls it.
    model: String,
    version: String,
    /// Of the model's file.
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    /// How long it took to load, where the host has a clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    load_seconds: Option<f64>,
}

async fn info(Target { entry, model, .. }: Target) -> Json<Info> {
    Json(Info {
        info: model.info(),
        model: entry.name().to_owned(),
        version: entry.version().to_owned(),
        sha256: model.sha256().map(str::to_owned),
        load_seconds: model.load_time.map(|time| time.as_secs_f64()),
    })
}
