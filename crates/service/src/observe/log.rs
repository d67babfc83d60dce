use std::time::Duration;

use serde::Serialize;

use super::time::rfc3339;

/// A request, as its line in the log tells it. It has no features and no keys.
#[derive(Serialize)]
pub(crate) struct Line<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) time: Option<String>,
    pub(crate) level: &'static str,
    pub(crate) request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trace_id: Option<&'a str>,
    pub(crate) method: &'a str,
    pub(crate) route: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rows: Option<usize>,
    pub(crate) status: u16,
    /// The error's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<&'static str>,
    /// What became of it at the cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cache: Option<&'static str>,
    /// The name of the client's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) duration_ms: Option<f64>,
}

impl Line<'_> {
    /// How bad a status is.
    pub(crate) fn level(status: u16) -> &'static str {
        match status {
            500.. => "error",
            400.. => "warn",
            _ => "info",
        }
    }

    pub(crate) fn time(unix: Duration) -> String {
        rfc3339(unix)
    }

    /// The line, without its end.
    pub(crate) fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
