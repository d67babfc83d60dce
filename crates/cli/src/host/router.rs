//! From an HTTP request to whoever answers it. No sockets.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use http::HeaderValue;
use http::header::HOST;

use super::pool::Pool;
use super::site::Site;

/// The header in which the guest finds the client's address, as under Spin.
pub(crate) const CLIENT_ADDRESS: &str = "spin-client-addr";

/// The server: files of `site` first, the component for all else.
pub(crate) fn app(pool: Arc<Pool>, site: Option<Site>) -> Router {
    Router::new().fallback(answer).with_state((pool, site))
}

async fn answer(State((pool, site)): State<(Arc<Pool>, Option<Site>)>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    if let Some(site) = site
        && let Some(file) = site.get(&parts).await
    {
        return file;
    }
    // HTTP/1.0 clients may leave the host out; the guest's view of a request
    // always has one.
    let named =
        parts.uri.authority().is_some() || parts.headers.get(HOST).is_some_and(|host| host.to_str().is_ok());
    if !named {
        parts.headers.insert(HOST, HeaderValue::from_static("localhost"));
    }
    // A client's own word for its address counts for nothing.
    parts.headers.remove(CLIENT_ADDRESS);
    if let Some(ConnectInfo(address)) = parts.extensions.get::<ConnectInfo<SocketAddr>>()
        && let Ok(address) = HeaderValue::try_from(address.to_string())
    {
        parts.headers.insert(CLIENT_ADDRESS, address);
    }
    let headers = parts.headers.clone();
    let answer = pool.answer(Request::from_parts(parts, body)).await;
    answer.unwrap_or_else(|failure| failure.response(&headers))
}
