//! Predictions, for one row and for several.

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use edgeinfer_core::{Features, Result};

use crate::batch;
use crate::cache::{self, Question};
use crate::content::{CSV, Header, JSON, MediaType, choose, media_type};
use crate::decision::Decision;
use crate::error::ApiError;
use crate::options::PredictOptions;
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
    State(service): State<Shared>,
    target: Target,
    headers: HeaderMap,
    Payload(request): Payload<PredictRequest>,
) -> Result<Response, ApiError> {
    let (features, options) = (request.features?, request.options?);
    let question =
        cache::is_on(&service).then(|| Question::new("predict").with_options(&options).with_row(&features));
    let work = || {
        let decision = Decision::new(target.model.schema(), &options)?;
        let answer = decision.apply(target.measured(1, |model| model.predict(&features))?);
        Ok(Json(answer).into_response())
    };
    cache::through(&service, &target, &headers, question, work).await
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
    let question = cache::is_on(&service).then(|| question(&rows, &options, wanted)).flatten();
    let work = || {
        let answer = target.measured(rows.len(), |model| batch::predict(model, rows, &options, limit));
        let answer = answer.map_err(|error| request.layout.place(error))?;
        if wanted == CSV { Ok(rows::csv(&answer, Header::Present)?) } else { Ok(rows::json(answer)) }
    };
    cache::through(&service, &target, &parts.headers, question, work).await
}

/// What a batch asks; nothing where its answer may tell of rows that failed.
fn question(rows: &[Result<Features>], options: &PredictOptions, wanted: &str) -> Option<Question> {
    let question = Question::new("batch").with(wanted).with_options(options);
    let add = |question: Question, row: &Result<Features>| Some(question.with_row(row.as_ref().ok()?));
    rows.iter().try_fold(question, add).filter(|_| !options.partial)
}
