//! JavaScript bindings of `edgeinfer-core`: the wasm inside the npm package
//! `edgeinfer`, and with the feature `onnx` that of `edgeinfer/onnx`.
//!
//! The bindings translate values and errors and hold no logic. What they throw
//! is a plain object `{ code, message, field }`, which the package turns into
//! an `EdgeInferError`.
//!
//! There are two ways in. Whatever JavaScript may give is taken as it is, as
//! JavaScript's own objects. Numbers, and tensors of strings, go through memory: the package
//! writes them where `Model::place`, `numbers` and `text` say, calls with
//! numbers, and reads the answer where the call says. That way never fails with a
//! reason: the address is 0, and the other way gives the answer or the error.
#![cfg(all(target_family = "wasm", target_os = "unknown"))]

mod answers;
mod error;
mod features;
mod load;
mod model;
mod room;
mod signature;
mod tensor;
mod values;

pub use model::Model;
pub use room::{numbers, text};
