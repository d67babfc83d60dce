//! The API's own description, OpenAPI 3.1, with the models' own features.
//!
//! <https://spec.openapis.org/oas/v3.1.0>

mod example;
mod models;
mod operations;
mod protocol;
mod schemas;

use utoipa::ToSchema;
use utoipa::openapi::schema::ComponentsBuilder;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder, PathsBuilder};

use self::operations::operations;
use crate::routes::schemas as route_schemas;
use crate::service::Service;

/// The description that grows as parts of the API add theirs.
pub(crate) struct Document {
    paths: PathsBuilder,
    components: ComponentsBuilder,
}

/// The description of the API over the models of `service`.
pub(crate) fn openapi(service: &Service) -> OpenApi {
    let components = schemas::shared(route_schemas(ComponentsBuilder::new()));
    let mut document = Document { paths: PathsBuilder::new(), components };
    operations(&mut document);
    models::add(&mut document, service);
    protocol::add(&mut document, service);
    let info = InfoBuilder::new()
        .title("edgeinfer")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Predictions of compiled ONNX models, and what there is to know of them."));
    let key = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-API-Key")));
    OpenApiBuilder::new()
        .info(info.build())
        .paths(document.paths.build())
        .components(Some(document.components.security_scheme("key", key).build()))
        .build()
}

/// `components` with the schema of `T`, and of all that it names.
pub(crate) fn with<T: ToSchema>(components: ComponentsBuilder) -> ComponentsBuilder {
    let mut named = Vec::new();
    T::schemas(&mut named);
    components.schemas_from_iter(named).schema_from::<T>()
}
