//! From an ONNX model to a compiled one.
//!
//! [`compile`] reads an ONNX model and what its makers say about it, works out
//! the schema (features, classes, what the outputs mean) and writes the bytes
//! of a `.edge` file. With the feature `tract`, `load_tract` makes an engine that
//! runs models which edgeinfer's own runtime does not take, on the host alone.

mod classes;
mod compile;
mod external;
mod graph;
mod kinds;
mod metadata;
mod missing;
mod onnx;
mod open;
mod passes;
mod plan;
mod quantize;
mod report;
mod schema;
mod sparse;
mod synthetic;
mod task;
mod tensor;
#[cfg(feature = "tract")]
mod tract;
mod trial;
mod types;
#[cfg(feature = "tract")]
mod verify;

pub use compile::compile;
pub use external::embed;
pub use metadata::parse_metadata;
pub use open::open;
pub use quantize::{Inputs, Loss, OutputLoss, Quantization, Quantized, measure, quantize};
pub use report::{OperatorUse, Problem, Report, inspect};
pub use synthetic::synthetic;
pub use tensor::tensor;
#[cfg(feature = "tract")]
pub use tract::load_tract;
#[cfg(feature = "tract")]
pub use verify::{Difference, Trials, verify};
