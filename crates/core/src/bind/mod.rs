//! From rows of features to what a model takes.

mod columns;
mod map;

use columns::{Columns, features};
use map::MapInput;

use crate::{Error, ErrorKind, Features, Result, Schema, Value, ValueSpec, ValueType, Values};

/// Fills a model's inputs from rows. Made once per model.
pub(crate) enum Binder {
    /// A feature is a column of a tensor.
    Columns(Columns),
    /// A row is a map, the only input.
    Map(MapInput),
    /// The model does not take rows.
    Nothing,
}

impl Binder {
    /// `schema` has been checked.
    pub(crate) fn new(schema: &Schema) -> Self {
        match schema.inputs.as_slice() {
            _ if !schema.features.is_empty() => Self::Columns(Columns::new(schema)),
            [ValueSpec { value: ValueType::Map { key, value }, .. }] => {
                Self::Map(MapInput { key: *key, value: *value })
            }
            _ => Self::Nothing,
        }
    }

    /// Whether several rows can be run at once.
    pub(crate) fn takes_batches(&self) -> bool {
        match self {
            Self::Columns(columns) => columns.take_batches(),
            Self::Map(_) => false,
            Self::Nothing => true,
        }
    }

    /// The number of features in a row; 0 where a row is not made of columns.
    pub(crate) fn width(&self) -> usize {
        if let Self::Columns(columns) = self { columns.width() } else { 0 }
    }

    /// The inputs for rows of `numbers`, where they can be taken as they are.
    /// `None` where [`Binder::bind`] has to convert or refuse.
    pub(crate) fn bind_numbers(&self, numbers: &[f64]) -> Option<Result<Values>> {
        if let Self::Columns(columns) = self { columns.bind_numbers(numbers) } else { None }
    }

    /// Rows of `numbers` as features that [`Binder::bind`] takes.
    pub(crate) fn features(&self, numbers: &[f64]) -> Vec<Features> {
        features(numbers, self.width())
    }

    /// The inputs for `rows`, in the schema's order; for one row where the model
    /// takes no batches. Errors name the row where `rows` are a batch.
    pub(crate) fn bind(&self, rows: &[Features], batch: bool) -> Result<Values> {
        match self {
            Self::Columns(columns) => columns.bind(rows, batch),
            Self::Map(map) => rows.iter().map(|row| map.bind(row).map(Value::Map)).collect(),
            Self::Nothing => Err(Error::new(
                ErrorKind::UnsupportedModel,
                "this model does not take rows of features; run it with named tensors instead",
            )),
        }
    }
}

/// The error that a value does not fit, with the feature's name and, where there
/// is one, a hint.
fn does_not_fit(error: Error, name: &str, hint: &str) -> Error {
    let semicolon = if hint.is_empty() { "" } else { "; " };
    error.reword(|message| format!("{name}: {message}{semicolon}{hint}"))
}
