//! What a request asks for beside the prediction.

use edgeinfer_core::{Error, ErrorKind, FeatureValue, Result};

use crate::fields::Fields;

/// Beside the features: `threshold`, `top_k` and, for batches, `partial`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct PredictOptions {
    /// From which probability on a row is of the second of two classes.
    pub(crate) threshold: Option<f64>,
    /// How many of the most probable classes to list.
    pub(crate) top_k: Option<usize>,
    /// Whether rows that fail are told of in their place, instead of failing the
    /// batch.
    pub(crate) partial: bool,
}

impl PredictOptions {
    /// Takes the options of one row out of `fields`.
    pub(crate) fn of_row<T>(fields: &mut Fields<T>) -> Result<Self> {
        Ok(Self {
            threshold: fields.take("threshold")?.map(threshold).transpose()?,
            top_k: fields.take("top_k")?.map(top_k).transpose()?,
            partial: false,
        })
    }

    /// Takes the options of a batch out of `fields`.
    pub(crate) fn of_batch<T>(fields: &mut Fields<T>) -> Result<Self> {
        let partial = fields.take("partial")?.map(partial).transpose()?.unwrap_or_default();
        Ok(Self { partial, ..Self::of_row(fields)? })
    }
}

/// The most classes that may be asked for; a model may have fewer.
pub(crate) const MOST_CLASSES: usize = 1000;

fn threshold(value: FeatureValue) -> Result<f64> {
    let number = match value {
        FeatureValue::Integer(number) => number as f64,
        FeatureValue::Number(number) => number,
        other => return Err(expected("threshold", "a number from 0 to 1", &other)),
    };
    if (0.0..=1.0).contains(&number) {
        return Ok(number);
    }
    Err(expected("threshold", "a number from 0 to 1", &value))
}

fn top_k(value: FeatureValue) -> Result<usize> {
    let whole = match value {
        FeatureValue::Integer(number) => usize::try_from(number).ok(),
        // A whole number is one however it is written.
        FeatureValue::Number(number) if number.fract() == 0.0 => Some(number as usize),
        _ => None,
    };
    whole
        .filter(|count| (1..=MOST_CLASSES).contains(count))
        .ok_or_else(|| expected("top_k", "a whole number from 1 to 1000", &value))
}

fn partial(value: FeatureValue) -> Result<bool> {
    match value {
        FeatureValue::Bool(partial) => Ok(partial),
        other => Err(expected("partial", "true or false", &other)),
    }
}

fn expected(option: &str, what: &str, got: &FeatureValue) -> Error {
    Error::new(ErrorKind::InvalidRequest, format!("expected {what}, got {got}")).at(option)
}
