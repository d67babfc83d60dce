//! The operations of the Open Inference Protocol.

use utoipa::openapi::path::OperationBuilder;
use utoipa::openapi::{RefOr, Schema};

use super::operations::{Failures, Plan, model_parameter, tensors};
use super::schemas::{array, object, reference, response, string};
use super::{Document, infer};
use crate::service::Service;

pub(super) fn add(document: &mut Document, service: &Service) {
    document.schema("v2.InferAnswer", answer());
    server(document);
    let names: Vec<String> = service.registry.names().map(str::to_owned).collect();
    // A part of a path that may be nothing is no description of it.
    if !names.is_empty() {
        of_models(document, &names);
    }
    for name in names {
        if let Ok(target) = service.find(Some(&name), None) {
            infer::add(document, &target, &name);
        }
    }
}

pub(super) fn plan(id: &str, summary: &str, answer: RefOr<Schema>) -> OperationBuilder {
    let tag = "Open Inference Protocol";
    Plan { id, tag, summary, answer, failures: Failures::Protocol }.operation()
}

fn server(document: &mut Document) {
    document.get("/v2", plan("v2_server", "What the server is", reference("v2.Server")).build());
    let live = plan("v2_live", "Whether the server runs", reference("v2.Live"));
    document.get("/v2/health/live", live.build());
    let ready = plan("v2_ready", "Whether the default model answers", reference("v2.Ready"));
    let unready = response("It does not", reference("v2.Ready"));
    document.get("/v2/health/ready", ready.response("503", unready).build());
    document.get("/v2/models", plan("v2_models", "The models", reference("v2.ModelList")).build());
    let stats = plan("v2_stats", "What the models were asked for", reference("v2.Statistics"));
    document.get("/v2/models/stats", stats.build());
    let index = plan("v2_index", "The models, and whether they answer", array(reference("v2.IndexEntry")));
    document.post("/v2/repository/index", index.build());
}

fn of_models(document: &mut Document, names: &[String]) {
    let model = |operation: OperationBuilder| operation.parameter(model_parameter(names.to_vec()));
    let at = |path: &str| format!("/v2/models/{{model}}{path}");
    let metadata = plan("v2_model", "What a model takes and gives", reference("v2.Model"));
    document.get(&at(""), model(metadata).build());
    let config = plan("v2_config", "A model's configuration, as Triton says it", reference("v2.ModelConfig"));
    document.get(&at("/config"), model(config).build());
    let stats = plan("v2_model_stats", "What a model was asked for", reference("v2.Statistics"));
    document.get(&at("/stats"), model(stats).build());
    let ready = plan("v2_model_ready", "Whether a model answers", reference("v2.ModelReady"));
    let unready = response("It does not", reference("v2.ModelReady"));
    document.get(&at("/ready"), model(ready.response("503", unready)).build());
}

fn answer() -> RefOr<Schema> {
    object([
        ("model_name", string(), true),
        ("model_version", string(), true),
        ("id", string(), false),
        ("outputs", tensors(), true),
    ])
}
