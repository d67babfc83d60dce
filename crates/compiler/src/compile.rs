use std::collections::BTreeSet;

use edgeinfer_core::{
    EngineLoader, EngineSection, Error, ErrorKind, Manifest, Metadata, Model, Refusal, Result, Schema,
    write_model,
};
use edgeinfer_onnx::ModelProto;

use crate::graph::read;
use crate::missing::{Column, missing};
use crate::onnx::{Graph, decode};
use crate::plan::plan;
use crate::schema::{declared, give_meaning};
use crate::trial::{may_be_endless, set_right};

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
    let graph = Graph::new(model.graph.as_ref().ok_or_else(without_graph)?);
    let mut schema = declared(&graph)?;
    let planned = plan(&model);
    if let Ok((plan, section)) = &planned
        && !may_be_endless(&plan.graph)
    {
        let engine = EngineSection::Plan(plan.clone());
        let manifest = Manifest { schema: schema.clone(), metadata: Metadata::default(), engine };
        let loaded = Model::load(write_model(&manifest, section)?.as_slice(), None)?;
        set_right(&mut schema, &loaded);
    }
    let missing = missing_features(&model, &schema);
    give_meaning(&mut schema, &graph, &metadata, &missing)?;
    match planned {
        Ok((plan, section)) => {
            write_model(&Manifest { schema, metadata, engine: EngineSection::Plan(plan) }, &section)
        }
        Err(refused) => fall_back(schema, metadata, refused, onnx),
    }
}

/// The file of a model that has no plan, where there is an engine for it.
fn fall_back(schema: Schema, metadata: Metadata, refused: Vec<Refusal>, onnx: &[u8]) -> Result<Vec<u8>> {
    let reasons: Vec<_> =
        refused.iter().map(|refusal| format!("{}: {}", refusal.node, refusal.reason)).collect();
    let reasons = reasons.join("; ");
    let Some(engine) = FALLBACK else { return Err(Error::new(ErrorKind::UnsupportedModel, reasons)) };
    let file = write_model(&Manifest { schema, metadata, engine: EngineSection::Onnx { refused } }, onnx)?;
    match Model::load(file.as_slice(), Some(engine)) {
        Ok(_) => Ok(file),
        Err(error) => {
            let message = format!("{reasons}; nor does the fallback take the model: {error}");
            Err(Error::new(ErrorKind::UnsupportedModel, message))
        }
    }
}

/// The features that may be missing.
fn missing_features(model: &ModelProto, schema: &Schema) -> BTreeSet<Column> {
    let widths: Vec<_> = schema.inputs.iter().map(|input| input.row_width().unwrap_or_default()).collect();
    missing(&read(model).0, &widths)
}

fn without_graph() -> Error {
    Error::new(ErrorKind::InvalidModel, "not an ONNX model: it has no graph")
}
