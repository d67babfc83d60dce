//! What is counted.

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use crate::service::Shared;

pub(super) fn routes(router: Router<Shared>) -> Router<Shared> {
    router.route("/metrics", get(metrics))
}

async fn metrics(State(service): State<Shared>) -> Response {
    let content_type = "text/plain; version=0.0.4; charset=utf-8";
    ([(CONTENT_TYPE, content_type)], service.metrics.write(&service.registry)).into_response()
}
