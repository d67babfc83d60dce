//! The operations that are the same whatever the models are.

use utoipa::openapi::path::{
    HttpMethod, Operation, OperationBuilder, ParameterBuilder, ParameterIn, PathItem,
};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::{Content, RefOr, Required, Response, ResponseBuilder, Schema};

use super::Document;
use super::schemas::{array, json, reference, response};
use crate::guard::Access;

/// Whose operations have failures of which form.
#[derive(Clone, Copy)]
pub(super) enum Failures {
    Own,
    /// The Open Inference Protocol's.
    Protocol,
}

impl Failures {
    fn response(self) -> Response {
        let schema = match self {
            Self::Own => "Failure",
            Self::Protocol => "Message",
        };
        ResponseBuilder::new()
            .description("What is wrong, and where")
            .content("application/json", json(reference(schema)))
            .content("application/problem+json", json(reference("Problem")))
            .build()
    }
}

/// An operation that answers with `schema`.
pub(super) struct Plan<'a> {
    pub(super) id: &'a str,
    pub(super) tag: &'a str,
    pub(super) summary: &'a str,
    pub(super) answer: RefOr<Schema>,
    pub(super) failures: Failures,
}

impl Plan<'_> {
    pub(super) fn operation(self) -> OperationBuilder {
        OperationBuilder::new()
            .operation_id(Some(self.id))
            .tag(self.tag)
            .summary(Some(self.summary))
            .response("200", response("The answer", self.answer))
            .response("default", self.failures.response())
    }
}

impl Document {
    pub(super) fn get(&mut self, path: &str, operation: Operation) {
        self.add(path, HttpMethod::Get, operation);
    }

    pub(super) fn post(&mut self, path: &str, operation: Operation) {
        self.add(path, HttpMethod::Post, operation);
    }

    fn add(&mut self, path: &str, method: HttpMethod, mut operation: Operation) {
        if self.is_guarded && Access::of(path) == Access::Open {
            operation.security = Some(Vec::new());
        }
        let paths = std::mem::take(&mut self.paths);
        self.paths = paths.path(path, PathItem::new(method, operation));
    }

    pub(super) fn schema(&mut self, name: &str, schema: RefOr<Schema>) {
        let components = std::mem::take(&mut self.components);
        self.components = components.schema(name, schema);
    }
}

pub(super) fn body(content: Content) -> RequestBody {
    RequestBodyBuilder::new().required(Some(Required::True)).content("application/json", content).build()
}

/// A part of a path.
pub(super) fn path_parameter(name: &str, schema: RefOr<Schema>) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .schema(Some(schema))
}

/// Health, the list of models, and the operations about the default model.
pub(super) fn operations(document: &mut Document) {
    let own = |id, tag, summary, answer: &str| Plan {
        id,
        tag,
        summary,
        answer: reference(answer),
        failures: Failures::Own,
    };
    let unready = |operation: OperationBuilder, schema: &str| {
        operation.response("503", response("The default model does not answer", reference(schema))).build()
    };
    let health = own("health", "Health", "Whether the models answer", "Health");
    let full = ParameterBuilder::new()
        .name("full")
        .parameter_in(ParameterIn::Query)
        .description(Some("Tells of every model, and of the store, whatever it is set to"))
        .schema(Some(super::schemas::string()));
    document.get("/health", unready(health.operation().parameter(full), "Health"));
    let live = own("health_live", "Health", "Whether the service runs", "Probe");
    document.get("/health/live", live.operation().build());
    let ready = own("health_ready", "Health", "Whether the default model answers", "Probe");
    document.get("/health/ready", unready(ready.operation(), "Probe"));
    let list = own("models", "Models", "The models, and which is the default", "ModelList");
    document.get("/v1/models", list.operation().build());
    let ping = own("ping", "Platforms", "Whether the default model answers, for SageMaker", "Probe");
    document.get("/ping", unready(ping.operation(), "Probe"));
}

/// The names of models, as part of a path.
pub(super) fn model_parameter(names: Vec<String>) -> ParameterBuilder {
    let names = super::schemas::of(utoipa::openapi::schema::Type::String).enum_values(Some(names));
    path_parameter("model", names.into())
}

/// Several of a tensor.
pub(super) fn tensors() -> RefOr<Schema> {
    array(reference("Tensor"))
}
