//! JavaScript bindings of edgeinfer: the wasm inside the npm package.
//!
//! With the feature `model` they are those of `edgeinfer-core`, for the entry
//! `edgeinfer`, and with the feature `onnx` for `edgeinfer/onnx`; with the feature
//! `server` those of `edgeinfer-service`, for `edgeinfer/server`.
//!
//! The bindings translate values and errors and hold no logic. What they throw
//! is a plain object `{ code, message, field }`, which the package turns into
//! an `EdgeInferError`.
#![cfg(all(target_family = "wasm", target_os = "unknown"))]

#[cfg(feature = "model")]
mod model;
#[cfg(feature = "server")]
mod server;

#[cfg(feature = "model")]
pub use model::{Model, numbers, text};
#[cfg(feature = "server")]
pub use server::{Call, Models, Service};
