//! Predictions for rows of numbers, through memory.

use std::cell::RefCell;

use edgeinfer_core::{Floats, Model, Outcome, Prediction};

use super::room::with_numbers;

thread_local! {
    /// What the package reads answers from.
    static ANSWERS: RefCell<Vec<f64>> = const { RefCell::new(Vec::new()) };
}

/// What the answers are, for the package: the first number of them.
const VALUES: f64 = 0.0;
const CLASS: f64 = 1.0;
const CLASS_AND_PROBABILITIES: f64 = 2.0;

/// The answers of `model` for the first `length` of the numbers, as float64:
/// what they are, the number of values of each, then each: its values; or the
/// index of its class, and where there are probabilities, the confidence and
/// the probabilities. 0 where they are not of that form.
pub(crate) fn predict(model: &Model, length: usize) -> usize {
    let predictions = with_numbers(length, |numbers| model.predict_numbers(numbers).ok());
    predictions
        .and_then(|predictions| ANSWERS.with_borrow_mut(|answers| keep(&predictions, answers)))
        .unwrap_or_default()
}

fn keep(predictions: &[Prediction], answers: &mut Vec<f64>) -> Option<usize> {
    answers.clear();
    let (form, width) = form(predictions.first()?)?;
    answers.extend([form, width as f64]);
    for prediction in predictions {
        write(prediction, answers)?;
    }
    Some(answers.as_ptr() as usize)
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
