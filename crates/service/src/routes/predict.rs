//! Predictions, for one row and for several.

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};

use crate::batch::{self, BatchAnswer};
use crate::decision::{Answer, Decision};
use crate::error::ApiError;
use crate::payload::Payload;
use crate::request::{BatchRequest, PredictRequest};
use crate::service::{Shared, Target};

pub(super) fn routes(prefix: &str) -> Router<Shared> {
    Router::new()
        .route(&format!("{prefix}/predict"), post(predict))
        .route(&format!("{prefix}/predict/batch"), post(predict_batch))
}

async fn predict(
    target: Target,
    Payload(request): Payload<PredictRequest>,
) -> Result<Json<Answer>, ApiError> {
    let (features, options) = (request.features?, request.options?);
    let decision = Decision::new(target.model.schema(), &options)?;
    Ok(Json(decision.apply(target.measured(1, |model| model.predict(&features))?)))
}

async fn predict_batch(
    State(service): State<Shared>,
    target: Target,
    Payload(request): Payload<BatchRequest>,
) -> Result<Json<BatchAnswer>, ApiError> {
    let (rows, options) = (request.rows?, request.options?);
    let limit = service.config.limits.batch_rows;
    let answer = target.measured(rows.len(), |model| batch::predict(model, rows, &options, limit));
    Ok(Json(answer.map_err(|error| request.layout.place(error))?))
}
