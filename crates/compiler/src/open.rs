use edgeinfer_core::{ErrorKind, MAGIC, Metadata, Model, ModelBytes, Result};

use crate::compile;
use crate::compile::FALLBACK;

/// What an ONNX model begins with: the field `ir_version`, which every exporter
/// writes first.
const ONNX_BEGINS: u8 = 0x08;

/// Loads a model of either form: a compiled one, or an ONNX model, which is
/// compiled on the way with `metadata`. A compiled one has its own.
///
/// # Errors
///
/// As [`Model::load`] for a compiled model, as [`compile`] for anything else.
pub fn open(bytes: impl Into<ModelBytes>, metadata: Metadata) -> Result<Model> {
    let bytes = bytes.into();
    if bytes.starts_with(MAGIC) {
        return Model::load(bytes, FALLBACK);
    }
    match compile(&bytes, metadata) {
        Ok(compiled) => Model::load(compiled.as_slice(), FALLBACK),
        // It is none of both: core guesses what it is.
        Err(error) if error.kind() == ErrorKind::InvalidModel && bytes.first() != Some(&ONNX_BEGINS) => {
            Model::load(bytes, None)
        }
        Err(error) => Err(error),
    }
}
