use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use edgeinfer_core::{Error, ErrorKind};
use serde::Serialize;
use utoipa::ToSchema;

/// An [`Error`] on its way to the client.
///
/// As a response it has its status and no body yet: it travels in the
/// response's extensions to [`respond`](crate::render::respond), which knows the
/// request id.
#[derive(Clone, Debug)]
pub(crate) struct ApiError(pub(crate) Error);

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = status(self.0.kind()).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// An [`Error`] as clients read it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Error)]
pub(crate) struct ErrorBody {
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

impl ErrorBody {
    /// The error of a row within an answer.
    pub(crate) fn of_row(error: &Error) -> Self {
        Self {
            code: error.kind().code(),
            message: error.message().to_owned(),
            field: error.place().map(str::to_owned),
            request_id: None,
        }
    }

    /// The error of the whole request `id`.
    pub(crate) fn of_request(error: &Error, id: &str) -> Self {
        Self { request_id: Some(id.to_owned()), ..Self::of_row(error) }
    }
}

/// The HTTP status of each kind of failure.
pub(crate) fn status(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::MalformedRequest => StatusCode::BAD_REQUEST,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        ErrorKind::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorKind::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorKind::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
        ErrorKind::Unauthorized => StatusCode::UNAUTHORIZED,
        ErrorKind::Forbidden => StatusCode::FORBIDDEN,
        ErrorKind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::InvalidRequest
        | ErrorKind::MissingFeature
        | ErrorKind::UnknownFeature
        | ErrorKind::FeatureCount
        | ErrorKind::FeatureType
        | ErrorKind::NotFinite
        | ErrorKind::EmptyBatch
        | ErrorKind::InvalidTensor => StatusCode::UNPROCESSABLE_ENTITY,
        // The model cannot do what the route is for, whatever the request says.
        ErrorKind::UnsupportedModel => StatusCode::NOT_IMPLEMENTED,
        ErrorKind::ModelUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Timeout => StatusCode::GATEWAY_TIMEOUT,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_faults_of_the_server_have_a_status_of_500() {
        let faults = ErrorKind::ALL.into_iter().filter(|kind| status(*kind) == 500);
        let codes: Vec<_> = faults.map(ErrorKind::code).collect();
        assert_eq!(codes, ["invalid_model", "unsupported_version", "inference_failed", "internal"]);
    }
}
