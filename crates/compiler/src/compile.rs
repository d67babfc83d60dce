use edgeinfer_core::{EngineFormat, Manifest, Metadata, Result, write_model};

use crate::onnx::{Graph, decode};
use crate::schema::schema;

/// Compiles an ONNX model: the bytes of a `.edge` file.
///
/// With the feature `tract` the compiled model has been loaded once when this
/// returns, so that a model which would not load is refused here.
///
/// # Errors
///
/// [`ErrorKind::InvalidModel`](edgeinfer_core::ErrorKind::InvalidModel) when
/// `onnx` is not an ONNX model,
/// [`ErrorKind::UnsupportedModel`](edgeinfer_core::ErrorKind::UnsupportedModel)
/// when it uses something that is not supported,
/// [`ErrorKind::InvalidRequest`](edgeinfer_core::ErrorKind::InvalidRequest) when
/// the metadata does not fit the model.
pub fn compile(onnx: &[u8], metadata: Metadata) -> Result<Vec<u8>> {
    let model = decode(onnx)?;
    let graph = model.graph.unwrap_or_default();
    let schema = schema(&Graph::new(&graph), &metadata)?;
    let manifest = Manifest { schema, metadata, engine: EngineFormat::Onnx };
    let file = write_model(&manifest, onnx)?;
    #[cfg(feature = "tract")]
    edgeinfer_core::Model::load(&file, &[crate::tract_loader()])?;
    Ok(file)
}
