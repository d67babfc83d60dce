use borsh::{BorshDeserialize, BorshSerialize};
use serde::Serialize;

use crate::{Plan, Result, Schema, Value, Values};

/// What runs a model: the one seam between the product and inference proper.
pub trait Engine: Send + Sync {
    /// The engine's name, as `info().engine` shows it.
    fn name(&self) -> &str;

    /// Runs the model once.
    ///
    /// `inputs` are in the schema's order and already of the types and shapes
    /// that the schema asks for. The values come in the schema's order of
    /// outputs.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InferenceFailed`](crate::ErrorKind::InferenceFailed), with
    /// the node at fault where it is known.
    fn run(&self, inputs: &[Value]) -> Result<Values>;

    /// Takes back values that nobody needs any more, so that a later run need
    /// not ask for memory.
    fn recycle(&self, values: Values) {
        drop(values);
    }
}

/// What the engine section of a compiled model holds.
#[derive(Clone, Debug, PartialEq, BorshSerialize, BorshDeserialize)]
pub enum EngineSection {
    /// The constants of a plan, which this crate runs itself.
    Plan(Plan),
    /// The bytes of an ONNX `ModelProto`, for an [`EngineLoader`].
    Onnx {
        /// Why the compiler made no plan of it.
        refused: Vec<Refusal>,
    },
}

/// A node that the compiler did not take, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, BorshSerialize, BorshDeserialize)]
pub struct Refusal {
    /// The node, as errors call it.
    pub node: String,
    /// The operator, with its domain where it is not ONNX's own.
    pub operator: String,
    /// Why.
    pub reason: String,
}

/// Makes an engine from the bytes of an ONNX `ModelProto` and the model's
/// schema.
pub type EngineLoader = fn(&[u8], &Schema) -> Result<Box<dyn Engine>>;
