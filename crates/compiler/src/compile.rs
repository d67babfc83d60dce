use edgeinfer_core::{
    EngineLoader, EngineSection, Error, ErrorKind, Manifest, Metadata, Model, Refusal, Result, write_model,
};

use crate::onnx::{Graph, decode};
use crate::plan::plan;
use crate::schema::schema;

/// What runs a model that has no plan.
#[cfg(feature = "tract")]
pub(crate) const FALLBACK: Option<EngineLoader> = Some(crate::load_tract);
#[cfg(not(feature = "tract"))]
pub(crate) const FALLBACK: Option<EngineLoader> = None;

/// Compiles an ONNX model: the bytes of a `.edge` file.
///
/// What edgeinfer's own runtime takes becomes a plan. Anything else keeps its
/// ONNX graph, with the list of what stood against a plan, and needs a build
/// with the feature `tract` to run. The compiled model has been loaded once when
/// this returns, so that a model which would not load is refused here.
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
    let schema = match &model.graph {
        Some(graph) => schema(&Graph::new(graph), &metadata)?,
        None => return Err(Error::new(ErrorKind::InvalidModel, "not an ONNX model: it has no graph")),
    };
    let (engine, section, refused) = match plan(&model) {
        Ok((plan, section)) => (EngineSection::Plan(plan), section, Vec::new()),
        Err(refused) => (EngineSection::Onnx { refused: refused.clone() }, onnx.to_vec(), refused),
    };
    let file = write_model(&Manifest { schema, metadata, engine }, &section)?;
    match Model::load(file.as_slice(), FALLBACK) {
        Ok(_) => Ok(file),
        Err(error) if refused.is_empty() => Err(error),
        Err(error) => Err(neither(&refused, &error)),
    }
}

/// A model that neither edgeinfer's own runtime nor the fallback takes.
fn neither(refused: &[Refusal], fallback: &Error) -> Error {
    let reasons: Vec<_> =
        refused.iter().map(|refusal| format!("{}: {}", refusal.node, refusal.reason)).collect();
    let message = format!("{}; nor does the fallback take the model: {fallback}", reasons.join("; "));
    Error::new(ErrorKind::UnsupportedModel, message)
}
