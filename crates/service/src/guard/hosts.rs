use axum::http::header::HOST;
use axum::http::{HeaderMap, Uri};
use edgeinfer_core::{Error, ErrorKind, Result};

use crate::shortened::shortened;

/// Checks that a request is for one of the hosts `trusted`: names, or `*.` and the
/// end of names. None means all.
///
/// # Errors
///
/// [`ErrorKind::MalformedRequest`] with the host.
pub(super) fn check(trusted: &[String], uri: &Uri, headers: &HeaderMap) -> Result<()> {
    if trusted.is_empty() {
        return Ok(());
    }
    let header = headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = uri.authority().map(|authority| authority.as_str()).or(header).unwrap_or_default();
    let name = without_port(host).to_ascii_lowercase();
    if trusted.iter().any(|trusted| fits(&trusted.to_ascii_lowercase(), &name)) {
        return Ok(());
    }
    let message = format!("the host `{}` is not served here", shortened(host));
    Err(Error::new(ErrorKind::MalformedRequest, message))
}

fn fits(trusted: &str, name: &str) -> bool {
    match trusted.strip_prefix('*') {
        Some(end) => name.len() > end.len() && name.ends_with(end),
        None => trusted == name,
    }
}

fn without_port(host: &str) -> &str {
    if host.ends_with(']') {
        return host;
    }
    host.rsplit_once(':').map_or(host, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn takes_the_hosts_that_are_trusted_with_any_port() {
        let trusted = ["a.example".to_owned(), "*.b.example".to_owned(), "[::1]".to_owned()];
        for (host, is_taken) in [
            ("a.example", true),
            ("A.example:8080", true),
            ("x.b.example", true),
            ("[::1]:80", true),
            ("[::1]", true),
            ("b.example", false),
            ("xb.example", false),
            ("a.example.evil", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static(host))]);
            let uri = Uri::from_static("/");
            assert_eq!(check(&trusted, &uri, &headers).is_ok(), is_taken, "{host}");
            assert!(check(&[], &uri, &headers).is_ok());
        }
    }
}
