//! Requests and answers as JavaScript has them: headers as lines, a name and its
//! value in turn. A header's characters are bytes, as in JavaScript's `Headers`.

use std::net::IpAddr;

use edgeinfer_service::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use edgeinfer_service::{Bytes, Peer};

/// The request as the service takes it. JavaScript has parsed its parts before; what
/// does not parse again here is left out.
pub(super) fn read(
    method: &str,
    url: &str,
    lines: &str,
    body: Vec<u8>,
    peer: Option<&str>,
) -> Request<Bytes> {
    let mut request = Request::new(Bytes::from(body));
    *request.method_mut() = Method::from_bytes(method.as_bytes()).unwrap_or_default();
    *request.uri_mut() = url.parse().unwrap_or(Uri::from_static("/"));
    *request.headers_mut() = headers(lines);
    if let Some(address) = peer.and_then(|peer| peer.parse::<IpAddr>().ok()) {
        request.extensions_mut().insert(Peer(address));
    }
    request
}

fn headers(lines: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut lines = lines.split('\n');
    while let (Some(name), Some(value)) = (lines.next(), lines.next()) {
        if let (Ok(name), Some(value)) = (HeaderName::try_from(name), value_of(value)) {
            // There is room for 32,768; more than that no server takes.
            let _ = headers.try_append(name, value);
        }
    }
    headers
}

fn value_of(text: &str) -> Option<HeaderValue> {
    let bytes: Option<Vec<u8>> = text.chars().map(|character| u8::try_from(character).ok()).collect();
    HeaderValue::try_from(bytes?).ok()
}

/// The lines of `headers`.
pub(super) fn lines(headers: &HeaderMap) -> String {
    let mut lines = String::new();
    for (name, value) in headers {
        lines.push_str(name.as_str());
        lines.push('\n');
        lines.extend(value.as_bytes().iter().copied().map(char::from));
        lines.push('\n');
    }
    lines
}
