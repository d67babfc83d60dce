//! Which request bodies are taken, by their headers.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use edgeinfer_core::{Error, ErrorKind, Result};

use super::{CSV, NPY};
use crate::shortened::shortened;

/// JSON's media type.
pub(crate) const JSON: &str = "application/json";

/// What a body is, by its `Content-Type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MediaType {
    Json,
    Csv,
    /// NumPy's file of one array.
    Npy,
    /// A tensor's bytes.
    Bytes,
}

impl MediaType {
    fn of(essence: &str) -> Option<Self> {
        let essence = essence.to_ascii_lowercase();
        match essence.as_str() {
            CSV | "application/csv" => Some(Self::Csv),
            NPY | "application/npy" => Some(Self::Npy),
            "application/octet-stream" => Some(Self::Bytes),
            other => is_json(other).then_some(Self::Json),
        }
    }

    /// As headers and people name it.
    fn name(self) -> (&'static str, &'static str) {
        match self {
            Self::Json => (JSON, "JSON"),
            Self::Csv => (CSV, "CSV"),
            Self::Npy => (NPY, "NumPy's .npy"),
            Self::Bytes => ("application/octet-stream", "bytes"),
        }
    }
}

/// Which of the media types `taken` the headers announce, text in UTF-8.
///
/// # Errors
///
/// [`ErrorKind::UnsupportedMediaType`], with the header to send.
pub(crate) fn media_type(headers: &HeaderMap, taken: &[MediaType]) -> Result<MediaType> {
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return Err(unsupported(taken, "got no content-type"));
    };
    let value = String::from_utf8_lossy(value.as_bytes());
    let mut parts = value.split(';').map(str::trim);
    let media_type = parts.next().and_then(MediaType::of).filter(|media_type| taken.contains(media_type));
    let media_type = media_type.ok_or_else(|| unsupported(taken, &format!("got `{}`", shortened(&value))))?;
    let charset = |part: &str| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_owned())
    };
    match parts.filter_map(charset).find(|charset| !charset.eq_ignore_ascii_case("utf-8")) {
        Some(charset) => {
            Err(unsupported(taken, &format!("the charset `{}` is not taken", shortened(&charset))))
        }
        None => Ok(media_type),
    }
}

/// `application/json` and the `application/*+json` of RFC 6839.
fn is_json(essence: &str) -> bool {
    match essence.strip_prefix("application/").map(|subtype| (subtype, subtype.rsplit_once('+'))) {
        Some((_, Some((name, suffix)))) => !name.is_empty() && suffix == "json",
        Some((subtype, None)) => subtype == "json",
        None => false,
    }
}

fn unsupported(taken: &[MediaType], what: &str) -> Error {
    let list = |name: fn(MediaType) -> &'static str| {
        taken.iter().map(|media_type| name(*media_type)).collect::<Vec<_>>().join(" or ")
    };
    let (headers, names) = (list(|media_type| media_type.name().0), list(|media_type| media_type.name().1));
    let message = format!("expected {names} in UTF-8, {what}; send the header content-type: {headers}");
    Error::new(ErrorKind::UnsupportedMediaType, message)
}
