use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Result, Schema, Tensor, Value};

/// What runs a model: the one seam between the product and inference proper.
pub trait Engine: Send + Sync {
    /// The engine's name, as `info().engine` shows it.
    fn name(&self) -> &str;

    /// Runs the model once.
    ///
    /// `inputs` are in the schema's order and already of the element types and
    /// shapes that the schema asks for. The values come in the schema's order
    /// of outputs.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InferenceFailed`](crate::ErrorKind::InferenceFailed), with
    /// the node at fault where it is known.
    fn run(&self, inputs: &[Tensor]) -> Result<Vec<Value>>;
}

/// What the engine section of a compiled model holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum EngineFormat {
    /// The bytes of an ONNX `ModelProto`.
    Onnx,
}

impl fmt::Display for EngineFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Onnx => f.write_str("onnx"),
        }
    }
}

/// Makes an engine from the bytes of an engine section and the model's schema.
pub type LoadEngine = fn(&[u8], &Schema) -> Result<Box<dyn Engine>>;

/// How to make an engine from an engine section of one format.
#[derive(Clone, Copy)]
pub struct EngineLoader {
    /// The format that `load` reads.
    pub format: EngineFormat,
    /// Makes the engine.
    pub load: LoadEngine,
}
