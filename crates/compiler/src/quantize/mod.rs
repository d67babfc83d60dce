//! Weights of fewer bits: a compiled model as one whose file is half or a quarter
//! as long, and what that costs in its answers.
//!
//! Weights alone are quantised, and are widened as the model is loaded:
//! activations stay as they are, so that nothing has to be calibrated and the loss
//! is that of the weights.

mod loss;
mod matrices;
mod synthetic;
mod weights;

use std::collections::BTreeMap;

use edgeinfer_core::{
    EngineSection, Error, ErrorKind, Manifest, ModelBytes, ModelFile, Payload, Plan, Result,
};
use edgeinfer_core::{Storage, write_model};
use serde::Serialize;

pub use loss::{Inputs, Loss, OutputLoss, measure};

use matrices::matrices;
use weights::{Weights, weights};

/// In what weights are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Quantization {
    /// In float16: all of float32 that the operators take, but for those of
    /// classic models.
    #[serde(rename = "fp16")]
    Float16,
    /// In int8 with a scale for each output channel: the matrices and kernels of
    /// products, convolutions, embeddings and recurrent networks.
    Int8,
}

/// A model with weights of fewer bits.
#[derive(Clone, Debug)]
pub struct Quantized {
    /// The compiled model.
    pub file: Vec<u8>,
    /// How many constants have fewer bits.
    pub weights: usize,
}

/// Fewer elements than this are not worth a loss.
const FEW: usize = 32;

/// `compiled` with its weights in `quantization`.
///
/// # Errors
///
/// As [`ModelFile::parse`]; [`ErrorKind::UnsupportedModel`] where the model has
/// no plan, or no weights for it.
pub fn quantize(compiled: &[u8], quantization: Quantization) -> Result<Quantized> {
    let ModelFile { manifest, payload, .. } = ModelFile::parse(&compiled.into())?;
    let Manifest { schema, metadata, engine } = manifest;
    let EngineSection::Plan(plan) = engine else {
        let message = "only a model that runs on the compiled runtime can be quantised";
        return Err(Error::new(ErrorKind::UnsupportedModel, message));
    };
    let (plan, section, count) = stored(plan, &payload, quantization)?;
    if count == 0 {
        let message = "the model has no weights that can be quantised";
        return Err(Error::new(ErrorKind::UnsupportedModel, message));
    }
    let file = write_model(&Manifest { schema, metadata, engine: EngineSection::Plan(plan) }, &section)?;
    Ok(Quantized { file, weights: count })
}

/// The plan with its constants as they are stored, and how many that are.
fn stored(mut plan: Plan, section: &ModelBytes, how: Quantization) -> Result<(Plan, Vec<u8>, usize)> {
    // What is packed has no one axis for its output channels.
    let matrices = if how == Quantization::Int8 { matrices(&mut plan, section)? } else { BTreeMap::new() };
    let weights = weights(&plan);
    let (mut payload, mut count) = (Payload::default(), 0);
    for (index, spec) in plan.constants.iter_mut().enumerate() {
        let elements = spec.shape.iter().fold(1usize, |elements, dim| elements.saturating_mul(*dim));
        let storage = weights.get(&index).filter(|_| elements >= FEW && spec.stored.is_none());
        let storage = storage.and_then(|weights| storage_of(how, weights));
        let narrow = match (storage, matrices.get(&index)) {
            (Some(storage), Some(matrix)) => payload.push_stored(matrix, storage),
            (Some(storage), None) => payload.push_stored(&spec.tensor(section)?, storage),
            (None, _) => None,
        };
        count += usize::from(narrow.is_some());
        // A matrix that stays is no longer where it was.
        let moved = |matrix| match spec.stored {
            Some(storage) => payload.push_stored(matrix, storage),
            None => Some(payload.push(matrix)),
        };
        let narrow = narrow.or_else(|| matrices.get(&index).and_then(moved));
        let outside = || Error::new(ErrorKind::InvalidModel, "a constant lies outside the file");
        *spec = narrow.or_else(|| payload.push_as_it_lies(spec, section)).ok_or_else(outside)?;
    }
    Ok((plan, payload.into_bytes(), count))
}

fn storage_of(how: Quantization, weights: &Weights) -> Option<Storage> {
    match how {
        Quantization::Float16 => Some(Storage::Float16),
        Quantization::Int8 => weights.axis.map(|axis| Storage::Int8 { axis }),
    }
}
