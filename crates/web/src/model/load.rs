//! A model's bytes, from JavaScript to core.

#[cfg(feature = "onnx")]
use edgeinfer_compiler::{open, parse_metadata};
use edgeinfer_core::{Model, ModelBytes, Result};
use js_sys::Uint8Array;

fn copied(bytes: &Uint8Array) -> ModelBytes {
    ModelBytes::filled_by(bytes.length() as usize, |copy| bytes.copy_to(copy))
}

/// The compiled model that `bytes` are.
pub(crate) fn compiled(bytes: &Uint8Array) -> Result<Model> {
    Model::load(copied(bytes), None)
}

/// The model that `bytes` are, compiled or ONNX.
#[cfg(feature = "onnx")]
pub(crate) fn any(bytes: &Uint8Array, metadata: Option<&str>) -> Result<Model> {
    let metadata = metadata.map(|json| parse_metadata(json.as_bytes())).transpose()?;
    open(copied(bytes), metadata.unwrap_or_default())
}
