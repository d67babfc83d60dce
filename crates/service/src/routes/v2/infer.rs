//! Runs of a model on named tensors.

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::post;
use edgeinfer_core::{Result, Tensor};

use super::{answer, inputs};
use crate::body;
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
    let outputs = target.measured(rows(&inputs.tensors), |model| model.run(inputs.tensors))?;
    let answer = match wanted {
        NPY => answer::write_npy(&inputs.request, outputs),
        _ => answer::write(&target, inputs.request, outputs),
    };
    Ok(answer?)
}

/// What the answer is where it has tensors as bytes: that is for the request's body
/// to say.
const BYTES: &str = "application/octet-stream";

/// The rows of a run: the size of the first dimension of the first input.
fn rows(inputs: &[(String, Tensor)]) -> usize {
    inputs.first().and_then(|(_, tensor)| tensor.shape().first()).copied().unwrap_or(1)
}
