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

pub(crate) fn routes(router: Router<Shared>) -> Router<Shared> {
    let of_model =
        |router, prefix| stats::routes(infer::routes(models::routes(router, prefix), prefix), prefix);
    let router = stats::all(repository::routes(server::routes(router)));
    of_model(of_model(router, "/v2/models/{model}"), "/v2/models/{model}/versions/{version}")
}

/// The schemas of the answers.
pub(super) fn schemas(components: ComponentsBuilder) -> ComponentsBuilder {
    repository::schemas(stats::schemas(models::schemas(server::schemas(components))))
}
