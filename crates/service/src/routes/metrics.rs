//! What is counted.

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use crate::observe::write_metrics;
use crate::service::Shared;

pub(super) fn routes(router: Router<Shared>) -> Router<Shared> {
    router.route("/metrics", get(metrics))
}

async fn metrics(State(service): State<Shared>) -> Response {
    let content_type = "text/plain; version=0.0.4; charset=utf-8";
    let ledger = service.counts.all(&*service.store).await;
    ([(CONTENT_TYPE, content_type)], write_metrics(&ledger, &service.counts, &service.registry))
        .into_response()
}
