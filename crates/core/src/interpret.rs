//! From a model's outputs to predictions: what the tensors mean.

use edgeinfer_kernels::Half;

use crate::{
    Classes, Error, ErrorKind, Float, Floats, Outcome, Prediction, Result, Schema, Task, Tensor, TensorData,
    Value,
};

/// The prediction for each of `rows` rows.
///
/// # Errors
///
/// [`ErrorKind::InferenceFailed`] when an output is not what the schema says;
/// [`ErrorKind::UnsupportedModel`] when the model is neither a classifier nor
/// a regressor.
pub(crate) fn interpret(schema: &Schema, outputs: &[Value], rows: usize) -> Result<Vec<Prediction>> {
    match &schema.task {
        Task::Classification { label, probabilities, classes, labels } => {
            let classifier = Classifier {
                label: label.map(|index| column(outputs, index, rows)).transpose()?,
                probabilities: probabilities
                    .map(|index| {
                        check_keys(outputs, index, classes).and_then(|()| table(outputs, index, rows))
                    })
                    .transpose()?,
                classes,
                labels,
            };
            (0..rows).map(|row| classifier.prediction(row)).collect()
        }
        Task::MultiOutput { labels, probabilities } => {
            let labels = tensor(outputs, *labels)?;
            let probabilities = probabilities.map(|index| table(outputs, index, rows)).transpose()?;
            (0..rows).map(|row| multi_output(labels, probabilities.as_ref(), row, rows)).collect()
        }
        Task::Regression { output } => {
            let values = table(outputs, *output, rows)?;
            (0..rows).map(|row| regression(&values, row)).collect()
        }
        Task::Tensors => Err(Error::new(
            ErrorKind::UnsupportedModel,
            "this model is neither a classifier nor a regressor; run it with named tensors instead",
        )),
    }
}

struct Classifier<'a> {
    label: Option<&'a Tensor>,
    probabilities: Option<Table<'a>>,
    classes: &'a Classes,
    labels: &'a [String],
}

impl Classifier<'_> {
    fn prediction(&self, row: usize) -> Result<Prediction> {
        let probabilities = match &self.probabilities {
            Some(table) => Some(table.row(row).and_then(|row| self.complete(row))?),
            None => None,
        };
        let (prediction, class) = match self.label {
            Some(tensor) => self.predicted_class(tensor, row)?,
            None => self.most_probable(probabilities.as_ref())?,
        };
        let label = class.and_then(|class| self.labels.get(class).cloned());
        Ok(Prediction {
            class,
            label: label.or_else(|| Some(text(&prediction))),
            confidence: class.and_then(|class| probabilities.as_ref()?.get(class)),
            prediction,
            probabilities,
        })
    }

    /// A binary classifier with one column gives the probability of its second
    /// class.
    fn complete(&self, row: Floats) -> Result<Floats> {
        match (&row, self.classes.len()) {
            (same, classes) if same.len() == classes => Ok(row),
            (Floats::Single(p), 2) if p.len() == 1 => {
                Ok(Floats::Single(p.iter().flat_map(|p| [1.0 - p, *p]).collect()))
            }
            (Floats::Double(p), 2) if p.len() == 1 => {
                Ok(Floats::Double(p.iter().flat_map(|p| [1.0 - p, *p]).collect()))
            }
            (row, classes) => {
                Err(failed(format!("expected {classes} probabilities, the model gave {}", row.len())))
            }
        }
    }

    /// The predicted class, and its index where it is one of the classes.
    fn predicted_class(&self, tensor: &Tensor, row: usize) -> Result<(Outcome, Option<usize>)> {
        let none = || failed(format!("the model gave no class for row {row}"));
        match (tensor.data(), self.classes) {
            (TensorData::String(values), classes) => {
                let value = values.get(row).ok_or_else(none)?;
                let index = match classes {
                    Classes::Strings(classes) => classes.iter().position(|class| class == value),
                    Classes::Integers(_) => None,
                };
                Ok((Outcome::Text(value.clone()), index))
            }
            (data, classes) => {
                let value = integer_at(data, row).ok_or_else(none)?;
                let index = match classes {
                    Classes::Integers(classes) => classes.iter().position(|class| *class == value),
                    Classes::Strings(_) => None,
                };
                Ok((Outcome::Integer(value), index))
            }
        }
    }

    fn most_probable(&self, probabilities: Option<&Floats>) -> Result<(Outcome, Option<usize>)> {
        let index = probabilities.and_then(Floats::argmax);
        let outcome = index.and_then(|index| match self.classes {
            Classes::Integers(classes) => classes.get(index).copied().map(Outcome::Integer),
            Classes::Strings(classes) => classes.get(index).cloned().map(Outcome::Text),
        });
        let outcome = outcome.ok_or_else(|| failed("every probability is NaN".to_owned()))?;
        Ok((outcome, index))
    }
}

/// The classes of row `row` of `rows`, and the probability of each.
fn multi_output(
    labels: &Tensor,
    probabilities: Option<&Table<'_>>,
    row: usize,
    rows: usize,
) -> Result<Prediction> {
    let width = labels.data().len().checked_div(rows).unwrap_or_default();
    let range = row * width..(row + 1) * width;
    let classes = match labels.data() {
        TensorData::String(values) => values.get(range).map(|row| Outcome::Texts(row.to_vec())),
        data => range.map(|place| integer_at(data, place)).collect::<Option<_>>().map(Outcome::Integers),
    };
    let prediction = classes.ok_or_else(|| failed(format!("the model gave no classes for row {row}")))?;
    let probabilities = probabilities.map(|table| table.row(row)).transpose()?;
    Ok(Prediction { prediction, label: None, probabilities, confidence: None, class: None })
}

fn regression(values: &Table<'_>, row: usize) -> Result<Prediction> {
    let row = values.row(row)?;
    let prediction = match row.get(0) {
        Some(value) if row.len() == 1 => Outcome::Number(value),
        _ => Outcome::Numbers(row),
    };
    Ok(Prediction { prediction, class: None, label: None, probabilities: None, confidence: None })
}

/// A tensor of floats seen as one row of numbers per row of the batch.
struct Table<'a> {
    data: &'a TensorData,
    width: usize,
}

impl Table<'_> {
    fn row(&self, row: usize) -> Result<Floats> {
        let range = row * self.width..(row + 1) * self.width;
        let floats = match self.data {
            TensorData::Float32(values) => values.get(range).map(|row| Floats::Single(row.to_vec())),
            TensorData::Float64(values) => values.get(range).map(|row| Floats::Double(row.to_vec())),
            TensorData::Float16(bits) => bits.get(range).map(|row| widened(row, Half::Float16)),
            TensorData::BFloat16(bits) => bits.get(range).map(|row| widened(row, Half::BFloat16)),
            _ => None,
        };
        floats.ok_or_else(|| failed(format!("the model gave no numbers for row {row}")))
    }
}

fn widened(bits: &[u16], half: Half) -> Floats {
    let mut values = Vec::with_capacity(bits.len());
    half.widen_into(bits, &mut values);
    Floats::Single(values)
}

fn table(outputs: &[Value], index: usize, rows: usize) -> Result<Table<'_>> {
    let tensor = tensor(outputs, index)?;
    // A lone row may come without its dimension.
    let by_row = tensor.shape().first() == Some(&rows) || (rows == 1 && tensor.shape().len() < 2);
    match tensor.data().len().checked_div(rows) {
        Some(width) if by_row && width > 0 => Ok(Table { data: tensor.data(), width }),
        _ => Err(failed(format!("expected {rows} rows, the model gave shape {:?}", tensor.shape()))),
    }
}

/// A tensor of one element per row of the batch.
fn column(outputs: &[Value], index: usize, rows: usize) -> Result<&Tensor> {
    let tensor = tensor(outputs, index)?;
    if tensor.data().len() == rows {
        return Ok(tensor);
    }
    Err(failed(format!(
        "expected a class for each of {rows} rows, the model gave shape {:?}",
        tensor.shape()
    )))
}

/// Probabilities that come as maps say themselves whose they are.
fn check_keys(outputs: &[Value], index: usize, classes: &Classes) -> Result<()> {
    match outputs.get(index) {
        Some(Value::MapSequence(maps)) if *maps.keys != *classes => {
            let (expected, got) = (classes.names().join(", "), maps.keys.names().join(", "));
            Err(failed(format!(
                "expected probabilities of the classes {expected}, the model gave those of {got}"
            )))
        }
        _ => Ok(()),
    }
}

fn tensor(outputs: &[Value], index: usize) -> Result<&Tensor> {
    match outputs.get(index) {
        Some(Value::Tensor(tensor)) => Ok(tensor),
        Some(Value::MapSequence(maps)) => Ok(&maps.values),
        Some(Value::Map(_) | Value::Sequence(_) | Value::Absent) => {
            Err(failed(format!("output {index} is no table")))
        }
        None => Err(failed(format!("the engine gave no output {index}"))),
    }
}

fn integer_at(data: &TensorData, row: usize) -> Option<i64> {
    match data {
        TensorData::Int64(values) => values.get(row).copied(),
        TensorData::Int32(values) => values.get(row).copied().map(i64::from),
        TensorData::Int16(values) => values.get(row).copied().map(i64::from),
        TensorData::Int8(values) => values.get(row).copied().map(i64::from),
        TensorData::UInt8(values) => values.get(row).copied().map(i64::from),
        TensorData::UInt16(values) => values.get(row).copied().map(i64::from),
        TensorData::UInt32(values) => values.get(row).copied().map(i64::from),
        TensorData::UInt64(values) => values.get(row).copied().and_then(|value| value.try_into().ok()),
        TensorData::Bool(values) => values.get(row).copied().map(i64::from),
        _ => None,
    }
}

fn text(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Integer(value) => value.to_string(),
        Outcome::Text(value) => value.clone(),
        Outcome::Number(Float::Single(value)) => value.to_string(),
        Outcome::Number(Float::Double(value)) => value.to_string(),
        Outcome::Numbers(_) | Outcome::Integers(_) | Outcome::Texts(_) => String::new(),
    }
}

fn failed(message: String) -> Error {
    Error::new(ErrorKind::InferenceFailed, message)
}
