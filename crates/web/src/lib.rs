//! JavaScript bindings of `edgeinfer-core`: the wasm inside the npm package
//! `edgeinfer`.
//!
//! The bindings translate values and errors and hold no logic. What they throw
//! is a plain object `{ code, message, field }`, which the package turns into
//! an `EdgeInferError`.
#![cfg(all(target_family = "wasm", target_os = "unknown"))]

mod error;
mod features;
mod model;
mod tensor;

pub use model::Model;
