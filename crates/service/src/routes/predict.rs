//! Predictions, for one row and for several.

use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::post;
use axum::{Json, Router};
use edgeinfer_core::Result;

use crate::batch;
use crate::content::{CSV, Header, JSON, MediaType, choose, media_type};
use crate::decision::{Answer, Decision};
use crate::error::ApiError;
use crate::payload::Payload;
use crate::request::{BatchRequest, PredictRequest};
use crate::service::{Shared, Target};
use crate::{body, json, rows};

pub(super) fn routes(router: Router<Shared>, prefix: &str) -> Router<Shared> {
    router
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
    request: Request,
) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let media_type = media_type(&parts.headers, &[MediaType::Json, MediaType::Csv, MediaType::Npy])?;
    let wanted = choose(&parts.headers, &[JSON, CSV])?;
    let body = body::read(&parts.headers, body, service.config.limits.body_bytes).await?;
    let request = match media_type {
        MediaType::Csv => BatchRequest::of(rows::of_csv(&target.model, &body)),
        MediaType::Npy => BatchRequest::of(rows::of_npy(&body)),
        _ => json::parse(&body)?,
    };
    let (rows, options) = (request.rows?, request.options?);
    let limit = service.config.limits.batch_rows;
    let answer = target.measured(rows.len(), |model| batch::predict(model, rows, &options, limit));
    let answer = answer.map_err(|error| request.layout.place(error))?;
    if wanted == CSV { Ok(rows::csv(&answer, Header::Present)?) } else { Ok(rows::json(answer)) }
}
