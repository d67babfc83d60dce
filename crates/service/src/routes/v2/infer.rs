//! Runs of a model on named tensors.

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::post;
use edgeinfer_core::{Result, Tensor};

use super::answer;
use super::inputs::{self, InferRequest, Inputs};
use crate::body;
use crate::cache::{self, Question};
use crate::content::{JSON, NPY, choose};
use crate::error::ApiError;
use crate::service::{Shared, Target};

pub(super) fn routes(router: Router<Shared>, prefix: &str) -> Router<Shared> {
    router.route(&format!("{prefix}/infer"), post(infer))
}

async fn infer(
    State(service): State<Shared>,
    target: Target,
    request: Request,
) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let wanted = choose(&parts.headers, &[JSON, BYTES, NPY])?;
    let body = body::read(&parts.headers, body, service.config.limits.body_bytes).await?;
    let inputs = inputs::read(&target.model, &parts.headers, &body)?;
    // Before the run: a wrong name costs no run.
    answer::check(&target.model, &inputs.request)?;
    let question = cache::is_on(&service).then(|| question(&inputs, wanted)).flatten();
    let work = || {
        let outputs = target.measured(rows(&inputs.tensors), |model| model.run(inputs.tensors))?;
        let answer = match wanted {
            NPY => answer::write_npy(&inputs.request, outputs),
            _ => answer::write(&target, inputs.request, outputs),
        };
        Ok(answer?)
    };
    cache::through(&service, &target, &parts.headers, question, work).await
}

/// What a request asks: the answer tells its `id`, and has the outputs' forms.
fn question(inputs: &Inputs, wanted: &str) -> Option<Question> {
    let InferRequest { id, parameters, outputs, .. } = &inputs.request;
    let text = |parameters| serde_json::to_string(parameters).ok();
    let asked = Question::new("infer").with(wanted).with(format!("{id:?}")).with(text(parameters)?);
    let asked = outputs.iter().try_fold(asked.with(outputs.len().to_le_bytes()), |asked, output| {
        Some(asked.with(&output.name).with(text(&output.parameters)?))
    })?;
    inputs.tensors.iter().try_fold(asked, |asked, (name, tensor)| asked.with_tensor(name, tensor).ok())
}

/// What the answer is where it has tensors as bytes: that is for the request's body
/// to say.
const BYTES: &str = "application/octet-stream";

/// The rows of a run: the size of the first dimension of the first input.
fn rows(inputs: &[(String, Tensor)]) -> usize {
    inputs.first().and_then(|(_, tensor)| tensor.shape().first()).copied().unwrap_or(1)
}
