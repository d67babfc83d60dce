//! Predictions for several rows.

use edgeinfer_core::{Error, ErrorKind, Features, Model, Prediction, Result};
use serde::Serialize;

use crate::decision::{Answer, Decision};
use crate::error::ErrorBody;
use crate::options::PredictOptions;

/// What became of the rows of a batch.
#[derive(Serialize)]
pub(crate) struct BatchAnswer {
    predictions: Vec<RowAnswer>,
    count: usize,
    /// How many rows failed; only where that fails no batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<usize>,
}

impl BatchAnswer {
    /// The predictions; `None` where a row has none.
    pub(crate) fn predictions(&self) -> Option<Vec<Prediction>> {
        let prediction = |row: &RowAnswer| match row {
            RowAnswer::Done(answer) => Some(answer.prediction.clone()),
            RowAnswer::Failed { .. } => None,
        };
        self.predictions.iter().map(prediction).collect()
    }

    pub(crate) fn into_rows(self) -> Vec<RowAnswer> {
        self.predictions
    }
}

/// What became of a row.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum RowAnswer {
    Done(Answer),
    Failed { error: ErrorBody },
}

/// The answer for each of `rows`. Places of errors count rows from `[0]`.
///
/// # Errors
///
/// That of the first wrong row, unless `options` want errors in their place;
/// those of [`Decision::new`]; [`ErrorKind::EmptyBatch`] without rows, and
/// [`ErrorKind::PayloadTooLarge`] with more than `limit`.
pub(crate) fn predict(
    model: &Model,
    rows: Vec<Result<Features>>,
    options: &PredictOptions,
    limit: usize,
) -> Result<BatchAnswer> {
    if rows.len() > limit {
        let message = format!(
            "the batch has {} rows, the limit is {limit}; split it into several requests",
            rows.len()
        );
        return Err(Error::new(ErrorKind::PayloadTooLarge, message));
    }
    let decision = Decision::new(model.schema(), options)?;
    let count = rows.len();
    let answers = if options.partial && count > 0 { partial(model, rows) } else { whole(model, rows)? };
    let errors = options.partial.then(|| answers.iter().filter(|row| row.is_err()).count());
    let answer = |row: Result<Prediction>| match row {
        Ok(prediction) => RowAnswer::Done(decision.apply(prediction)),
        Err(error) => RowAnswer::Failed { error: ErrorBody::of_row(&error) },
    };
    Ok(BatchAnswer { predictions: answers.into_iter().map(answer).collect(), count, errors })
}

fn whole(model: &Model, rows: Vec<Result<Features>>) -> Result<Vec<Result<Prediction>>> {
    let place = |(index, row): (usize, Result<Features>)| {
        row.map_err(|error| error.within(format_args!("[{index}]")))
    };
    let rows: Vec<Features> = rows.into_iter().enumerate().map(place).collect::<Result<_>>()?;
    Ok(model.predict_batch(&rows)?.into_iter().map(Ok).collect())
}

/// Each row's prediction or error. Rows are predicted together where none fails.
fn partial(model: &Model, rows: Vec<Result<Features>>) -> Vec<Result<Prediction>> {
    let mut good = Vec::with_capacity(rows.len());
    let failed: Vec<Option<Error>> =
        rows.into_iter().map(|row| row.map(|row| good.push(row)).err()).collect();
    let predicted: Vec<Result<Prediction>> = match model.predict_batch(&good) {
        Ok(predictions) => predictions.into_iter().map(Ok).collect(),
        Err(_) => good.iter().map(|row| model.predict(row)).collect(),
    };
    let mut predicted = predicted.into_iter();
    let none = || Err(Error::new(ErrorKind::Internal, "no prediction was made"));
    let answer = |failed: Option<Error>| failed.map_or_else(|| predicted.next().unwrap_or_else(none), Err);
    failed.into_iter().map(answer).collect()
}
