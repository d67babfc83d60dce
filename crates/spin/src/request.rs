use std::pin::pin;

use edgeinfer_service::Bytes;
use edgeinfer_service::http::{HeaderName, HeaderValue, Method, Request, Uri};
use futures::StreamExt as _;
use spin_sdk::http::IncomingRequest;

/// The request as the service takes it.
///
/// Of a body beyond the service's `limit` no more is read than shows the service
/// that it is too long. A host has parsed the target and the headers before;
/// what does not parse again here is left out.
pub(crate) async fn read(incoming: IncomingRequest, limit: usize) -> Request<Bytes> {
    let mut request = Request::new(Bytes::new());
    *request.method_mut() = Method::from(incoming.method());
    *request.uri_mut() =
        incoming.path_with_query().unwrap_or_default().parse().unwrap_or(Uri::from_static("/"));
    for (name, value) in incoming.headers().entries() {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            request.headers_mut().append(name, value);
        }
    }
    *request.body_mut() = body(incoming, limit).await;
    request
}

async fn body(incoming: IncomingRequest, limit: usize) -> Bytes {
    let mut chunks = pin!(incoming.into_body_stream());
    let mut body = Vec::new();
    while let Some(Ok(chunk)) = chunks.next().await {
        body.extend_from_slice(&chunk);
        if body.len() > limit {
            break;
        }
    }
    body.into()
}
