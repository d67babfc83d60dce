//! The routes, one group per file.

use axum::Router;

use crate::service::Shared;

mod model;
mod predict;

/// The routes, for people.
pub(crate) const SUMMARY: &str =
    "POST /predict, POST /predict/batch, GET /health and GET /model/info, also under /v1";

/// All groups, under `prefix`.
pub(crate) fn all(prefix: &str) -> Router<Shared> {
    Router::new().merge(predict::routes(prefix)).merge(model::routes(prefix))
}
