//! What a client and the operator learn when the component gives no answer.

use std::fmt::{self, Display, Formatter};
use std::io::{self, Write};
use std::time::Duration;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;

/// Why there is no answer from the component.
#[derive(Debug)]
pub(crate) enum Failure {
    /// No instance could be made.
    Start(wasmtime::Error),
    /// The guest trapped; the error carries its backtrace.
    Trap(wasmtime::Error),
    /// The guest returned without an answer.
    Silent,
    /// The guest gave a `wasi:http` error code in place of an answer.
    Refused(String),
    /// The guest, or the wait for one, took longer than the limit.
    TimedOut(Duration),
    /// The host's own task was lost.
    Lost,
}

impl Failure {
    fn status(&self) -> StatusCode {
        match self {
            Self::TimedOut(_) => StatusCode::GATEWAY_TIMEOUT,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::TimedOut(_) => "timeout",
            _ => "internal",
        }
    }

    /// Writes what happened to standard error, with what the client must not
    /// see: the guest's backtrace.
    pub(crate) fn report(&self, request: &str) {
        let mut text = format!("{request}: {self}");
        if let Self::Start(error) | Self::Trap(error) = self {
            for cause in error.chain() {
                text = format!("{text}\n  {cause}");
            }
        }
        // Nobody is left to tell if standard error is closed.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(_) => f.write_str("the component could not be started"),
            Self::Trap(_) => f.write_str("the component trapped"),
            Self::Silent => f.write_str("the component returned without an answer"),
            Self::Refused(code) => write!(f, "the component gave the error {code}"),
            Self::TimedOut(limit) => write!(f, "no complete answer within {limit:?}"),
            Self::Lost => f.write_str("the host stopped the request"),
        }
    }
}

impl std::error::Error for Failure {}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = json!({
            "error": {
                "code": self.code(),
                "message": self.to_string(),
                "request_id": null,
            }
        });
        (self.status(), Json(body)).into_response()
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use serde_json::Value;

    use super::*;

    #[tokio::test]
    async fn a_client_gets_status_code_and_message() -> anyhow::Result<()> {
        let secret = || wasmtime::Error::msg("secret");
        for (failure, status, code) in [
            (Failure::Trap(secret()), 500, "internal"),
            (Failure::TimedOut(Duration::from_secs(30)), 504, "timeout"),
        ] {
            let message = failure.to_string();
            let response = failure.into_response();
            assert_eq!(response.status(), status);
            let body: Value = serde_json::from_slice(&to_bytes(response.into_body(), 1000).await?)?;
            let expected = json!({"code": code, "message": message, "request_id": null});
            assert_eq!(body, json!({ "error": expected }));
            assert!(!message.contains("secret"));
        }
        Ok(())
    }
}
