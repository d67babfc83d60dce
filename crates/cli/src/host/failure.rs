//! What a client and the operator learn when the component gives no answer.

use std::fmt::{self, Display, Formatter};
use std::io::{self, Write};
use std::time::Duration;

use axum::response::Response;
use edgeinfer_core::{Error, ErrorKind};
use http::HeaderMap;

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
    /// The API's answer to a request with the headers `request`.
    pub(crate) fn response(&self, request: &HeaderMap) -> Response {
        let kind = match self {
            Self::TimedOut(_) => ErrorKind::Timeout,
            _ => ErrorKind::Internal,
        };
        edgeinfer_service::failure(Error::new(kind, self.to_string()), request)
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

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use edgeinfer_service::REQUEST_ID;
    use http::HeaderValue;
    use serde_json::{Value, json};

    use super::*;

    #[tokio::test]
    async fn a_client_gets_status_code_and_message() -> anyhow::Result<()> {
        let secret = || wasmtime::Error::msg("secret");
        for (failure, status, code) in [
            (Failure::Trap(secret()), 500, "internal"),
            (Failure::TimedOut(Duration::from_secs(30)), 504, "timeout"),
        ] {
            let request = HeaderMap::from_iter([(REQUEST_ID, HeaderValue::from_static("r-1"))]);
            let response = failure.response(&request);
            assert_eq!(response.status(), status);
            assert_eq!(response.headers()[REQUEST_ID], "r-1");
            let body: Value = serde_json::from_slice(&to_bytes(response.into_body(), 1000).await?)?;
            let message = failure.to_string();
            let expected = json!({"code": code, "message": message, "request_id": "r-1"});
            assert_eq!(body, json!({ "error": expected }));
            assert!(!message.contains("secret"));
        }
        Ok(())
    }
}
