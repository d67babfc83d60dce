use std::sync::Arc;

use edgeinfer_core::{Dim, Engine, Error, ErrorKind, Result, Schema, Value, ValueSpec, ValueType, Values};
use tract_onnx::prelude::*;

use super::tensor::{datum_type, from_tract, to_tract};
use super::zip_map::{ZipMaps, strip};
use edgeinfer_onnx::Message as _;
use tract_onnx::pb::ModelProto;

use crate::onnx::decode;

struct TractEngine {
    plan: Arc<TypedRunnableModel>,
    zip_maps: ZipMaps,
}

/// Makes an engine from the bytes of an ONNX model: tract.
///
/// # Errors
///
/// [`ErrorKind::UnsupportedModel`] with tract's reason when it does not take the
/// model.
pub fn load(onnx: &[u8], schema: &Schema) -> Result<Box<dyn Engine>> {
    let mut proto = decode(onnx)?;
    let zip_maps = proto.graph.as_mut().map(strip).unwrap_or_default();
    let proto = ModelProto::decode(proto.encode_to_vec().as_slice());
    let proto = proto.map_err(|error| Error::new(ErrorKind::InvalidModel, error.to_string()))?;
    let mut model = tract_onnx::onnx().model_for_proto_model(&proto).map_err(refused)?;
    for (index, input) in schema.inputs.iter().enumerate() {
        let fact = fact(&model, input)?;
        model.set_input_fact(index, fact).map_err(refused)?;
    }
    let plan = model.into_optimized().and_then(IntoRunnable::into_runnable).map_err(refused)?;
    Ok(Box::new(TractEngine { plan, zip_maps }))
}

impl Engine for TractEngine {
    fn name(&self) -> &str {
        "tract"
    }

    fn run(&self, inputs: &[Value]) -> Result<Values> {
        let tensor = |input: &Value| match input {
            Value::Tensor(tensor) => to_tract(tensor).map(IntoTValue::into_tvalue).map_err(failed),
            _ => Err(Error::new(ErrorKind::InferenceFailed, "tract takes tensors alone")),
        };
        let inputs = inputs.iter().map(tensor);
        let outputs = self.plan.run(inputs.collect::<Result<_>>()?).map_err(failed)?;
        let value = |(index, output): (usize, TValue)| Ok(self.zip_maps.wrap(index, from_tract(&output)?));
        outputs.into_iter().enumerate().map(value).collect()
    }
}

/// tract needs a symbol for every free dimension, named or not.
fn fact(model: &InferenceModel, input: &ValueSpec) -> Result<InferenceFact> {
    let ValueType::Tensor { element, shape } = &input.value else {
        return Err(Error::new(ErrorKind::UnsupportedModel, "not a tensor").at(input.name.clone()));
    };
    let dim = |dim: &Dim| match dim {
        Dim::Fixed(size) => TDim::from(*size),
        Dim::Symbol(name) => TDim::from(model.symbols.sym(name)),
    };
    let shape: TVec<TDim> = shape.iter().map(dim).collect();
    Ok(InferenceFact::dt_shape(datum_type(*element)?, shape))
}

fn refused(error: TractError) -> Error {
    Error::new(ErrorKind::UnsupportedModel, format!("the model cannot be run: {}", chain(&error)))
}

fn failed(error: TractError) -> Error {
    Error::new(ErrorKind::InferenceFailed, chain(&error))
}

/// The error and its causes, outermost first, on one line.
fn chain(error: &TractError) -> String {
    error.chain().map(|cause| cause.to_string()).collect::<Vec<_>>().join(": ")
}
