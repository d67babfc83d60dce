//! The edgeinfer HTTP API as a function from request to response.
//!
//! [`api()`] makes an axum [`Router`] from a [`Registry`] of models; [`router()`]
//! does from one model, or from the reason why there is none. It opens no socket,
//! reads no clock and spawns nothing, so the same API answers natively, in a
//! WebAssembly component and in JavaScript workers. A host with a server of its
//! own serves the router; one that has the whole request at hand calls [`answer()`].
//!
//! | route | answer |
//! |---|---|
//! | `POST /predict` | the prediction for one row of features |
//! | `POST /predict/batch` | the prediction for each of several rows |
//! | `GET /health`, `/health/live`, `/health/ready` | whether the default model answers, and the others; `/health?full` tells of the store too |
//! | `GET /model/info` | what the model says about itself |
//! | `GET /v1/models` | the models, and which is the default |
//! | `GET /v1/models/{model}`, `…/versions/{version}` | what became of a model's versions |
//! | `GET /metrics` | what was counted, for this machine or a key of its own |
//! | `GET /openapi.json`, `/docs`, `/redoc` | the API's description, to try and to read |
//! | `/v2/…` | the Open Inference Protocol, version 2 |
//! | `POST /v1/models/{model}:predict`, `/invocations`, `/score` | as managed platforms ask |
//!
//! The first four are also under `/v1`; `predict`, `predict/batch` and `info` are
//! also under the routes of a model and of its version.
//!
//! What outlives a request, counters, rates, what is unloaded and cached answers, is in
//! a [`Store`]: the instance's memory, or one that the [`Host`] gives and instances
//! share.
//!
//! [`Config`] says who may ask, and how often; by default all may. Every failure is `{"error": {"code", "message", "request_id"}}`, with
//! `"field"` where a field is at fault. The codes are
//! [`ErrorKind::code`](edgeinfer_core::ErrorKind::code). Every response carries
//! an `x-request-id`: the request's own where it is sound, else a new UUID.
//!
//! ```
//! use std::sync::Arc;
//!
//! use edgeinfer_core::Model;
//! use edgeinfer_service::{Bytes, answer, http::Request, router};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), edgeinfer_service::http::Error> {
//! let fallback = None; // an engine for what was not compiled to a plan
//! let model = Model::load(b"".as_slice(), fallback).map(Arc::new);
//! let router = router(model);
//!
//! let request = Request::get("/health").body(Bytes::new())?;
//! let response = answer(&router, request).await;
//! assert_eq!(response.status(), 503);
//! assert_eq!(
//!     response.body(),
//!     r#"{"status":"unhealthy","model_loaded":false,"reason":"not a compiled model: the file is empty"}"#,
//! );
//! # Ok(())
//! # }
//! ```

mod answer;
mod batch;
mod body;
mod cache;
mod clock;
mod config;
mod content;
mod decision;
mod documents;
mod error;
mod fields;
mod form;
mod frame;
mod guard;
mod json;
mod limits;
mod observe;
mod options;
mod payload;
mod registry;
mod render;
mod request;
mod request_id;
mod router;
mod routes;
mod rows;
mod scoring;
mod service;
mod shortened;
mod store;
mod tensors;

pub use answer::answer;
pub use axum::body::{Body, Bytes};
pub use axum::{Router, http};
pub use clock::Clock;
pub use config::{CacheConfig, Config, State, StoreKind};
pub use guard::{Keys, Peer, Rate, Tokens};
pub use limits::Limits;
pub use registry::{FIRST_VERSION, Registry, Source};
pub use render::failure;
pub use request_id::REQUEST_ID;
pub use router::{Host, Log, api, router};
pub use store::{About, Change, Item, MemoryStore, Reach, Slots, Store, StoreFuture, Updates};
