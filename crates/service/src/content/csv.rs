//! Rows of features and predictions as CSV.
//!
//! <https://www.rfc-editor.org/rfc/rfc4180>

use csv::{ReaderBuilder, StringRecord, WriterBuilder};
use edgeinfer_core::{
    ElementType, Error, ErrorKind, FeatureInfo, FeatureValue, Features, Float, Floats, Outcome, Prediction,
    Result,
};

/// CSV's media type.
pub(crate) const CSV: &str = "text/csv";

/// Whether the first line of an answer has the names of its columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Header {
    Present,
    Absent,
}

/// Rows of features in the order of `features`; where the first line has their
/// names, in that line's. An empty field is a missing value, text is a number where
/// the feature is one.
///
/// # Errors
///
/// [`ErrorKind::MalformedRequest`] for what is no CSV, with the line.
pub(crate) fn read_rows(features: &[FeatureInfo], body: &[u8]) -> Result<Vec<Result<Features>>> {
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(body);
    let mut rows = Vec::new();
    let mut names: Option<StringRecord> = None;
    for (index, record) in reader.records().enumerate() {
        let record = record.map_err(|error| malformed(&error))?;
        if index == 0 && is_header(features, &record) {
            names = Some(record);
        } else {
            rows.push(Ok(row(features, names.as_ref(), &record)));
        }
    }
    Ok(rows)
}

fn malformed(error: &csv::Error) -> Error {
    Error::new(ErrorKind::MalformedRequest, format!("the body is not CSV in UTF-8: {error}"))
}

/// Whether every field is a feature's name.
fn is_header(features: &[FeatureInfo], record: &StringRecord) -> bool {
    let is_name = |field: &str| features.iter().any(|feature| feature.name == field);
    !features.is_empty() && record.iter().all(is_name)
}

fn row(features: &[FeatureInfo], names: Option<&StringRecord>, record: &StringRecord) -> Features {
    let Some(names) = names else {
        let elements = features.iter().map(|feature| Some(feature.element)).chain(std::iter::repeat(None));
        return Features::Positional(
            record.iter().zip(elements).map(|(text, element)| value(text, element)).collect(),
        );
    };
    let element =
        |name: &str| features.iter().find(|feature| feature.name == name).map(|feature| feature.element);
    let named = names.iter().zip(record).map(|(name, text)| (name.to_owned(), value(text, element(name))));
    Features::Named(named.collect())
}

fn value(text: &str, element: Option<ElementType>) -> FeatureValue {
    if text.is_empty() {
        return FeatureValue::Null;
    }
    if element == Some(ElementType::String) {
        return FeatureValue::String(text.to_owned());
    }
    let number = text.trim();
    let whole = number.parse().map(FeatureValue::Integer);
    let number = whole.or_else(|_| number.parse().map(FeatureValue::Number));
    number.unwrap_or_else(|_| FeatureValue::String(text.to_owned()))
}

/// Predictions, one to a line: what is predicted, what that is called and how sure
/// it is. A regressor's lines have its values alone.
///
/// # Errors
///
/// None that a caller can cause: it is written to memory.
pub(crate) fn write_predictions(predictions: &[Prediction], header: Header) -> Result<Vec<u8>> {
    let mut writer = WriterBuilder::new().flexible(true).from_writer(Vec::new());
    let labelled = predictions.iter().any(|prediction| prediction.label.is_some());
    let failed = |error: &dyn std::fmt::Display| {
        Error::new(ErrorKind::Internal, format!("the answer cannot be written: {error}"))
    };
    if header == Header::Present {
        let columns: &[&str] =
            if labelled { &["prediction", "label", "confidence"] } else { &["prediction"] };
        writer.write_record(columns).map_err(|error| failed(&error))?;
    }
    for prediction in predictions {
        let mut fields = outcome(&prediction.prediction);
        if labelled {
            fields.push(prediction.label.clone().unwrap_or_default());
            fields.push(prediction.confidence.map(number).unwrap_or_default());
        }
        writer.write_record(&fields).map_err(|error| failed(&error))?;
    }
    writer.into_inner().map_err(|error| failed(&error))
}

fn outcome(outcome: &Outcome) -> Vec<String> {
    match outcome {
        Outcome::Integer(class) => vec![class.to_string()],
        Outcome::Text(class) => vec![class.clone()],
        Outcome::Integers(classes) => classes.iter().map(ToString::to_string).collect(),
        Outcome::Texts(classes) => classes.clone(),
        Outcome::Number(value) => vec![number(*value)],
        Outcome::Numbers(values) => numbers(values),
        _ => Vec::new(),
    }
}

fn numbers(values: &Floats) -> Vec<String> {
    (0..values.len()).filter_map(|index| values.get(index)).map(number).collect()
}

fn number(value: Float) -> String {
    match value {
        Float::Single(value) => value.to_string(),
        Float::Double(value) => value.to_string(),
    }
}
