//! Rows of features from bodies of other forms than JSON, and answers in them.

use axum::Json;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use edgeinfer_core::{Error, ErrorKind, FeatureValue, Features, Model, Result, Tensor, TensorData};
use serde::Serialize;

use crate::batch::BatchAnswer;
use crate::content::{CSV, Header, read_npy, read_rows, write_predictions};

/// The rows of `model` in a CSV body.
///
/// # Errors
///
/// [`ErrorKind::MalformedRequest`] for what is no CSV.
pub(crate) fn of_csv(model: &Model, body: &[u8]) -> Result<Vec<Result<Features>>> {
    read_rows(&model.info().features, body)
}

/// The rows in a `.npy` body: a table of numbers, or one row of them.
///
/// # Errors
///
/// Those of [`read_npy`]; [`ErrorKind::InvalidTensor`] for another number of
/// dimensions.
pub(crate) fn of_npy(body: &[u8]) -> Result<Vec<Result<Features>>> {
    let tensor = read_npy(body)?;
    let width = match tensor.shape() {
        [_, width] | [width] => *width,
        shape => {
            let message = format!("expected a table of rows, got an array of shape {shape:?}");
            return Err(Error::new(ErrorKind::InvalidTensor, message));
        }
    };
    let values = values(&tensor);
    Ok(values.chunks(width.max(1)).map(|row| Ok(Features::Positional(row.to_vec()))).collect())
}

fn values(tensor: &Tensor) -> Vec<FeatureValue> {
    fn whole<T: Copy + Into<i64>>(values: &[T]) -> Vec<FeatureValue> {
        values.iter().map(|value| FeatureValue::Integer((*value).into())).collect()
    }
    match tensor.data() {
        TensorData::Float32(v) => v.iter().map(|value| FeatureValue::Number((*value).into())).collect(),
        TensorData::Float64(v) => v.iter().map(|value| FeatureValue::Number(*value)).collect(),
        TensorData::Int8(v) => whole(v),
        TensorData::Int16(v) => whole(v),
        TensorData::Int32(v) => whole(v),
        TensorData::Int64(v) => whole(v),
        TensorData::UInt8(v) => whole(v),
        TensorData::UInt16(v) => whole(v),
        TensorData::UInt32(v) => whole(v),
        TensorData::UInt64(v) => v
            .iter()
            .map(|value| {
                i64::try_from(*value).map_or(FeatureValue::Number(*value as f64), FeatureValue::Integer)
            })
            .collect(),
        TensorData::Bool(v) => v.iter().map(|value| FeatureValue::Bool(*value)).collect(),
        TensorData::String(v) => v.iter().map(|value| FeatureValue::String(value.clone())).collect(),
        other => {
            let widened = other.widened().unwrap_or_default();
            widened.into_iter().map(|value| FeatureValue::Number(value.into())).collect()
        }
    }
}

/// `predictions` as lines of CSV.
///
/// # Errors
///
/// [`ErrorKind::InvalidRequest`] where some rows failed: they have no line.
pub(crate) fn csv(answer: &BatchAnswer, header: Header) -> Result<Response> {
    let predictions = answer.predictions().ok_or_else(|| {
        let message = "an answer in CSV has no place for the errors of rows; ask for JSON";
        Error::new(ErrorKind::InvalidRequest, message).at("partial")
    })?;
    let columns = if header == Header::Present { "; header=present" } else { "" };
    let content_type = format!("{CSV}; charset=utf-8{columns}");
    Ok(([(CONTENT_TYPE, content_type)], write_predictions(&predictions, header)?).into_response())
}

/// `answer` as JSON.
pub(crate) fn json(answer: impl Serialize) -> Response {
    Json(answer).into_response()
}
