//! How far a quantised model's answers are from those of the model itself.

use std::collections::BTreeMap;

use edgeinfer_core::{Error, ErrorKind, FeatureValue, Features, Model, Prediction, Result, Value};
use serde::Serialize;
use serde_json::Value as Json;

use super::synthetic::{SIZES, inputs, normal};
use crate::synthetic::Random;

/// How many inputs are made up.
const MADE_UP: u64 = 64;

/// The loss of all outputs.
#[derive(Clone, Debug, Serialize)]
pub struct Loss {
    /// What the models were run on.
    pub inputs: Inputs,
    /// How many inputs that were.
    pub count: usize,
    /// Each output, or each part of a prediction, that is made of numbers.
    pub outputs: Vec<OutputLoss>,
    /// The share of inputs whose label, or largest number, is the same; none
    /// where there is nothing of that kind.
    pub same_label: Option<f64>,
}

/// What models were run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Inputs {
    /// Rows that were given.
    Given,
    /// Made-up inputs: numbers of a normal distribution.
    Synthetic,
}

/// The loss of one output.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OutputLoss {
    /// What the output is called.
    pub name: String,
    /// The largest difference.
    pub largest: f64,
    /// The mean difference.
    pub mean: f64,
    /// The largest difference, as a share of the largest number of the output.
    pub largest_relative: f64,
    /// The mean difference, as a share of the mean of the numbers' sizes.
    pub mean_relative: f64,
}

/// Runs `model` and `quantized` on `rows`, or on made-up inputs, and compares.
///
/// # Errors
///
/// As [`Model::predict`] for rows that are not the model's;
/// [`ErrorKind::UnsupportedModel`] where no inputs can be made up that the model
/// takes.
pub fn measure(model: &Model, quantized: &Model, rows: Option<&[Features]>) -> Result<Loss> {
    let mut comparison = Comparison::default();
    if let Some(rows) = rows {
        comparison.predictions(model, quantized, rows)?;
        return Ok(comparison.loss(Inputs::Given));
    }
    if !model.schema().features.is_empty() {
        let mut random = Random(1);
        let mut number = || FeatureValue::Number(f64::from(normal(&mut random) as f32));
        let width = model.schema().features.len();
        let row = |_| Features::Positional((0..width).map(|_| number()).collect());
        let rows: Vec<_> = (0..MADE_UP).map(row).collect();
        if comparison.predictions(model, quantized, &rows).is_ok() {
            return Ok(comparison.loss(Inputs::Synthetic));
        }
    }
    comparison.tensors(model, quantized)?;
    Ok(comparison.loss(Inputs::Synthetic))
}

/// Sums over the numbers of an output.
#[derive(Default)]
struct Sums {
    count: f64,
    differences: f64,
    largest_difference: f64,
    sizes: f64,
    largest: f64,
}

#[derive(Default)]
struct Comparison {
    outputs: BTreeMap<String, Sums>,
    count: usize,
    labels: u64,
    same: u64,
}

impl Comparison {
    fn predictions(&mut self, model: &Model, quantized: &Model, rows: &[Features]) -> Result<()> {
        let (expected, got) = (model.predict_batch(rows)?, quantized.predict_batch(rows)?);
        for (expected, got) in expected.iter().zip(&got) {
            self.prediction(expected, got);
        }
        self.count = rows.len();
        Ok(())
    }

    fn prediction(&mut self, expected: &Prediction, got: &Prediction) {
        if expected.label.is_some() {
            self.label(expected.prediction == got.prediction);
        }
        let (Ok(Json::Object(expected)), Ok(Json::Object(got))) =
            (serde_json::to_value(expected), serde_json::to_value(got))
        else {
            return;
        };
        for (name, expected) in &expected {
            let is_label = expected.is_i64() || expected.is_string();
            if let Some(got) = got.get(name).filter(|_| !is_label) {
                self.numbers(name, &numbers(expected), &numbers(got));
            }
        }
    }

    /// On made-up tensors, of the first size that the model takes.
    fn tensors(&mut self, model: &Model, quantized: &Model) -> Result<()> {
        let made = |sizes, seed| inputs(model.schema(), sizes, &mut Random(seed));
        let takes = |sizes: &_| made(*sizes, 0).is_some_and(|inputs| model.run(inputs).is_ok());
        let sizes = SIZES.iter().find(|sizes| takes(sizes)).ok_or_else(|| {
            let message = "no inputs can be made up that the model takes; give rows with --input";
            Error::new(ErrorKind::UnsupportedModel, message)
        })?;
        for seed in 1..=MADE_UP / 4 {
            let Some(inputs) = made(*sizes, seed) else { continue };
            let (expected, got) = (model.run(inputs.clone())?, quantized.run(inputs)?);
            for ((name, expected), (_, got)) in expected.iter().zip(&got) {
                self.value(name, expected, got);
            }
            self.count += 1;
        }
        Ok(())
    }

    fn value(&mut self, name: &str, expected: &Value, got: &Value) {
        let (Some(expected), Some(got)) = (expected.as_tensor(), got.as_tensor()) else { return };
        let (Some(numbers), Some(got)) = (expected.as_f32(), got.as_f32()) else { return };
        let wide = |numbers: &[f32]| numbers.iter().map(|x| f64::from(*x)).collect::<Vec<_>>();
        self.numbers(name, &wide(numbers), &wide(got));
        let width = expected.shape().last().copied().unwrap_or_default();
        if expected.shape().len() == 2 && width > 1 {
            for (expected, got) in numbers.chunks_exact(width).zip(got.chunks_exact(width)) {
                self.label(largest(expected) == largest(got));
            }
        }
    }

    fn label(&mut self, same: bool) {
        self.labels += 1;
        self.same += u64::from(same);
    }

    fn numbers(&mut self, name: &str, expected: &[f64], got: &[f64]) {
        if expected.is_empty() {
            return;
        }
        let sums = self.outputs.entry(name.to_owned()).or_default();
        for (expected, got) in expected.iter().zip(got) {
            // What is the same, infinite or no number, differs by nothing.
            let difference = (expected - got).abs();
            let difference = if difference.is_finite() { difference } else { 0.0 };
            sums.count += 1.0;
            sums.differences += difference;
            sums.largest_difference = sums.largest_difference.max(difference);
            if expected.is_finite() {
                sums.sizes += expected.abs();
                sums.largest = sums.largest.max(expected.abs());
            }
        }
    }

    fn loss(self, inputs: Inputs) -> Loss {
        let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        let output = |(name, sums): (String, Sums)| OutputLoss {
            name,
            largest: sums.largest_difference,
            mean: share(sums.differences, sums.count),
            largest_relative: share(sums.largest_difference, sums.largest),
            mean_relative: share(sums.differences, sums.sizes),
        };
        let same_label = (self.labels > 0).then(|| self.same as f64 / self.labels as f64);
        Loss {
            inputs,
            count: self.count,
            outputs: self.outputs.into_iter().map(output).collect(),
            same_label,
        }
    }
}

/// The place of the largest number.
fn largest(numbers: &[f32]) -> Option<usize> {
    let place = numbers.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
    place.map(|(place, _)| place)
}

/// The numbers in a part of a prediction.
fn numbers(value: &Json) -> Vec<f64> {
    match value {
        Json::Number(number) => number.as_f64().into_iter().collect(),
        Json::Array(values) => values.iter().flat_map(numbers).collect(),
        _ => Vec::new(),
    }
}
