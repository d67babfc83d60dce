//! Which models there are; loading and unloading them.
//!
//! <https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_model_repository.md>

use axum::extract::{Request, State};
use axum::routing::post;
use axum::{Json, Router};
use edgeinfer_core::Result;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::ComponentsBuilder;

use crate::documents::with;
use crate::error::ApiError;
use crate::registry::{Entry, Standing};
use crate::service::{Named, Service, Shared};
use crate::{body, json};

pub(super) fn routes(router: Router<Shared>) -> Router<Shared> {
    router
        .route("/v2/repository/index", post(index))
        .route("/v2/repository/models/{model}/load", post(load))
        .route("/v2/repository/models/{model}/unload", post(unload))
}

#[derive(Default, Deserialize)]
struct IndexRequest {
    /// Whether to leave out what does not answer.
    #[serde(default)]
    ready: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = v2::IndexEntry)]
struct IndexEntry {
    name: String,
    version: String,
    state: &'static str,
    reason: String,
}

const READY: &str = "READY";

async fn index(State(service): State<Shared>, request: Request) -> Result<Json<Vec<IndexEntry>>, ApiError> {
    let (parts, body) = request.into_parts();
    let body = body::read(&parts.headers, body, service.config.limits.body_bytes).await?;
    // The body may be left out.
    let IndexRequest { ready } =
        if body.trim_ascii().is_empty() { IndexRequest::default() } else { json::parse_as(&body)? };
    let entries = service.registry.entries().map(|entry| index_entry(&service, entry));
    Ok(Json(entries.filter(|entry| !ready || entry.state == READY).collect()))
}

fn index_entry(service: &Service, entry: &Entry) -> IndexEntry {
    let (state, reason) = match entry.standing(service.clock) {
        Standing::Ready => (READY, String::new()),
        Standing::Unloaded => ("UNAVAILABLE", "unloaded".to_owned()),
        Standing::Failed(reason) => ("UNAVAILABLE", reason.to_string()),
    };
    IndexEntry { name: entry.name().to_owned(), version: entry.version().to_owned(), state, reason }
}

#[derive(Serialize)]
struct Done {}

/// Reads all versions anew. A version that answers goes on doing so where its file
/// does not load.
async fn load(State(service): State<Shared>, named: Named) -> Result<Json<Done>, ApiError> {
    let (mut first, mut loaded) = (None, Vec::new());
    for entry in versions(&service, &named)? {
        match entry.load(service.clock) {
            Ok(_) => loaded.push(&**entry),
            Err(reason) => first = first.or(Some(reason)),
        }
    }
    service.registry.announce(&*service.store, &loaded, false).await?;
    match first {
        Some(reason) => Err(reason.into()),
        None => Ok(Json(Done {})),
    }
}

async fn unload(State(service): State<Shared>, named: Named) -> Result<Json<Done>, ApiError> {
    let entries: Vec<&Entry> = versions(&service, &named)?.iter().map(|entry| &**entry).collect();
    entries.iter().for_each(|entry| entry.unload());
    service.registry.announce(&*service.store, &entries, true).await?;
    Ok(Json(Done {}))
}

fn versions<'a>(service: &'a Service, named: &Named) -> Result<&'a [std::sync::Arc<Entry>]> {
    service.registry.versions(named.model.as_deref().unwrap_or_default())
}

/// The schemas of its answers.
pub(super) fn schemas(components: ComponentsBuilder) -> ComponentsBuilder {
    with::<IndexEntry>(components)
}
