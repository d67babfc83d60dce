//! A model's bytes, from JavaScript to core.

#[cfg(feature = "onnx")]
use edgeinfer_compiler::{load_tract, open, parse_metadata};
use edgeinfer_core::{Model, ModelBytes, Result};
use js_sys::Uint8Array;

fn copied(bytes: &Uint8Array) -> ModelBytes {
    ModelBytes::filled_by(bytes.length() as usize, |copy| bytes.copy_to(copy))
}

/// The compiled model that `bytes` are.
#[cfg(feature = "onnx")]
pub(crate) fn compiled(bytes: &Uint8Array) -> Result<Model> {
    Model::load(copied(bytes), Some(load_tract))
}

/// The model that `bytes` are, compiled or ONNX.
#[cfg(feature = "onnx")]
pub(crate) fn any(bytes: &Uint8Array, metadata: Option<&str>) -> Result<Model> {
    let metadata = metadata.map(|json| parse_metadata(json.as_bytes())).transpose()?;
    open(copied(bytes), metadata.unwrap_or_default())
}

/// The compiled model that `bytes` are. An error names the package's entry that
/// takes what this build does not.
#[cfg(not(feature = "onnx"))]
pub(crate) fn compiled(bytes: &Uint8Array) -> Result<Model> {
    use edgeinfer_core::{EngineSection, Error, ErrorKind, ModelFile};

    let bytes = copied(bytes);
    Model::load(bytes.clone(), None).map_err(|error| {
        let is_onnx = |file: ModelFile| matches!(file.manifest.engine, EngineSection::Onnx { .. });
        let elsewhere = match error.kind() {
            ErrorKind::UnsupportedModel => ModelFile::parse(&bytes).is_ok_and(is_onnx),
            _ => false,
        };
        if !elsewhere {
            return error;
        }
        let message = format!("{}; import `load` from \"edgeinfer/onnx\" for it", error.message());
        Error::new(error.kind(), message)
    })
}
