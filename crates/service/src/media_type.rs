//! Which request bodies are taken, by their headers.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use edgeinfer_core::{Error, ErrorKind, Result};

use crate::shortened::shortened;

/// Checks that `headers` announce JSON in UTF-8.
///
/// # Errors
///
/// [`ErrorKind::UnsupportedMediaType`], with the header to send.
pub(crate) fn check(headers: &HeaderMap) -> Result<()> {
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return Err(unsupported("got no content-type"));
    };
    let value = String::from_utf8_lossy(value.as_bytes());
    let mut parts = value.split(';').map(str::trim);
    if !parts.next().is_some_and(is_json) {
        return Err(unsupported(&format!("got `{}`", shortened(&value))));
    }
    let charset = |part: &str| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_owned())
    };
    match parts.filter_map(charset).find(|charset| !charset.eq_ignore_ascii_case("utf-8")) {
        Some(charset) => Err(unsupported(&format!("the charset `{}` is not taken", shortened(&charset)))),
        None => Ok(()),
    }
}

/// `application/json` and the `application/*+json` of RFC 6839.
fn is_json(essence: &str) -> bool {
    let subtype = match essence.split_once('/') {
        Some((kind, subtype)) if kind.eq_ignore_ascii_case("application") => subtype,
        _ => return false,
    };
    match subtype.rsplit_once('+') {
        Some((name, suffix)) => !name.is_empty() && suffix.eq_ignore_ascii_case("json"),
        None => subtype.eq_ignore_ascii_case("json"),
    }
}

fn unsupported(what: &str) -> Error {
    let message = format!("expected JSON in UTF-8, {what}; send the header content-type: application/json");
    Error::new(ErrorKind::UnsupportedMediaType, message)
}
