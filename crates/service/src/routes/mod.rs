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

/// The routes, for people.
pub(crate) const SUMMARY: &str = "POST /predict, POST /predict/batch, GET /health and GET /model/info, also under /v1, \
     and for each model under /v1/models/NAME";

/// All routes. Each is added to the one router: merging routers reads every route
/// again, which a host that makes the API for one request would wait for.
pub(crate) fn all() -> Router<Shared> {
    let router = of_default(of_default(Router::new(), ""), "/v1");
    let router = of_model(models::routes(router), "/v1/models/{model}");
    let router = of_model(router, "/v1/models/{model}/versions/{version}");
    let router = platforms::routes(tensorflow::routes(router));
    v2::routes(metrics::routes(documents::routes(router)))
}

/// What speaks of the default model, under `prefix`.
fn of_default(router: Router<Shared>, prefix: &str) -> Router<Shared> {
    let router = health::routes(predict::routes(router, prefix), prefix);
    info::routes(router, &format!("{prefix}/model"))
}

/// What speaks of a model by name, under `prefix`.
fn of_model(router: Router<Shared>, prefix: &str) -> Router<Shared> {
    info::routes(predict::routes(router, prefix), prefix)
}

/// The schemas of the answers that are types of their own.
pub(crate) fn schemas(components: ComponentsBuilder) -> ComponentsBuilder {
    with::<ErrorBody>(v2::schemas(models::schemas(health::schemas(components))))
}
