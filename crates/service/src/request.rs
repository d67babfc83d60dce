//! What the bodies of requests hold.

use edgeinfer_core::{Error, ErrorKind, FeatureValue, Features, Result};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize as _, IgnoredAny, MapAccess, SeqAccess, Visitor as _};

use crate::fields::Fields;
use crate::form::{Form, Lenient};
use crate::options::PredictOptions;

const FEATURES: &str = r#"[value, …] or {"name": value, …}"#;
const PREDICT: &str = r#"{"features": [value, …]} or {"features": {"name": value, …}}"#;
const BATCH: &str = r#"[{"features": …}, …] or {"instances": [row, …]}"#;
const ROW: &str = r#"{"features": …}, [value, …] or {"name": value, …}"#;

/// The body of `POST /predict`: `{"features": …}` and options.
pub(crate) struct PredictRequest {
    pub(crate) features: Result<Features>,
    pub(crate) options: Result<PredictOptions>,
}

impl Form for PredictRequest {
    fn scalar(value: FeatureValue) -> Self {
        Self { features: Err(expected(PREDICT, &value)), options: Ok(PredictOptions::default()) }
    }

    fn array<'de, A: SeqAccess<'de>>(array: A) -> Result<Self, A::Error> {
        IgnoredAny.visit_seq(array)?;
        Ok(Self::scalar(FeatureValue::Array))
    }

    fn object<'de, A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        let mut fields = Fields::read(object, "features")?;
        let options = PredictOptions::of_row(&mut fields);
        let features = fields.only(PREDICT).and_then(|Given(features)| features);
        Ok(Self { features, options })
    }
}

/// The body of `POST /predict/batch`: an array of rows, or one in `instances`
/// beside options. What is wrong with a row is kept in its place.
pub(crate) struct BatchRequest {
    pub(crate) rows: Result<Vec<Result<Features>>>,
    pub(crate) options: Result<PredictOptions>,
    pub(crate) layout: Layout,
}

impl BatchRequest {
    /// Rows that come in another form than JSON.
    pub(crate) fn of(rows: Result<Vec<Result<Features>>>) -> Self {
        Self { rows, options: Ok(PredictOptions::default()), layout: Layout::Array }
    }
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
        let options = Ok(PredictOptions::default());
        Self { rows: Err(expected(BATCH, &value)), options, layout: Layout::Array }
    }

    fn array<'de, A: SeqAccess<'de>>(array: A) -> Result<Self, A::Error> {
        let options = Ok(PredictOptions::default());
        Ok(Self { rows: Rows::array(array)?.0, options, layout: Layout::Array })
    }

    fn object<'de, A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        let mut fields = Fields::read(object, "instances")?;
        let options = PredictOptions::of_batch(&mut fields);
        let rows = fields.only(BATCH);
        let rows = rows.and_then(|Rows(rows)| rows.map_err(|error| error.within("instances")));
        Ok(Self { rows, options, layout: Layout::Instances })
    }
}

/// An array of rows, or what is there in its place.
pub(crate) struct Rows(pub(crate) Result<Vec<Result<Features>>>);

impl Form for Rows {
    fn scalar(value: FeatureValue) -> Self {
        Self(Err(expected("an array of rows", &value)))
    }

    fn array<'de, A: SeqAccess<'de>>(mut array: A) -> Result<Self, A::Error> {
        let mut rows = Vec::new();
        while let Some(Lenient(Row(row))) = array.next_element()? {
            rows.push(row);
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
pub(crate) struct Given(pub(crate) Result<Features>);

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

pub(crate) fn expected(form: &str, got: &FeatureValue) -> Error {
    Error::new(ErrorKind::InvalidRequest, format!("expected {form}, got {got}"))
}
