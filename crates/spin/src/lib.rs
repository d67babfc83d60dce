//! The edgeinfer HTTP API as a Spin component (`wasi:http`, WASI 0.2).
//!
//! The models are the `.edge` files mounted in `/models`: `NAME.edge`, or
//! `NAME/VERSION.edge` for several versions; an `edgeinfer.toml` beside them, Spin's
//! variable `edgeinfer_toml` and the environment's `EDGEINFER_SERVE_…` configure it, of
//! which a later one comes before an earlier one. Rates, counters and what is unloaded
//! are kept in the host's key-value store, where the component may use it. A mount without a model, or with one that
//! does not load, leaves the API up, answering 503 with the reason. The component is
//! a translation between `wasi:http` and `edgeinfer-service`. Built without the feature
//! `spin` it runs under any host of WASI 0.2; with it, under one that has Spin's
//! variables and `wasi:keyvalue`, as Spin and `edgeinfer serve` do.
#![cfg(target_os = "wasi")]
#![allow(unsafe_code, reason = "what spin-sdk's macro expands to; none is written here")]

mod clock;
mod config;
mod host;
mod log;
mod model;
mod request;
#[cfg(feature = "spin")]
mod store;

use std::sync::{Arc, LazyLock};

use edgeinfer_service::{Config, Host, Registry, Router, answer, api};
use spin_sdk::http::{IncomingRequest, IntoResponse};
use spin_sdk::http_component;

/// The API, and how long a body it takes.
struct Api {
    router: Router,
    body_bytes: usize,
}

/// Made when the first request comes, kept for as long as the host keeps the
/// instance: Spin, for one request.
static API: LazyLock<Api> = LazyLock::new(|| {
    // Without its configuration it answers nothing that this would guard.
    let configured = config::read().and_then(|config| {
        let store = host::store(&config)?;
        Ok((model::registry(), config, store))
    });
    let (registry, config, store) =
        configured.unwrap_or_else(|reason| (Registry::without_models(reason), Config::default(), None));
    let body_bytes = config.limits.body_bytes;
    let host = Host { clock: Some(clock::CLOCK), log: Some(Arc::new(log::line)), store };
    Api { router: api(registry, config, host), body_bytes }
});

#[http_component]
async fn handle(request: IncomingRequest) -> impl IntoResponse {
    let Api { router, body_bytes } = &*API;
    answer(router, request::read(request, *body_bytes).await).await
}
