//! Whether the service answers, as a whole and for the default model.

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::routing::get;
use axum::{Json, Router};
use edgeinfer_core::Error;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::ComponentsBuilder;

use crate::documents::with;
use crate::registry::Standing;
use crate::service::{Service, Shared};
use crate::store::{About, Reach, Store, Updates};

pub(super) fn routes(router: Router<Shared>, prefix: &str) -> Router<Shared> {
    router
        .route(&format!("{prefix}/health"), get(health))
        .route(&format!("{prefix}/health/live"), get(live))
        .route(&format!("{prefix}/health/ready"), get(ready))
}

/// The health of the service.
#[derive(Serialize, ToSchema)]
struct Health {
    status: HealthStatus,
    /// Whether the default model answers.
    model_loaded: bool,
    /// Why not all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Where rates, counters and cached answers are kept; in the full form.
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<StoreHealth>,
    /// Every version of every model, where there are several, or in the full form.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    models: Vec<ModelHealth>,
}

/// A store, and what it gives.
#[derive(Serialize, ToSchema)]
#[schema(as = StoreHealth)]
struct StoreHealth {
    name: String,
    /// Who shares it: the requests of one `instance`, or all: `global`.
    reach: &'static str,
    /// Whether changes at the same time are all kept: `exact`, or some lost: `lossy`.
    updates: &'static str,
}

impl StoreHealth {
    fn of(store: &dyn Store) -> Self {
        let About { name, reach, updates, .. } = store.about();
        let reach = match reach {
            Reach::Instance => "instance",
            Reach::Global => "global",
        };
        let updates = match updates {
            Updates::Exact => "exact",
            Updates::Lossy => "lossy",
        };
        Self { name, reach, updates }
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum HealthStatus {
    Healthy,
    /// The default model answers, another does not.
    Degraded,
    /// The default model does not answer.
    Unhealthy,
}

#[derive(Serialize, ToSchema)]
struct ModelHealth {
    name: String,
    version: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

async fn health(State(service): State<Shared>, uri: Uri) -> (StatusCode, Json<Health>) {
    let models = models(&service);
    let failed = models.iter().filter(|model| model.reason.is_some()).count();
    let (code, status, reason) = match service.registry.check_default(service.clock) {
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, HealthStatus::Unhealthy, Some(reason.to_string())),
        Ok(()) if failed > 0 => {
            let reason = format!("{failed} of {} models and versions do not load", models.len());
            (StatusCode::OK, HealthStatus::Degraded, Some(reason))
        }
        Ok(()) => (StatusCode::OK, HealthStatus::Healthy, None),
    };
    let model_loaded = code == StatusCode::OK;
    let full = is_full(&uri);
    let models = if full || models.len() > 1 { models } else { Vec::new() };
    let store = full.then(|| StoreHealth::of(&*service.store));
    (code, Json(Health { status, model_loaded, reason, store, models }))
}

/// Whether all shall be told: `?full`, whatever it is set to.
fn is_full(uri: &Uri) -> bool {
    let names = uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split('=').next());
    names.into_iter().any(|name| name == "full")
}

fn models(service: &Service) -> Vec<ModelHealth> {
    let entries = service.registry.entries().map(|entry| {
        let (status, reason) = match entry.standing(service.clock) {
            Standing::Ready => ("ready", None),
            Standing::Unloaded => ("unloaded", None),
            Standing::Failed(reason) => ("failed", Some(reason.to_string())),
        };
        ModelHealth { name: entry.name().to_owned(), version: entry.version().to_owned(), status, reason }
    });
    entries.collect()
}

/// Whether the service or a model is as asked for.
#[derive(Serialize, ToSchema)]
pub(super) struct Probe {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

async fn live() -> Json<Probe> {
    Json(Probe { status: "live", reason: None })
}

async fn ready(State(service): State<Shared>) -> (StatusCode, Json<Probe>) {
    readiness(&service)
}

/// Whether the default model answers.
pub(super) fn readiness(service: &Service) -> (StatusCode, Json<Probe>) {
    match service.registry.check_default(service.clock) {
        Ok(()) => (StatusCode::OK, Json(Probe { status: "ready", reason: None })),
        Err(reason) => unready(&reason),
    }
}

fn unready(reason: &Error) -> (StatusCode, Json<Probe>) {
    let probe = Probe { status: "not_ready", reason: Some(reason.to_string()) };
    (StatusCode::SERVICE_UNAVAILABLE, Json(probe))
}

/// The schemas of its answers.
pub(super) fn schemas(components: ComponentsBuilder) -> ComponentsBuilder {
    with::<Probe>(with::<Health>(components))
}
