//! The routes, one group per file.

use axum::Router;
use utoipa::openapi::schema::ComponentsBuilder;

use crate::documents::with;
use crate::error::ErrorBody;
use crate::service::Shared;

mod documents;
mod health;
mod info;
mod metrics;
mod models;
mod platforms;
mod predict;
mod tensorflow;
mod v2;

pub(crate) use self::platforms::chosen_path;
pub(crate) use self::v2::routes as protocol;

/// The routes, for people.
pub(crate) const SUMMARY: &str = "POST /predict, POST /predict/batch, GET /health and GET /model/info, also under /v1, \
     and for each model under /v1/models/NAME";

/// What speaks of the default model, under `prefix`.
pub(crate) fn all(prefix: &str) -> Router<Shared> {
    Router::new()
        .merge(predict::routes(prefix))
        .merge(health::routes(prefix))
        .merge(info::routes(&format!("{prefix}/model")))
}

/// What speaks of models by name, and of their versions.
pub(crate) fn models() -> Router<Shared> {
    let routes = |prefix| Router::new().merge(predict::routes(prefix)).merge(info::routes(prefix));
    models::routes()
        .merge(documents::routes())
        .merge(metrics::routes())
        .merge(tensorflow::routes())
        .merge(platforms::routes())
        .merge(routes("/v1/models/{model}"))
        .merge(routes("/v1/models/{model}/versions/{version}"))
}

/// The schemas of the answers that are types of their own.
pub(crate) fn schemas(components: ComponentsBuilder) -> ComponentsBuilder {
    with::<ErrorBody>(v2::schemas(models::schemas(health::schemas(components))))
}
