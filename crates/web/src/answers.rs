//! Predictions for rows of numbers, through memory.

use std::cell::RefCell;

use edgeinfer_core::{Floats, Model, Outcome, Prediction};
use wasm_bindgen::prelude::*;

thread_local! {
    /// What the package writes rows into. One for all models, so that it is
    /// there whatever becomes of a model meanwhile.
    static NUMBERS: RefCell<Vec<f64>> = const { RefCell::new(Vec::new()) };
    /// What the package reads answers from.
    static ANSWERS: RefCell<Vec<f64>> = const { RefCell::new(Vec::new()) };
}

/// What the answers are, for the package: the first number of them.
const VALUES: f64 = 0.0;
const CLASS: f64 = 1.0;
const CLASS_AND_PROBABILITIES: f64 = 2.0;

/// The address of room for at least `length` float64, for rows. It stays until
/// more room is asked for.
#[wasm_bindgen]
#[must_use]
pub fn numbers(length: usize) -> usize {
    NUMBERS.with_borrow_mut(|numbers| {
        if numbers.len() < length {
            numbers.resize(length, 0.0);
        }
        numbers.as_ptr() as usize
    })
}

/// The answers of `model` for the first `length` of the numbers, as float64:
/// what they are, the number of values of each, then each: its values; or the
/// index of its class, and where there are probabilities, the confidence and
/// the probabilities. 0 where they are not of that form.
pub(crate) fn predict(model: &Model, length: usize) -> usize {
    NUMBERS
        .with_borrow(|numbers| {
            let predictions = model.predict_numbers(numbers.get(..length)?).ok()?;
            ANSWERS.with_borrow_mut(|answers| {
                answers.clear();
                let (form, width) = form(predictions.first()?)?;
                answers.extend([form, width as f64]);
                for prediction in &predictions {
                    write(prediction, answers)?;
                }
                Some(answers.as_ptr() as usize)
            })
        })
        .unwrap_or_default()
}

fn form(first: &Prediction) -> Option<(f64, usize)> {
    match (&first.prediction, first.class, &first.probabilities) {
        (Outcome::Number(_), ..) => Some((VALUES, 1)),
        (Outcome::Numbers(values), ..) => Some((VALUES, values.len())),
        (_, Some(_), None) => Some((CLASS, 0)),
        (_, Some(_), Some(probabilities)) => Some((CLASS_AND_PROBABILITIES, probabilities.len())),
        _ => None,
    }
}

fn write(prediction: &Prediction, answers: &mut Vec<f64>) -> Option<()> {
    match &prediction.prediction {
        Outcome::Number(value) => answers.push(value.to_f64()),
        Outcome::Numbers(values) => extend(answers, values),
        _ => {
            answers.push(prediction.class? as f64);
            if let Some(probabilities) = &prediction.probabilities {
                answers.push(prediction.confidence?.to_f64());
                extend(answers, probabilities);
            }
        }
    }
    Some(())
}

fn extend(answers: &mut Vec<f64>, values: &Floats) {
    match values {
        Floats::Single(values) => answers.extend(values.iter().copied().map(f64::from)),
        Floats::Double(values) => answers.extend_from_slice(values),
    }
}
