use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, Uri};
use axum::response::Response;
use axum::{Router, middleware};
use edgeinfer_core::{Error, ErrorKind, Model, Result};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::cache;
use crate::clock::Clock;
use crate::config::{Config, StoreKind};
use crate::error::ApiError;
use crate::frame::frame;
use crate::observe::Counts;
use crate::registry::Registry;
use crate::routes;
use crate::service::{Service, Shared};
use crate::shortened::shortened;
use crate::store::{MemoryStore, Store};

/// The API over one `model`, or over the reason why there is none: then `/health`
/// answers 503 with the reason, and so does what needs a model.
pub fn router(model: Result<Arc<Model>>) -> Router {
    api(Registry::of(model), Config::default(), Host::default())
}

/// Takes a line of the log, which has no end.
pub type Log = Arc<dyn Fn(&str) + Send + Sync>;

/// What the host of a service gives it.
#[derive(Clone, Default)]
pub struct Host {
    /// The time; without it nothing is measured and no rate is kept to.
    pub clock: Option<Clock>,
    /// Where lines of the log go, each without its end.
    pub log: Option<Log>,
    /// Where what is counted across requests is kept; without it, or where the
    /// configuration wants that, a [`MemoryStore`].
    pub store: Option<Arc<dyn Store>>,
}

/// The API over the models of `registry`.
pub fn api(mut registry: Registry, config: Config, host: Host) -> Router {
    // A default that is not there leaves the API up, saying so.
    if let Some(Err(error)) = config.default_model.as_deref().map(|name| registry.set_default(name)) {
        registry.withdraw_default(error);
    }
    let cors = cors(&config.cors_origins);
    let store = host.store.filter(|_| config.state.store != Some(StoreKind::Memory));
    let store = store.unwrap_or_else(|| {
        Arc::new(MemoryStore::new(host.clock).bounded(cache::KIND, config.cache.entries, config.cache.bytes))
    });
    let (clock, log, counts) = (host.clock, host.log, Counts::default());
    let service = Arc::new(Service { registry, config, clock, log, store, counts });
    let router = routes::all()
        .fallback(other)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::from_fn_with_state(Arc::clone(&service), frame))
        .with_state(service);
    match cors {
        Some(cors) => router.layer(cors),
        None => router,
    }
}

/// What lets the pages of `origins` ask from a browser.
fn cors(origins: &[String]) -> Option<CorsLayer> {
    let allowed = match origins {
        [] => return None,
        [all] if all == "*" => AllowOrigin::any(),
        // An origin that is no header's value is none that a browser sends.
        origins => AllowOrigin::list(origins.iter().filter_map(|origin| HeaderValue::try_from(origin).ok())),
    };
    let headers = ["content-type", "authorization", "x-api-key", "x-request-id", "traceparent", "accept"];
    let exposed =
        ["x-request-id", "x-cache", "x-process-time", "retry-after", "ratelimit", "ratelimit-policy"];
    Some(
        CorsLayer::new()
            .allow_origin(allowed)
            .allow_methods([Method::GET, Method::POST])
            .allow_headers(headers.map(HeaderName::from_static))
            .expose_headers(exposed.map(HeaderName::from_static))
            .max_age(Duration::from_secs(3600)),
    )
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
