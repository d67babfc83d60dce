//! From an ONNX model to a compiled one.
//!
//! [`compile`] reads an ONNX model and what its makers say about it, works out
//! the schema (features, classes, what the outputs mean) and writes the bytes
//! of a `.edge` file. With the feature `tract`, [`tract_loader`] is the engine
//! that runs the ONNX graph inside such a file.

mod classes;
mod compile;
mod metadata;
mod onnx;
mod schema;
mod task;
#[cfg(feature = "tract")]
mod tract;
mod types;

pub use compile::compile;
pub use metadata::parse_metadata;
#[cfg(feature = "tract")]
pub use tract::tract_loader;
