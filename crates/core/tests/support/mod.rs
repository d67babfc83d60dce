//! What the tests of the public API share: models, the engines that run them,
//! and assertions.
//!
//! - [`models`] are whole: their manifest, and weights for the engine.
//! - [`linear`] is an engine that computes, [`vocabulary`] one that takes maps;
//!   [`scripted`] gives what it is told to, right or wrong, [`echo`] what it got.
//! - [`layout`] writes the file format a second time, from its documentation.
#![allow(
    dead_code,
    unused_imports,
    reason = "each test file is a crate of its own and uses a part of this one"
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test fails"
)]

mod echo;
mod layout;
mod linear;
mod matmul;
mod models;
mod scripted;
mod vocabulary;

use std::fmt::Debug;

use edgeinfer_core::{ErrorKind, Features, ModelBytes, ModelFile, Result};

pub(crate) use layout::file_of;
pub(crate) use models::*;
pub(crate) use scripted::scripted;

/// Features as a caller writes them, in JSON.
pub(crate) fn features(json: &str) -> Features {
    serde_json::from_str(json).unwrap()
}

/// A batch as a caller writes it, in JSON.
pub(crate) fn batch(json: &str) -> Vec<Features> {
    serde_json::from_str(json).unwrap()
}

/// The parts of a compiled model.
pub(crate) fn parse(file: &[u8]) -> Result<ModelFile> {
    ModelFile::parse(&ModelBytes::from(file))
}

/// Asserts all three parts of an error.
#[track_caller]
pub(crate) fn assert_error<T: Debug>(result: Result<T>, kind: ErrorKind, place: Option<&str>, message: &str) {
    let error = result.expect_err("this should have been refused");
    assert_eq!((error.kind(), error.place(), error.message()), (kind, place, message));
}
