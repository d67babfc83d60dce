use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{Method, Uri};
use axum::response::Response;
use axum::{Router, middleware};
use edgeinfer_core::{Error, ErrorKind, Model, Result};

use crate::clock::Clock;
use crate::config::Config;
use crate::error::ApiError;
use crate::registry::Registry;
use crate::render::respond;
use crate::routes;
use crate::service::{Service, Shared};
use crate::shortened::shortened;

/// The API over one `model`, or over the reason why there is none: then `/health`
/// answers 503 with the reason, and so does what needs a model.
pub fn router(model: Result<Arc<Model>>) -> Router {
    api(Registry::of(model), Config::default(), Host::default())
}

/// What the host of a service gives it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Host {
    /// The time; without it nothing is measured.
    pub clock: Option<Clock>,
}

/// The API over the models of `registry`.
pub fn api(registry: Registry, config: Config, host: Host) -> Router {
    let service = Arc::new(Service { registry, config, clock: host.clock });
    Router::new()
        .merge(routes::all(""))
        .merge(routes::all("/v1"))
        .merge(routes::models())
        .merge(routes::protocol())
        .fallback(other)
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(service)
        // Outermost: it gives every response its request id, every failure its body.
        .layer(middleware::from_fn(respond))
}

async fn other(State(service): State<Shared>, request: Request) -> Result<Response, ApiError> {
    match routes::chosen_path(&service, request).await {
        Ok(answer) => answer,
        Err(request) => Err(not_found(request.uri())),
    }
}

fn not_found(uri: &Uri) -> ApiError {
    let message = format!("there is nothing at {}; the API is {}", shortened(uri.path()), routes::SUMMARY);
    Error::new(ErrorKind::NotFound, message).into()
}

/// axum adds the `Allow` header.
async fn method_not_allowed(method: Method, uri: Uri) -> ApiError {
    let message = format!(
        "{} does not take {}; the Allow header says what it takes",
        shortened(uri.path()),
        shortened(method.as_str())
    );
    Error::new(ErrorKind::MethodNotAllowed, message).into()
}
