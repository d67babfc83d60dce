//! Ways into a model for hosts that have values in the form in which a model
//! takes them, and keep them from run to run.

use super::Model;
use crate::interpret::interpret;
use crate::run::check_arranged;
use crate::{Prediction, Result, Value, Values};

impl Model {
    /// As [`Model::predict_batch`] for rows of nothing but numbers, one after
    /// the other, each in the order of the features.
    ///
    /// # Errors
    ///
    /// As [`Model::predict_batch`].
    pub fn predict_numbers(&self, numbers: &[f64]) -> Result<Vec<Prediction>> {
        let width = self.binder.width();
        let rows = numbers.len().checked_div(width).unwrap_or_default();
        let direct = rows > 0 && numbers.len() == rows * width && (rows == 1 || self.binder.takes_batches());
        match direct.then(|| self.binder.bind_numbers(numbers)).flatten() {
            Some(inputs) => {
                let outputs = self.run_engine(&inputs?)?;
                let predictions = interpret(&self.schema, &outputs, rows);
                self.engine.recycle(outputs);
                predictions
            }
            None => self.predict_batch(&self.binder.features(numbers)),
        }
    }

    /// As [`Model::run`] for inputs in the schema's order; the outputs are in
    /// its order too. [`Model::recycle`] takes them back.
    ///
    /// # Errors
    ///
    /// As [`Model::run`].
    pub fn run_values(&self, inputs: &[Value]) -> Result<Values> {
        check_arranged(&self.schema, inputs)?;
        self.run_engine(inputs)
    }

    /// Takes back outputs that nobody needs any more, so that the next run need
    /// not ask for memory.
    pub fn recycle(&self, outputs: Values) {
        self.engine.recycle(outputs);
    }
}
