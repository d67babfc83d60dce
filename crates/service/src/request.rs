//! What the bodies of requests hold.

use edgeinfer_core::{Error, ErrorKind, FeatureValue, Features, Result};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize as _, IgnoredAny, MapAccess, SeqAccess, Visitor as _};

use crate::fields::Fields;
use crate::form::{Form, Lenient};

const FEATURES: &str = r#"[value, …] or {"name": value, …}"#;
const PREDICT: &str = r#"{"features": [value, …]} or {"features": {"name": value, …}}"#;
const BATCH: &str = r#"[{"features": …}, …] or {"instances": [row, …]}"#;
const ROW: &str = r#"{"features": …}, [value, …] or {"name": value, …}"#;

/// The body of `POST /predict`: `{"features": …}`.
pub(crate) struct PredictRequest {
    pub(crate) features: Result<Features>,
}

impl Form for PredictRequest {
    fn scalar(value: FeatureValue) -> Self {
        Self { features: Err(expected(PREDICT, &value)) }
    }

    fn array<'de, A: SeqAccess<'de>>(array: A) -> Result<Self, A::Error> {
        IgnoredAny.visit_seq(array)?;
        Ok(Self { features: Err(expected(PREDICT, &FeatureValue::Array)) })
    }

    fn object<'de, A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        let given = Fields::read(object, "features")?.only(PREDICT);
        let features = given.and_then(|Given(features)| features);
        Ok(Self { features })
    }
}

/// The body of `POST /predict/batch`: an array of rows, or one in `instances`.
pub(crate) struct BatchRequest {
    pub(crate) rows: Result<Vec<Features>>,
    pub(crate) layout: Layout,
}

/// Where the rows of a batch are.
pub(crate) enum Layout {
    Array,
    Instances,
}

impl Layout {
    /// `error`, whose place counts rows from `[0]`, with its place in the body.
    pub(crate) fn place(&self, error: Error) -> Error {
        let in_rows = error.place().map_or(error.kind() == ErrorKind::EmptyBatch, |at| at.starts_with('['));
        match self {
            Self::Instances if in_rows => error.within("instances"),
            _ => error,
        }
    }
}

impl Form for BatchRequest {
    fn scalar(value: FeatureValue) -> Self {
        Self { rows: Err(expected(BATCH, &value)), layout: Layout::Array }
    }

    fn array<'de, A: SeqAccess<'de>>(array: A) -> Result<Self, A::Error> {
        Ok(Self { rows: Rows::array(array)?.0, layout: Layout::Array })
    }

    fn object<'de, A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        let rows = Fields::read(object, "instances")?.only(BATCH);
        let rows = rows.and_then(|Rows(rows)| rows.map_err(|error| error.within("instances")));
        Ok(Self { rows, layout: Layout::Instances })
    }
}

/// An array of rows, or the first error in it.
struct Rows(Result<Vec<Features>>);

impl Form for Rows {
    fn scalar(value: FeatureValue) -> Self {
        Self(Err(expected("an array of rows", &value)))
    }

    fn array<'de, A: SeqAccess<'de>>(mut array: A) -> Result<Self, A::Error> {
        let mut rows = Vec::new();
        while let Some(Lenient(Row(row))) = array.next_element()? {
            match row {
                Ok(row) => rows.push(row),
                Err(error) => {
                    IgnoredAny.visit_seq(array)?;
                    return Ok(Self(Err(error.within(format_args!("[{}]", rows.len())))));
                }
            }
        }
        Ok(Self(Ok(rows)))
    }

    fn object<'de, A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        IgnoredAny.visit_map(object)?;
        Ok(Self::scalar(FeatureValue::Object))
    }
}

/// A row of a batch: `{"features": …}`, or the features themselves. An object
/// with a field `features` is the former.
struct Row(Result<Features>);

impl Form for Row {
    fn scalar(value: FeatureValue) -> Self {
        Self(Err(expected(ROW, &value)))
    }

    fn array<'de, A: SeqAccess<'de>>(array: A) -> Result<Self, A::Error> {
        Features::deserialize(SeqAccessDeserializer::new(array)).map(|features| Self(Ok(features)))
    }

    fn object<'de, A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        let fields = Fields::read(object, "features")?;
        Ok(Self(if fields.is_there() {
            fields.only(ROW).and_then(|Given(features)| features)
        } else {
            Ok(Features::Named(fields.others))
        }))
    }
}

/// What the field `features` holds.
struct Given(Result<Features>);

impl Form for Given {
    fn scalar(value: FeatureValue) -> Self {
        Self(Err(expected(FEATURES, &value).at("features")))
    }

    fn array<'de, A: SeqAccess<'de>>(array: A) -> Result<Self, A::Error> {
        Features::deserialize(SeqAccessDeserializer::new(array)).map(|features| Self(Ok(features)))
    }

    fn object<'de, A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        Features::deserialize(MapAccessDeserializer::new(object)).map(|features| Self(Ok(features)))
    }
}

fn expected(form: &str, got: &FeatureValue) -> Error {
    Error::new(ErrorKind::InvalidRequest, format!("expected {form}, got {got}"))
}
