//! The bodies of failures.

use axum::Json;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use edgeinfer_core::{Error, ErrorKind};
use serde::Serialize;

use crate::content;
use crate::error::{ApiError, ErrorBody, status};
use crate::frame::is_action;
use crate::request_id::{REQUEST_ID, RequestId};

/// `response`, with its body where it is a failure, and the failure's code.
pub(crate) fn render_failure(
    mut response: Response,
    id: &RequestId,
    style: Style,
) -> (Response, Option<&'static str>) {
    let error = match response.extensions_mut().remove() {
        Some(ApiError(error)) => error,
        None if is_failure(response.status()) && !is_json(response.headers()) => foreign(response.status()),
        None => return (response, None),
    };
    (render(response, &error, id, style), Some(error.kind().code()))
}

/// The response of the API to a request with the headers `request` that failed
/// outside it, for example because its host stopped it.
pub fn failure(error: Error, request: &HeaderMap) -> Response {
    let id = RequestId::of(request);
    let response = status(error.kind()).into_response();
    let mut response = render(response, &error, &id, Style::Own);
    response.headers_mut().insert(REQUEST_ID, id.into());
    response
}

/// What a failure's body looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// `{"error": {"code", "message", …}}`.
    Own,
    /// `{"error": "…"}`, as the Open Inference Protocol and TensorFlow Serving say
    /// it. A request that is wrong has the status 400 there.
    Protocol,
    /// Problem details.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc9457>
    Problem,
}

/// The media type of problem details.
const PROBLEM: &str = "application/problem+json";

impl Style {
    /// What a request asks for, or the style of the protocol that its `path` is of.
    pub(crate) fn of(path: &str, headers: &HeaderMap) -> Self {
        if content::asks_for(headers, PROBLEM) {
            return Self::Problem;
        }
        let is_protocol = path == "/v2" || path.starts_with("/v2/");
        if is_protocol || is_action(path) { Self::Protocol } else { Self::Own }
    }
}

#[derive(Serialize)]
struct ErrorResponse<E> {
    error: E,
}

/// The type is `about:blank`: the status says as much.
#[derive(Serialize)]
struct Problem<'a> {
    title: &'static str,
    status: u16,
    detail: &'a str,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    request_id: &'a str,
}

/// `error` as the body of `response`, which keeps its status and other headers.
fn render(response: Response, error: &Error, id: &RequestId, style: Style) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.remove(CONTENT_TYPE);
    match style {
        Style::Own => {
            let error = ErrorBody::of_request(error, id.as_str());
            (parts, Json(ErrorResponse { error })).into_response()
        }
        Style::Problem => {
            let problem = Problem {
                title: parts.status.canonical_reason().unwrap_or("Failure"),
                status: parts.status.as_u16(),
                detail: error.message(),
                code: error.kind().code(),
                field: error.place(),
                request_id: id.as_str(),
            };
            (parts, [(CONTENT_TYPE, PROBLEM)], Json(problem)).into_response()
        }
        Style::Protocol => {
            if parts.status == StatusCode::UNPROCESSABLE_ENTITY {
                parts.status = StatusCode::BAD_REQUEST;
            }
            (parts, Json(ErrorResponse { error: error.to_string() })).into_response()
        }
    }
}

fn is_failure(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

fn is_json(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE) == Some(&HeaderValue::from_static("application/json"))
}

/// A failure that is not ours, such as the rejection of one of axum's own
/// extractors.
fn foreign(code: StatusCode) -> Error {
    let kind = match ErrorKind::ALL.into_iter().find(|kind| status(*kind) == code) {
        _ if code.is_server_error() => ErrorKind::Internal,
        Some(kind) => kind,
        None => ErrorKind::InvalidRequest,
    };
    Error::new(kind, code.canonical_reason().unwrap_or("the request failed").to_lowercase())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[tokio::test]
    async fn rejections_of_axums_own_extractors_are_rendered_as_errors() {
        let id = RequestId::of(&HeaderMap::from_iter([(REQUEST_ID, HeaderValue::from_static("a"))]));
        let rejection = (StatusCode::BAD_REQUEST, "Invalid URL").into_response();
        let (response, code) = render_failure(rejection, &id, Style::Own);
        assert_eq!((response.status(), code), (StatusCode::BAD_REQUEST, Some("malformed_request")));
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
        let body = axum::body::to_bytes(response.into_body(), 1000).await.unwrap();
        assert_eq!(
            body,
            r#"{"error":{"code":"malformed_request","message":"bad request","request_id":"a"}}"#
        );
    }

    #[tokio::test]
    async fn a_failure_keeps_its_other_headers() {
        let parts = || (StatusCode::IM_A_TEAPOT, [("retry-after", "1"), ("content-length", "4")], "text");
        let response = parts().into_response().map(Body::new);
        let id = RequestId::of(&HeaderMap::new());
        let response = render(response, &foreign(StatusCode::IM_A_TEAPOT), &id, Style::Own);
        assert_eq!(response.status(), 418);
        assert_eq!(response.headers()["retry-after"], "1");
        assert!(!response.headers().contains_key(CONTENT_LENGTH));
    }
}
