//! The edgeinfer runtime: a compiled model's bytes in, predictions out.
//!
//! This crate does no I/O, reads no clock and knows neither ONNX, HTTP nor
//! JavaScript. A [`Model`] is loaded from the bytes of a `.edge` file and runs
//! on an [`Engine`]; [`Model::predict`] speaks features and labels,
//! [`Model::run`] speaks named tensors. No input, no matter how wrong, makes it
//! panic: every failure is an [`Error`] with a kind, a message and the place at
//! fault.
//!
//! ```
//! use edgeinfer_core::{
//!     Dim, Engine, EngineSection, ElementType, Feature, Features, Manifest, Metadata, Model, Result,
//!     Schema, Task, Tensor, Value, ValueSpec, ValueType, Values, write_model,
//! };
//!
//! /// Sums each row.
//! struct Sum;
//! impl Engine for Sum {
//!     fn name(&self) -> &str {
//!         "sum"
//!     }
//!     fn run(&self, inputs: &[Value]) -> Result<Values> {
//!         let row = inputs[0].as_tensor().and_then(Tensor::as_f32).unwrap_or_default();
//!         let sum = Tensor::from_f32(vec![1, 1], vec![row.iter().sum()])?;
//!         Ok(Values::from_iter([sum.into()]))
//!     }
//! }
//!
//! # fn main() -> Result<()> {
//! let row = |name: &str, width| ValueSpec {
//!     name: name.into(),
//!     value: ValueType::Tensor {
//!         element: ElementType::Float32,
//!         shape: vec![Dim::symbol("N"), Dim::Fixed(width)],
//!     },
//! };
//! let schema = Schema {
//!     inputs: vec![row("X", 2)],
//!     outputs: vec![row("y", 1)],
//!     features: vec![Feature::new("a", 0, 0), Feature::new("b", 0, 1)],
//!     task: Task::Regression { output: 0 },
//! };
//! let engine = EngineSection::Onnx { refused: Vec::new() };
//! let manifest = Manifest { schema, metadata: Metadata::default(), engine };
//! let file = write_model(&manifest, b"what the engine reads")?;
//!
//! let model = Model::load(file.as_slice(), Some(|_, _| Ok(Box::new(Sum))))?;
//! let prediction = model.predict(&Features::from([1.5, 2.0]))?;
//! assert_eq!(serde_json::to_string(&prediction).unwrap(), r#"{"prediction":3.5}"#);
//! # Ok(())
//! # }
//! ```

mod bind;
mod bytes;
mod convert;
mod element;
mod engine;
mod error;
mod features;
mod file;
mod info;
mod interpret;
mod metadata;
mod model;
mod native;
mod needs;
mod ops;
mod parts;
mod plan;
mod prediction;
mod program;
mod run;
mod schema;
mod small;
mod tensor;
mod tensor_ref;
mod value;
mod written;

pub use bytes::ModelBytes;
pub use element::ElementType;
pub use engine::{Engine, EngineLoader, EngineSection, Refusal};
pub use error::{Error, ErrorKind, Result};
pub use features::{FeatureValue, Features};
pub use file::{FORMAT_VERSION, MAGIC, Manifest, ModelFile, write_model};
pub use info::{FeatureInfo, Health, HealthStatus, ModelInfo, ModelType};
pub use metadata::Metadata;
pub use model::Model;
pub use ops::unpack_linear;
pub use parts::Part;
pub use plan::{Attribute, ConstantSpec, Graph, Payload, Plan, Step, Storage};
pub use prediction::{Float, Floats, Outcome, Prediction};
pub use program::{check_step, pack_step, run_step};
pub use schema::{Classes, Dim, Feature, Schema, Task, ValueSpec, ValueType};
pub use small::SmallType;
pub use tensor::{Shape, Tensor, TensorData};
pub use value::{Map, MapSequence, Value, Values};
