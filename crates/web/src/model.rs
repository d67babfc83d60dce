use edgeinfer_core::{EngineLoader, Error};
use wasm_bindgen::prelude::*;

use crate::error::{thrown, to_js};
use crate::{features, tensor};

/// A loaded model.
#[wasm_bindgen]
pub struct Model(edgeinfer_core::Model);

#[wasm_bindgen]
impl Model {
    /// Loads the bytes of a compiled model.
    ///
    /// # Errors
    ///
    /// As [`edgeinfer_core::Model::load`].
    #[wasm_bindgen(constructor)]
    pub fn new(bytes: &[u8]) -> Result<Model, JsValue> {
        edgeinfer_core::Model::load(bytes, FALLBACK).map(Self).map_err(throw)
    }

    /// The answer for one row: an array, a typed array, or an object by name.
    ///
    /// # Errors
    ///
    /// As [`edgeinfer_core::Model::predict`].
    pub fn predict(&self, features: JsValue) -> Result<JsValue, JsValue> {
        let prediction = features::row(features).and_then(|row| self.0.predict(&row));
        to_js(&prediction.map_err(throw)?)
    }

    /// The answer for each of an array of rows.
    ///
    /// # Errors
    ///
    /// As [`edgeinfer_core::Model::predict_batch`].
    #[wasm_bindgen(js_name = predictBatch)]
    pub fn predict_batch(&self, rows: JsValue) -> Result<JsValue, JsValue> {
        let rows = features::rows(rows).map_err(throw)?;
        let predictions = self.0.predict_batch(&rows).map_err(features::in_rows);
        to_js(&predictions.map_err(throw)?)
    }

    /// Runs the model on `{ name: { data, shape } }` and gives its outputs as
    /// `{ name: { type, shape, data } }`.
    ///
    /// # Errors
    ///
    /// As [`edgeinfer_core::Model::run`].
    pub fn run(&self, inputs: &JsValue) -> Result<JsValue, JsValue> {
        let outputs = tensor::inputs(inputs).and_then(|inputs| self.0.run(inputs));
        tensor::outputs(&outputs.map_err(throw)?)
    }

    /// What the model says about itself.
    ///
    /// # Errors
    ///
    /// None in practice: a number in the metadata that JavaScript cannot hold.
    pub fn info(&self) -> Result<JsValue, JsValue> {
        to_js(&self.0.info())
    }

    /// The health of the model.
    ///
    /// # Errors
    ///
    /// None in practice.
    pub fn health(&self) -> Result<JsValue, JsValue> {
        to_js(&self.0.health())
    }
}

fn throw(error: Error) -> JsValue {
    thrown(&error)
}

/// What runs a model that has no plan.
#[cfg(feature = "tract")]
const FALLBACK: Option<EngineLoader> = Some(edgeinfer_compiler::load_tract);
#[cfg(not(feature = "tract"))]
const FALLBACK: Option<EngineLoader> = None;
