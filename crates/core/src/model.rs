mod direct;

use std::{fmt, slice};

use crate::bind::Binder;
use crate::interpret::interpret;
use crate::program::PlanEngine;
use crate::run::arrange;
use crate::{
    Engine, EngineLoader, EngineSection, Error, ErrorKind, Features, Health, Manifest, Metadata, ModelBytes,
    ModelFile, ModelInfo, Prediction, Refusal, Result, Schema, Value, Values,
};

/// A loaded model, ready to answer.
pub struct Model {
    schema: Schema,
    metadata: Metadata,
    binder: Binder,
    engine: Box<dyn Engine>,
    size_bytes: usize,
}

impl Model {
    /// Loads a compiled model. A plan runs on this crate's own engine, anything
    /// else on `fallback`. Weights stay where they are in `bytes`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidModel`] and [`ErrorKind::UnsupportedVersion`] as
    /// [`ModelFile::parse`]; [`ErrorKind::UnsupportedModel`] when the model was
    /// not compiled to a plan and there is no fallback, or the engine does not
    /// take the model.
    pub fn load(bytes: impl Into<ModelBytes>, fallback: Option<EngineLoader>) -> Result<Self> {
        let bytes = bytes.into();
        let ModelFile { manifest, payload, size_bytes } = ModelFile::parse(&bytes)?;
        let Manifest { schema, metadata, engine } = manifest;
        let engine: Box<dyn Engine> = match (&engine, fallback) {
            (EngineSection::Plan(plan), _) => Box::new(PlanEngine::new(plan, &payload)?),
            (EngineSection::Onnx { .. }, Some(load)) => load(&payload, &schema)?,
            (EngineSection::Onnx { refused }, None) => return Err(not_compiled(refused)),
        };
        let binder = Binder::new(&schema);
        Ok(Self { schema, metadata, binder, engine, size_bytes })
    }

    /// The answer for one row.
    ///
    /// # Errors
    ///
    /// The kinds from [`ErrorKind::MissingFeature`] to [`ErrorKind::NotFinite`]
    /// when the features are not the model's; [`ErrorKind::InvalidRequest`] when
    /// they are in an order and the model has none; [`ErrorKind::InferenceFailed`]
    /// when the engine fails; [`ErrorKind::UnsupportedModel`] when the model
    /// takes or gives something other than rows.
    pub fn predict(&self, features: &Features) -> Result<Prediction> {
        let predictions = self.predict_rows(slice::from_ref(features), false)?;
        predictions
            .into_iter()
            .next()
            .ok_or_else(|| Error::new(ErrorKind::Internal, "no prediction was made"))
    }

    /// The answer for each row. One wrong row fails the batch; the error names
    /// the row, counted from 0.
    ///
    /// # Errors
    ///
    /// As [`Model::predict`], and [`ErrorKind::EmptyBatch`] without rows.
    pub fn predict_batch(&self, rows: &[Features]) -> Result<Vec<Prediction>> {
        if rows.is_empty() {
            return Err(Error::new(ErrorKind::EmptyBatch, "the batch is empty; give at least one row"));
        }
        if self.binder.takes_batches() {
            return self.predict_rows(rows, true);
        }
        let row = |(index, row)| self.predict(row).map_err(|error| error.within(format_args!("[{index}]")));
        rows.iter().enumerate().map(row).collect()
    }

    fn predict_rows(&self, rows: &[Features], batch: bool) -> Result<Vec<Prediction>> {
        let inputs = self.binder.bind(rows, batch)?;
        let outputs = self.run_engine(&inputs)?;
        let predictions = interpret(&self.schema, &outputs, rows.len());
        self.engine.recycle(outputs);
        predictions
    }

    /// Runs the model on named tensors, or maps, and gives its outputs by name, in
    /// the graph's order.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidTensor`] when an input is missing, unknown, or not of
    /// the model's type and shape; [`ErrorKind::InferenceFailed`] when the
    /// engine fails.
    pub fn run<V: Into<Value>>(&self, inputs: Vec<(String, V)>) -> Result<Vec<(String, Value)>> {
        let inputs = arrange(&self.schema, inputs.into_iter().map(|(name, value)| (name, value.into())))?;
        let outputs = self.run_engine(&inputs)?;
        Ok(self.schema.outputs.iter().map(|output| output.name.clone()).zip(outputs).collect())
    }

    fn run_engine(&self, inputs: &[Value]) -> Result<Values> {
        let outputs = self.engine.run(inputs)?;
        let expected = self.schema.outputs.len();
        if outputs.len() == expected {
            return Ok(outputs);
        }
        let message = format!("expected {expected} outputs, the engine gave {}", outputs.len());
        Err(Error::new(ErrorKind::InferenceFailed, message))
    }

    /// The model's inputs and outputs and what they mean.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// What the model says about itself.
    #[must_use]
    pub fn info(&self) -> ModelInfo {
        ModelInfo::new(&self.schema, &self.metadata, self.engine.name(), self.size_bytes)
    }

    /// The health of a model that is loaded.
    #[must_use]
    pub fn health(&self) -> Health {
        Health::healthy()
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut model = f.debug_struct("Model");
        model.field("schema", &self.schema).field("engine", &self.engine.name()).finish_non_exhaustive()
    }
}

/// A model for an engine that this build does not carry.
fn not_compiled(refused: &[Refusal]) -> Error {
    let reasons: Vec<_> =
        refused.iter().map(|refusal| format!("{}: {}", refusal.node, refusal.reason)).collect();
    let message = format!(
        "the model runs on the host alone, in the edgeinfer command: the compiler could not take it whole ({})",
        reasons.join("; ")
    );
    Error::new(ErrorKind::UnsupportedModel, message)
}
