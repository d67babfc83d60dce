//! What the models were asked for.
//!
//! <https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_statistics.md>

use std::sync::Arc;

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use edgeinfer_core::Result;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::ComponentsBuilder;

use crate::documents::with;
use crate::error::ApiError;
use crate::observe::{Ledger, Tally};
use crate::registry::Entry;
use crate::service::{Named, Shared};

pub(super) fn all(router: Router<Shared>) -> Router<Shared> {
    router.route("/v2/models/stats", get(stats))
}

pub(super) fn routes(router: Router<Shared>, prefix: &str) -> Router<Shared> {
    router.route(&format!("{prefix}/stats"), get(stats))
}

#[derive(Serialize, ToSchema)]
#[schema(as = v2::Statistics)]
struct Statistics {
    model_stats: Vec<ModelStatistics>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = v2::ModelStatistics)]
struct ModelStatistics {
    name: String,
    version: String,
    /// In milliseconds since 1970.
    last_inference: u64,
    /// Rows.
    inference_count: u64,
    /// Runs.
    execution_count: u64,
    inference_stats: InferenceStatistics,
    #[schema(value_type = Vec<u8>)]
    batch_stats: [(); 0],
}

/// Requests do not wait for each other here, so the queue is always empty, and
/// reading inputs and writing outputs are part of the run.
#[derive(Serialize, ToSchema)]
#[schema(as = v2::InferenceStatistics)]
struct InferenceStatistics {
    success: Duration,
    fail: Duration,
    queue: Duration,
    compute_input: Duration,
    compute_infer: Duration,
    compute_output: Duration,
}

#[derive(Serialize, ToSchema)]
#[schema(as = v2::Duration)]
struct Duration {
    count: u64,
    /// Nanoseconds in all.
    ns: u64,
}

async fn stats(State(service): State<Shared>, named: Named) -> Result<Json<Statistics>, ApiError> {
    let ledger = service.counts.all(&*service.store).await;
    let statistics = |entry: &Arc<Entry>| statistics(entry, &ledger);
    let model_stats = match (&named.model, &named.version) {
        (None, _) => service.registry.entries().map(statistics).collect(),
        (Some(name), None) => service.registry.versions(name)?.iter().map(statistics).collect(),
        (Some(name), Some(version)) => vec![statistics(service.registry.version(name, version)?)],
    };
    Ok(Json(Statistics { model_stats }))
}

fn statistics(entry: &Entry, ledger: &Ledger) -> ModelStatistics {
    let duration = |tally: &Tally| Duration { count: tally.count, ns: tally.nanoseconds };
    let none = || Duration { count: 0, ns: 0 };
    let stats = ledger.stats(entry.name(), entry.version());
    ModelStatistics {
        name: entry.name().to_owned(),
        version: entry.version().to_owned(),
        last_inference: stats.last,
        inference_count: stats.rows,
        execution_count: stats.succeeded.count,
        inference_stats: InferenceStatistics {
            success: duration(&stats.succeeded),
            fail: duration(&stats.failed),
            queue: none(),
            compute_input: none(),
            compute_infer: duration(&stats.succeeded),
            compute_output: none(),
        },
        batch_stats: [],
    }
}

/// The schemas of its answers.
pub(super) fn schemas(components: ComponentsBuilder) -> ComponentsBuilder {
    with::<Statistics>(components)
}
