//! The bodies of requests in the forms that platforms send.

use edgeinfer_core::{Error, ErrorKind, FeatureValue, Features, Result};
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor as _};

use crate::fields::Fields;
use crate::form::{Form, Lenient};
use crate::options::PredictOptions;
use crate::request::{Given, Rows, expected};

const SCORE: &str =
    r#"[row, …], {"instances": [row, …]} or {"dataframe_split": {"columns": […], "data": [row, …]}}"#;

/// The fields that hold rows: of Vertex AI, TensorFlow Serving and KServe; of
/// MLflow; of Azure ML.
const ROWS: [&str; 6] = ["instances", "inputs", "dataframe_records", "dataframe_split", "input_data", "data"];

/// Rows in any of the forms that platforms send, and options, which may be in the
/// object `parameters`.
pub(crate) struct ScoreRequest {
    pub(crate) rows: Result<Vec<Result<Features>>>,
    pub(crate) options: Result<PredictOptions>,
}

impl Form for ScoreRequest {
    fn scalar(value: FeatureValue) -> Self {
        Self { rows: Err(expected(SCORE, &value)), options: Ok(PredictOptions::default()) }
    }

    fn array<'de, A: SeqAccess<'de>>(array: A) -> Result<Self, A::Error> {
        Ok(Self { rows: Rows::array(array)?.0, options: Ok(PredictOptions::default()) })
    }

    fn object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
        let mut fields = Fields::new("instances");
        while let Some(key) = object.next_key::<String>()? {
            match key.as_str() {
                name if ROWS.contains(&name) => {
                    let Lenient(Table(rows)) = object.next_value()?;
                    fields.want(rows.map_err(|error| error.within(name)));
                }
                "features" => {
                    let Lenient(Given(row)) = object.next_value()?;
                    fields.want(Ok(vec![row]));
                }
                "parameters" | "params" => {
                    let Lenient(Parameters(parameters)) = object.next_value()?;
                    fields.others.extend(parameters);
                }
                // TensorFlow Serving's: a model has one signature here.
                "signature_name" => {
                    object.next_value::<IgnoredAny>()?;
                }
                _ => fields.others.push((key, object.next_value()?)),
            }
        }
        let options = PredictOptions::of_batch(&mut fields);
        Ok(Self { rows: fields.only(SCORE).and_then(|rows| rows), options })
    }
}

/// Rows as an array, or beside the names of their columns.
struct Table(Result<Vec<Result<Features>>>);

impl Form for Table {
    fn scalar(value: FeatureValue) -> Self {
        Self(Err(expected("an array of rows", &value)))
    }

    fn array<'de, A: SeqAccess<'de>>(array: A) -> Result<Self, A::Error> {
        Rows::array(array).map(|Rows(rows)| Self(rows))
    }

    fn object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
        let (mut columns, mut data) = (None, None);
        while let Some(key) = object.next_key::<String>()? {
            match key.as_str() {
                "columns" => columns = Some(object.next_value::<Lenient<Names>>()?.0.0),
                "data" => data = Some(object.next_value::<Lenient<Rows>>()?.0.0),
                _ => {
                    object.next_value::<IgnoredAny>()?;
                }
            }
        }
        let missing =
            |name: &str| Error::new(ErrorKind::InvalidRequest, format!("the field `{name}` is missing"));
        let rows = data.unwrap_or_else(|| Err(missing("data"))).and_then(|rows| match columns {
            Some(columns) => {
                let columns = columns?;
                Ok(rows.into_iter().map(|row| named(row?, &columns)).collect())
            }
            None => Ok(rows),
        });
        Ok(Self(rows))
    }
}

/// A row with the names of its columns.
fn named(row: Features, columns: &[String]) -> Result<Features> {
    match row {
        Features::Positional(values) if values.len() == columns.len() => {
            Ok(Features::Named(columns.iter().cloned().zip(values).collect()))
        }
        Features::Positional(values) => {
            let message =
                format!("expected a value for each of {} columns, got {}", columns.len(), values.len());
            Err(Error::new(ErrorKind::FeatureCount, message))
        }
        named => Ok(named),
    }
}

struct Names(Result<Vec<String>>);

impl Form for Names {
    fn scalar(value: FeatureValue) -> Self {
        Self(Err(expected("an array of names", &value).at("columns")))
    }

    fn array<'de, A: SeqAccess<'de>>(mut array: A) -> Result<Self, A::Error> {
        let (mut names, mut wrong) = (Vec::new(), None);
        while let Some(value) = array.next_element::<FeatureValue>()? {
            match value {
                FeatureValue::String(name) => names.push(name),
                other => wrong = wrong.or(Some(expected("a name", &other).at("columns"))),
            }
        }
        Ok(Self(wrong.map_or(Ok(names), Err)))
    }

    fn object<'de, A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        IgnoredAny.visit_map(object)?;
        Ok(Self::scalar(FeatureValue::Object))
    }
}

/// The fields of an object; of anything else, none.
struct Parameters(Vec<(String, FeatureValue)>);

impl Form for Parameters {
    fn scalar(_: FeatureValue) -> Self {
        Self(Vec::new())
    }

    fn array<'de, A: SeqAccess<'de>>(array: A) -> Result<Self, A::Error> {
        IgnoredAny.visit_seq(array)?;
        Ok(Self(Vec::new()))
    }

    fn object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = object.next_entry()? {
            fields.push(field);
        }
        Ok(Self(fields))
    }
}
