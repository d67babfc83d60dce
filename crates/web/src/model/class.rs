use std::cell::RefCell;
use std::sync::Arc;

use edgeinfer_core::{Error, ErrorKind, Result as CoreResult, Value};
use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use super::error::{thrown, to_js};
use super::signature::{Signature, classes};
use super::values::Calls;
use super::{answers, features, load, tensor};

/// A loaded model.
#[wasm_bindgen]
pub struct Model {
    model: edgeinfer_core::Model,
    calls: RefCell<Calls>,
}

impl From<edgeinfer_core::Model> for Model {
    fn from(model: edgeinfer_core::Model) -> Self {
        let calls = RefCell::new(Calls::new(model.schema()));
        Self { model, calls }
    }
}

#[wasm_bindgen]
impl Model {
    /// Loads the bytes of a compiled model.
    ///
    /// # Errors
    ///
    /// As [`edgeinfer_core::Model::load`].
    #[wasm_bindgen(constructor)]
    pub fn new(bytes: &Uint8Array) -> Result<Model, JsValue> {
        load::compiled(bytes).map(Self::from).map_err(throw)
    }

    /// Loads the bytes of a compiled model, or of an ONNX model, of which
    /// `metadata` is the content of its `model_metadata.json`.
    ///
    /// # Errors
    ///
    /// As [`edgeinfer_compiler::open`] and
    /// [`parse_metadata`](edgeinfer_compiler::parse_metadata).
    #[cfg(feature = "onnx")]
    pub fn open(bytes: &Uint8Array, metadata: Option<String>) -> Result<Model, JsValue> {
        load::any(bytes, metadata.as_deref()).map(Self::from).map_err(throw)
    }

    /// The answer for one row: an array, a typed array, or an object by name.
    ///
    /// # Errors
    ///
    /// As [`edgeinfer_core::Model::predict`].
    pub fn predict(&self, features: JsValue) -> Result<JsValue, JsValue> {
        let prediction = features::row(features).and_then(|row| self.model.predict(&row));
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
        let predictions = self.model.predict_batch(&rows).map_err(features::in_rows);
        to_js(&predictions.map_err(throw)?)
    }

    /// The answers for the rows that are the first `length` of the
    /// [`numbers`](crate::numbers): their address, or 0.
    #[wasm_bindgen(js_name = predictNumbers)]
    #[must_use]
    pub fn predict_numbers(&self, length: usize) -> usize {
        answers::predict(&self.model, length)
    }

    /// Runs the model on `{ name: { data, shape } }`, or maps. Gives the address of what
    /// describes the outputs, as [`Model::run_placed`].
    ///
    /// # Errors
    ///
    /// As [`edgeinfer_core::Model::run`].
    pub fn run(&self, inputs: &JsValue) -> Result<usize, JsValue> {
        let inputs = tensor::inputs(inputs, self.model.schema());
        let outputs = inputs.and_then(|inputs| self.model.run(inputs));
        let outputs = outputs.map_err(throw)?.into_iter().map(|(_, value)| value).collect();
        self.with_calls(|calls| calls.keep(&self.model, outputs)).map_err(throw)
    }

    /// Makes room for `length` elements of input `index`: its address, or 0.
    #[must_use]
    pub fn place(&self, index: usize, shape: &[usize], length: usize) -> usize {
        let place = |calls: &mut Calls| Ok(calls.place(self.model.schema(), index, shape, length));
        self.with_calls(place).ok().flatten().unwrap_or_default()
    }

    /// Runs the model on the inputs that were placed. Gives the address of what
    /// describes the outputs, or 0.
    #[wasm_bindgen(js_name = runPlaced)]
    #[must_use]
    pub fn run_placed(&self) -> usize {
        self.with_calls(|calls| calls.run(&self.model)).unwrap_or_default()
    }

    /// Gives input `index`, which is placed, the strings that were written to the
    /// [`text`](crate::text), whose ends are the [`numbers`](crate::numbers).
    #[must_use]
    pub fn fill(&self, index: usize) -> bool {
        self.with_calls(|calls| Ok(calls.fill(index).is_some())).unwrap_or_default()
    }

    /// The strings of a tensor of the last run, counted as they are described.
    #[must_use]
    pub fn strings(&self, index: usize) -> Vec<String> {
        self.with_calls(|calls| Ok(calls.strings(index))).ok().flatten().unwrap_or_default()
    }

    /// The keys of output `index` of the last run, where it is a sequence of
    /// maps.
    ///
    /// # Errors
    ///
    /// A key that no number of JavaScript's holds.
    pub fn keys(&self, index: usize) -> Result<JsValue, JsValue> {
        let keys = |calls: &mut Calls| match calls.output(index) {
            Some(Value::MapSequence(maps)) => Ok(Some(Arc::clone(&maps.keys))),
            _ => Ok(None),
        };
        to_js(&self.with_calls(keys).map_err(throw)?.as_deref())
    }

    /// What the package needs to know of the model: the names and element types
    /// of its inputs, the names of its outputs, its labels.
    ///
    /// # Errors
    ///
    /// None in practice.
    pub fn signature(&self) -> Result<JsValue, JsValue> {
        to_js(&Signature::new(self.model.schema()))
    }

    /// The classes of a classifier, in the order of its probabilities.
    ///
    /// # Errors
    ///
    /// A class that no number of JavaScript's holds.
    pub fn classes(&self) -> Result<JsValue, JsValue> {
        to_js(&classes(self.model.schema()))
    }

    /// What the model says about itself.
    ///
    /// # Errors
    ///
    /// None in practice: a number in the metadata that JavaScript cannot hold.
    pub fn info(&self) -> Result<JsValue, JsValue> {
        to_js(&self.model.info())
    }

    /// The health of the model.
    ///
    /// # Errors
    ///
    /// None in practice.
    pub fn health(&self) -> Result<JsValue, JsValue> {
        to_js(&self.model.health())
    }
}

impl Model {
    fn with_calls<T>(&self, work: impl FnOnce(&mut Calls) -> CoreResult<T>) -> CoreResult<T> {
        let busy = |_| Error::new(ErrorKind::Internal, "the model is in a call that did not end");
        work(&mut *self.calls.try_borrow_mut().map_err(busy)?)
    }
}

fn throw(error: Error) -> JsValue {
    thrown(&error)
}
