//! The edgeinfer HTTP API as a Spin component (`wasi:http`, WASI 0.2).
//!
//! The models are the `.edge` files mounted in `/models`: `NAME.edge`, or
//! `NAME/VERSION.edge` for several versions. A mount without one, or with one
//! that does not load, leaves the API up, answering 503 with the reason. The
//! component is a translation between `wasi:http` and `edgeinfer-service`, and
//! runs under any host of WASI 0.2, Spin or not.
#![cfg(target_os = "wasi")]
#![allow(unsafe_code, reason = "what spin-sdk's macro expands to; none is written here")]

mod clock;
mod model;
mod request;

use std::sync::LazyLock;

use edgeinfer_service::{Config, Host, Router, answer, api};
use spin_sdk::http::{IncomingRequest, IntoResponse};
use spin_sdk::http_component;

/// Made when the first request comes, kept for as long as the host keeps the
/// instance: Spin, for one request.
static ROUTER: LazyLock<Router> =
    LazyLock::new(|| api(model::registry(), Config::default(), Host { clock: Some(clock::CLOCK) }));

#[http_component]
async fn handle(request: IncomingRequest) -> impl IntoResponse {
    answer(&ROUTER, request::read(request).await).await
}
