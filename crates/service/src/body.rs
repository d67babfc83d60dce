//! A request's body, whole and as it was before its client compressed it.

use std::io::Read;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_ENCODING;
use edgeinfer_core::{Error, ErrorKind, Result};
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use crate::shortened::shortened;

/// Reads `body`, and undoes the encoding that `headers` announce. At most `limit`
/// bytes, before and after that.
///
/// # Errors
///
/// [`ErrorKind::PayloadTooLarge`]; [`ErrorKind::UnsupportedMediaType`] for other
/// encodings than gzip and deflate; [`ErrorKind::MalformedRequest`] for a body that
/// breaks off, or is not what its encoding says.
pub(crate) async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes> {
    let encoding = Encoding::of(headers)?;
    let body = collect(body, limit).await?;
    match encoding {
        None => Ok(body),
        Some(encoding) => encoding.undo(&body, limit),
    }
}

async fn collect(body: Body, limit: usize) -> Result<Bytes> {
    // By the announced length where there is one: nothing is read in vain.
    if body.size_hint().lower() > limit as u64 {
        return Err(too_large(limit));
    }
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large(limit)),
        Err(error) => Err(malformed(format!("the body broke off: {error}"))),
    }
}

#[derive(Clone, Copy)]
enum Encoding {
    Gzip,
    Deflate,
}

impl Encoding {
    fn of(headers: &HeaderMap) -> Result<Option<Self>> {
        let values = headers.get_all(CONTENT_ENCODING).into_iter();
        let text: Vec<_> = values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        let mut codings = text.iter().flat_map(|value| value.split(',')).map(str::trim);
        let coding = codings.find(|coding| !coding.is_empty() && !is(coding, "identity"));
        let Some(coding) = coding else { return Ok(None) };
        let more = codings.any(|coding| !is(coding, "identity"));
        if !more && (is(coding, "gzip") || is(coding, "x-gzip")) {
            return Ok(Some(Self::Gzip));
        }
        if !more && is(coding, "deflate") {
            return Ok(Some(Self::Deflate));
        }
        let message = format!(
            "the content-encoding `{}` is not taken; send the body as it is, or with gzip or deflate",
            shortened(&text.join(", "))
        );
        Err(Error::new(ErrorKind::UnsupportedMediaType, message))
    }

    fn undo(self, body: &[u8], limit: usize) -> Result<Bytes> {
        match self {
            Self::Gzip => inflate(MultiGzDecoder::new(body), "gzip", limit),
            // The standard's deflate has zlib's header; some clients leave it out.
            Self::Deflate if is_zlib(body) => inflate(ZlibDecoder::new(body), "deflate", limit),
            Self::Deflate => inflate(DeflateDecoder::new(body), "deflate", limit),
        }
    }
}

fn is(coding: &str, name: &str) -> bool {
    coding.eq_ignore_ascii_case(name)
}

/// <https://www.rfc-editor.org/rfc/rfc1950#section-2.2>
fn is_zlib(body: &[u8]) -> bool {
    matches!(body, [method, flags, ..]
        if method & 0x0f == 8 && u16::from_be_bytes([*method, *flags]).is_multiple_of(31))
}

fn inflate(decoder: impl Read, encoding: &str, limit: usize) -> Result<Bytes> {
    let mut body = Vec::new();
    // One byte more than the limit shows that there is more.
    let most = (limit as u64).saturating_add(1);
    decoder
        .take(most)
        .read_to_end(&mut body)
        .map_err(|error| malformed(format!("the body is not {encoding}, as its header says: {error}")))?;
    if body.len() > limit { Err(too_large(limit)) } else { Ok(body.into()) }
}

fn too_large(limit: usize) -> Error {
    let message = format!("the body is longer than {limit} bytes; split it into several requests");
    Error::new(ErrorKind::PayloadTooLarge, message)
}

fn malformed(message: String) -> Error {
    Error::new(ErrorKind::MalformedRequest, message)
}
