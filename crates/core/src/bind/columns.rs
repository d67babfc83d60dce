//! Features as columns of the tensors that a model takes.

mod numbers;

use rustc_hash::FxHashMap;

pub(super) use numbers::features;

use super::does_not_fit;
use crate::convert::{put, put_missing};
use crate::error::quoted;
use crate::tensor::element_count;
use crate::{
    Dim, ElementType, Error, ErrorKind, FeatureValue, Features, Result, Schema, Shape, Tensor, TensorData,
    Value, ValueSpec, ValueType, Values,
};

/// The columns of all inputs, and the features that fill them.
pub(crate) struct Columns {
    inputs: Vec<Input>,
    features: Vec<Slot>,
    by_name: FxHashMap<String, usize>,
}

struct Input {
    element: ElementType,
    /// All dimensions but the first.
    row: Vec<usize>,
    width: usize,
    /// The graph fixes the batch to one row.
    one_row: bool,
}

struct Slot {
    name: String,
    input: usize,
    column: usize,
    /// Null stands for a missing value.
    missing: bool,
}

impl Columns {
    /// `schema` has been checked, and has features.
    pub(super) fn new(schema: &Schema) -> Self {
        let inputs = schema.inputs.iter().filter_map(Input::new).collect();
        let mut by_name = FxHashMap::default();
        let mut features = Vec::with_capacity(schema.features.len());
        for (position, feature) in schema.features.iter().enumerate() {
            by_name.insert(feature.name.clone(), position);
            features.push(Slot {
                name: feature.name.clone(),
                input: feature.input,
                column: feature.column,
                missing: feature.missing,
            });
        }
        Self { inputs, features, by_name }
    }

    /// Whether several rows can be run at once.
    pub(super) fn take_batches(&self) -> bool {
        self.inputs.iter().all(|input| !input.one_row)
    }

    /// The inputs for `rows`, in the schema's order. Errors name the row where
    /// `rows` are a batch.
    pub(super) fn bind(&self, rows: &[Features], batch: bool) -> Result<Values> {
        let room = rows_to_read(rows, self.features.len());
        let mut buffers = self.inputs.iter().map(|input| input.buffer(room)).collect::<Result<Vec<_>>>()?;
        for (row, features) in rows.iter().enumerate() {
            self.bind_row(row, features, &mut buffers)
                .map_err(|error| if batch { error.within(format_args!("[{row}]")) } else { error })?;
        }
        self.inputs
            .iter()
            .zip(buffers)
            .map(|(input, data)| Ok(Value::Tensor(input.tensor(rows.len(), data)?)))
            .collect()
    }

    fn bind_row(&self, row: usize, features: &Features, buffers: &mut [TensorData]) -> Result<()> {
        match features {
            Features::Positional(values) => {
                self.check_count(values.len())?;
                for (position, (slot, value)) in self.features.iter().zip(values).enumerate() {
                    self.put(row, slot, value, buffers)
                        .map_err(|error| error.at(format!("features[{position}]")))?;
                }
                Ok(())
            }
            Features::Named(values) => {
                let mut given = vec![false; self.features.len()];
                for (name, value) in values {
                    let slot = self.look_up(name, &mut given)?;
                    self.put(row, slot, value, buffers)
                        .map_err(|error| error.at(format!("features[{name:?}]")))?;
                }
                self.check_all_given(&given)
            }
        }
    }

    fn check_count(&self, count: usize) -> Result<()> {
        let expected = self.features.len();
        if count == expected {
            return Ok(());
        }
        let message = format!("expected {expected} values ({}), got {count}", list(self.features.iter()));
        Err(Error::new(ErrorKind::FeatureCount, message).at("features"))
    }

    fn look_up(&self, name: &str, given: &mut [bool]) -> Result<&Slot> {
        let unknown = |message| {
            Err(Error::new(ErrorKind::UnknownFeature, message).at(format!("features[{}]", quoted(name))))
        };
        let found = self
            .by_name
            .get(name)
            .and_then(|&position| Some((self.features.get(position)?, given.get_mut(position)?)));
        match found {
            Some((slot, given)) if !*given => {
                *given = true;
                Ok(slot)
            }
            Some(_) => unknown("given twice".to_owned()),
            None => unknown(self.unknown_message(name)),
        }
    }

    fn unknown_message(&self, name: &str) -> String {
        /// Comparing takes the product of the lengths; no name is longer.
        const COMPARED: usize = 256;
        let likeness = |slot: &&Slot| (strsim::jaro_winkler(&slot.name, name) * 1000.0) as u32;
        let candidates = if name.len() > COMPARED { &[] } else { self.features.as_slice() };
        match candidates.iter().max_by_key(likeness).filter(|slot| likeness(slot) > 800) {
            Some(slot) => format!("the model has no such feature; did you mean {:?}?", slot.name),
            None => format!("the model has no such feature; it has {}", list(self.features.iter())),
        }
    }

    fn check_all_given(&self, given: &[bool]) -> Result<()> {
        if given.iter().all(|&given| given) {
            return Ok(());
        }
        let absent = || self.features.iter().zip(given).filter(|(_, given)| !**given).map(|(slot, _)| slot);
        let mut message = format!("missing {}", list(absent()));
        let nullable = list(absent().filter(|slot| slot.missing));
        if !nullable.is_empty() {
            message.push_str(&format!("; give null for {nullable} where there is no value"));
        }
        Err(Error::new(ErrorKind::MissingFeature, message).at("features"))
    }

    fn put(&self, row: usize, slot: &Slot, value: &FeatureValue, buffers: &mut [TensorData]) -> Result<()> {
        let width = self.inputs.get(slot.input).map(|input| input.width);
        let position = width.map(|width| row * width + slot.column);
        let (Some(buffer), Some(position)) = (buffers.get_mut(slot.input), position) else {
            return Err(Error::new(ErrorKind::Internal, "a feature's input is not there"));
        };
        let done = match value {
            FeatureValue::Null if slot.missing => put_missing(buffer, position),
            _ => put(buffer, position, value),
        };
        done.map_err(|error| does_not_fit(error, &slot.name, slot.hint(value)))
    }
}

impl Slot {
    /// What to give instead of `value`, where it stands for a missing one.
    fn hint(&self, value: &FeatureValue) -> &'static str {
        match value {
            FeatureValue::Null if !self.missing => "this feature has to have a value",
            FeatureValue::Number(number) if number.is_nan() && self.missing => {
                "null stands for a missing value"
            }
            _ => "",
        }
    }
}

impl Input {
    /// `None` for anything but a tensor whose rows have a fixed size.
    fn new(spec: &ValueSpec) -> Option<Self> {
        let ValueType::Tensor { element, shape } = &spec.value else { return None };
        let (first, row) = shape.split_first()?;
        let fixed = |dim: &Dim| if let Dim::Fixed(size) = dim { Some(*size) } else { None };
        Some(Self {
            element: *element,
            row: row.iter().map(fixed).collect::<Option<_>>()?,
            width: spec.row_width()?,
            one_row: fixed(first).is_some(),
        })
    }

    fn buffer(&self, rows: usize) -> Result<TensorData> {
        let length = element_count(&[rows, self.width])
            .ok_or_else(|| Error::new(ErrorKind::PayloadTooLarge, "the batch does not fit into memory"))?;
        TensorData::zeros(self.element, length)
    }

    fn tensor(&self, rows: usize, data: TensorData) -> Result<Tensor> {
        let mut shape = Shape::with_capacity(1 + self.row.len());
        shape.push(rows);
        shape.extend_from_slice(&self.row);
        Tensor::new(shape, data)
    }
}

/// How many of `rows` are read at most. A row with fewer values than features
/// fails, and no row after it is read: so the buffers never outgrow what the
/// caller sent.
fn rows_to_read(rows: &[Features], features: usize) -> usize {
    rows.iter().position(|row| row.len() < features).map_or(rows.len(), |short| short + 1)
}

/// The names of `slots`, shortened where there are many.
fn list<'a>(slots: impl Iterator<Item = &'a Slot>) -> String {
    const SHOWN: usize = 8;
    let names: Vec<_> = slots.map(|slot| format!("{:?}", slot.name)).collect();
    match names.get(..SHOWN) {
        Some(head) if names.len() > SHOWN => format!("{} and {} more", head.join(", "), names.len() - SHOWN),
        _ => names.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_no_room_for_rows_after_one_that_is_too_short() {
        let whole = Features::from([1.0, 2.0]);
        let short = Features::from([1.0]);
        assert_eq!(rows_to_read(&vec![whole.clone(); 3], 2), 3);
        assert_eq!(rows_to_read(&[whole.clone(), short.clone(), whole], 2), 2);
        assert_eq!(rows_to_read(&vec![short; 1000], 2), 1);
    }
}
