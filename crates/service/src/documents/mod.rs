//! The API's own description, OpenAPI 3.1, with the models' own features.
//!
//! <https://spec.openapis.org/oas/v3.1.0>

mod example;
mod infer;
mod models;
mod operations;
mod protocol;
mod schemas;

use utoipa::ToSchema;
use utoipa::openapi::schema::ComponentsBuilder;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder, PathsBuilder};

use self::operations::operations;
use crate::guard::{Scope, is_open};
use crate::routes::schemas as route_schemas;
use crate::service::Service;

/// The description that grows as parts of the API add theirs.
pub(crate) struct Document {
    paths: PathsBuilder,
    components: ComponentsBuilder,
    /// Whether most operations ask for a key or a token.
    is_guarded: bool,
}

/// The description of the API over the models of `service`.
pub(crate) fn openapi(service: &Service) -> OpenApi {
    let components = schemas::shared(route_schemas(ComponentsBuilder::new()));
    let mut document =
        Document { paths: PathsBuilder::new(), components, is_guarded: !is_open(service, Scope::Predict) };
    operations(&mut document);
    models::add(&mut document, service);
    protocol::add(&mut document, service);
    let info = InfoBuilder::new()
        .title("edgeinfer")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Predictions of compiled ONNX models, and what there is to know of them."));
    let components = document.components.security_scheme(KEY, key()).security_scheme(BEARER, bearer());
    // Either is enough.
    let asked = || [KEY, BEARER].map(|scheme| SecurityRequirement::new::<_, [&str; 0], &str>(scheme, []));
    OpenApiBuilder::new()
        .info(info.build())
        .paths(document.paths.build())
        .components(Some(components.build()))
        .security(document.is_guarded.then(asked))
        .build()
}

/// The schemes by which a client says who it is.
const KEY: &str = "key";
const BEARER: &str = "bearer";

fn key() -> SecurityScheme {
    SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(
        "X-API-Key",
        "A key of the configuration",
    )))
}

fn bearer() -> SecurityScheme {
    let about = "A token (JWT) of the issuer that the configuration trusts, or a key";
    let scheme =
        HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").description(Some(about));
    SecurityScheme::Http(scheme.build())
}

/// The name of a model as a part of those of its schemas and operations.
fn part_of_name(name: &str) -> String {
    let fit = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    name.chars().map(fit).collect()
}

/// `components` with the schema of `T`, and of all that it names.
pub(crate) fn with<T: ToSchema>(components: ComponentsBuilder) -> ComponentsBuilder {
    let mut named = Vec::new();
    T::schemas(&mut named);
    components.schemas_from_iter(named).schema_from::<T>()
}
