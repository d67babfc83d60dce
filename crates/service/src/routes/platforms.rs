//! The paths that managed platforms call, and the bodies that they send.
//!
//! - SageMaker and MLflow: `GET /ping`, `POST /invocations`
//!   (<https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html>)
//! - Azure ML: `POST /score`
//!   (<https://learn.microsoft.com/azure/machine-learning/how-to-deploy-custom-container>)
//! - Vertex AI: the paths in `AIP_HEALTH_ROUTE` and `AIP_PREDICT_ROUTE`
//!   (<https://cloud.google.com/vertex-ai/docs/predictions/custom-container-requirements>)

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use edgeinfer_core::Result;
use serde::Serialize;

use super::health;
use crate::batch::{self, BatchAnswer, RowAnswer};
use crate::content::{CSV, Header, JSON, MediaType, choose, media_type};
use crate::error::ApiError;
use crate::options::PredictOptions;
use crate::scoring::ScoreRequest;
use crate::service::{Service, Shared, Target};
use crate::{body, json, rows};

pub(super) fn routes(router: Router<Shared>) -> Router<Shared> {
    router.route("/ping", get(ping)).route("/invocations", post(score)).route("/score", post(score))
}

async fn ping(State(service): State<Shared>) -> Response {
    health::readiness(&service).into_response()
}

async fn score(
    State(service): State<Shared>,
    target: Target,
    request: Request,
) -> Result<Response, ApiError> {
    answer(&service, &target, request).await
}

/// The answer for a request to a path of the host's choice, where it is one.
pub(crate) async fn chosen_path(
    service: &Service,
    request: Request,
) -> Result<Result<Response, ApiError>, Request> {
    let (path, method) = (request.uri().path(), request.method().clone());
    let is = |route: &Option<String>| route.as_deref() == Some(path);
    if is(&service.config.health_route) && (method == Method::GET || method == Method::HEAD) {
        return Ok(Ok(health::readiness(service).into_response()));
    }
    if is(&service.config.predict_route) && method == Method::POST {
        return Ok(match service.find(None, None) {
            Ok(target) => {
                let target = target.noted(request.extensions());
                answer(service, &target, request).await
            }
            Err(error) => Err(error.into()),
        });
    }
    Err(request)
}

#[derive(Serialize)]
pub(super) struct Predictions {
    pub(super) predictions: Vec<RowAnswer>,
}

/// The predictions for rows in any form that platforms send, in the form that the
/// client wants.
async fn answer(service: &Service, target: &Target, request: Request) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let media_type = media_type(&parts.headers, &[MediaType::Json, MediaType::Csv, MediaType::Npy])?;
    // A client that sends CSV and says no more wants it back.
    let offered = if media_type == MediaType::Csv { [CSV, JSON] } else { [JSON, CSV] };
    let wanted = choose(&parts.headers, &offered)?;
    let body = body::read(&parts.headers, body, service.config.limits.body_bytes).await?;
    let request = match media_type {
        MediaType::Csv => plain(rows::of_csv(&target.model, &body)),
        MediaType::Npy => plain(rows::of_npy(&body)),
        _ => json::parse(&body)?,
    };
    let answer = predictions(service, target, request)?;
    if wanted == CSV { Ok(rows::csv(&answer, Header::Absent)?) } else { Ok(predicted(answer)) }
}

fn plain(rows: Result<Vec<Result<edgeinfer_core::Features>>>) -> ScoreRequest {
    ScoreRequest { rows, options: Ok(PredictOptions::default()) }
}

/// The answer for each row of `request`.
pub(super) fn predictions(service: &Service, target: &Target, request: ScoreRequest) -> Result<BatchAnswer> {
    let (rows, options) = (request.rows?, request.options?);
    let limit = service.config.limits.batch_rows;
    target.measured(rows.len(), |model| batch::predict(model, rows, &options, limit))
}

/// `{"predictions": […]}`.
pub(super) fn predicted(answer: BatchAnswer) -> Response {
    (StatusCode::OK, rows::json(Predictions { predictions: answer.into_rows() })).into_response()
}
