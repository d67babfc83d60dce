//! Predictions, for one row and for several.

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use edgeinfer_core::{Error, ErrorKind, Prediction};
use serde::Serialize;

use crate::error::ApiError;
use crate::payload::Payload;
use crate::request::{BatchRequest, PredictRequest};
use crate::service::{Loaded, Shared};

pub(super) fn routes(prefix: &str) -> Router<Shared> {
    Router::new()
        .route(&format!("{prefix}/predict"), post(predict))
        .route(&format!("{prefix}/predict/batch"), post(predict_batch))
}

#[derive(Serialize)]
struct BatchResponse {
    predictions: Vec<Prediction>,
    count: usize,
}

async fn predict(
    Loaded(model): Loaded,
    Payload(request): Payload<PredictRequest>,
) -> Result<Json<Prediction>, ApiError> {
    Ok(Json(model.predict(&request.features?)?))
}

async fn predict_batch(
    State(service): State<Shared>,
    Loaded(model): Loaded,
    Payload(request): Payload<BatchRequest>,
) -> Result<Json<BatchResponse>, ApiError> {
    let rows = request.rows?;
    let limit = service.limits.batch_rows;
    if rows.len() > limit {
        let message = format!(
            "the batch has {} rows, the limit is {limit}; split it into several requests",
            rows.len()
        );
        return Err(Error::new(ErrorKind::PayloadTooLarge, message).into());
    }
    let predictions = model.predict_batch(&rows).map_err(|error| request.layout.place(error))?;
    Ok(Json(BatchResponse { count: predictions.len(), predictions }))
}
