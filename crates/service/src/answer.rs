use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, Response};
use tower::ServiceExt as _;

/// The answer to one request whose body is at hand: what a host calls that has
/// no HTTP server of its own.
pub async fn answer(router: &Router, request: Request<Bytes>) -> Response<Bytes> {
    let Ok(response) = router.clone().oneshot(request.map(Body::from)).await;
    let (parts, body) = response.into_parts();
    // The router's bodies are in memory: reading them cannot fail.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    Response::from_parts(parts, body)
}
