//! The API's description, as OpenAPI and for people.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use utoipa::openapi::OpenApi;

use crate::documents;
use crate::service::Shared;

pub(super) fn routes(router: Router<Shared>) -> Router<Shared> {
    router
        .route("/openapi.json", get(openapi))
        .route("/docs", get(|| async { page(DOCS, "text/html; charset=utf-8") }))
        .route("/redoc", get(|| async { page(READ, "text/html; charset=utf-8") }))
        .route("/docs/docs.js", get(|| async { page(SCRIPT, "text/javascript; charset=utf-8") }))
        .route("/docs/docs.css", get(|| async { page(STYLE, "text/css; charset=utf-8") }))
}

const DOCS: &str = include_str!("../documents/page/docs.html");
const READ: &str = include_str!("../documents/page/read.html");
const SCRIPT: &str = include_str!("../documents/page/docs.js");
const STYLE: &str = include_str!("../documents/page/docs.css");

async fn openapi(State(service): State<Shared>) -> Json<OpenApi> {
    Json(documents::openapi(&service))
}

/// A file of the pages, which may load nothing from elsewhere.
fn page(text: &'static str, content_type: &'static str) -> Response {
    let policy = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'";
    let headers =
        [(CONTENT_TYPE, content_type), (CONTENT_SECURITY_POLICY, policy), (CACHE_CONTROL, "max-age=3600")];
    (headers, text).into_response()
}
