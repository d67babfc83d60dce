//! The Open Inference Protocol, version 2, with the extensions for binary tensors,
//! statistics, classification and the repository of models.
//!
//! <https://github.com/open-inference-protocol/open-inference-protocol>
//! <https://github.com/triton-inference-server/server/tree/main/docs/protocol>

use axum::Router;
use utoipa::openapi::schema::ComponentsBuilder;

use crate::service::Shared;

mod answer;
mod classification;
mod infer;
mod inputs;
mod models;
mod repository;
mod server;
mod stats;

pub(crate) fn routes() -> Router<Shared> {
    let routes = |prefix: &str| {
        let (models, infer, stats) = (models::routes(prefix), infer::routes(prefix), stats::routes(prefix));
        models.merge(infer).merge(stats)
    };
    server::routes()
        .merge(repository::routes())
        .merge(stats::all())
        .merge(routes("/v2/models/{model}"))
        .merge(routes("/v2/models/{model}/versions/{version}"))
}

/// The schemas of the answers.
pub(super) fn schemas(components: ComponentsBuilder) -> ComponentsBuilder {
    repository::schemas(stats::schemas(models::schemas(server::schemas(components))))
}
