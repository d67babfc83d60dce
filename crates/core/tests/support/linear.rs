use edgeinfer_core::{
    Classes, Dim, ElementType, Engine, Error, ErrorKind, MapSequence, Result, Schema, Task, Tensor,
    TensorData, Value, ValueType, Values,
};

/// Runs linear models. The payload is JSON, a row of weights for each class or
/// target.
pub(crate) fn linear(payload: &[u8], schema: &Schema) -> Result<Box<dyn Engine>> {
    let weights = serde_json::from_slice(payload)
        .map_err(|error| Error::new(ErrorKind::UnsupportedModel, error.to_string()))?;
    Ok(Box::new(Linear { weights, schema: schema.clone() }))
}

/// A score per class or target is its weights times the row. A class's
/// probability is its share of the scores: exact where they add to a power of
/// two, so that tests can compare with `==`.
struct Linear {
    weights: Vec<Vec<f64>>,
    schema: Schema,
}

impl Engine for Linear {
    fn name(&self) -> &str {
        "linear"
    }

    fn run(&self, inputs: &[Value]) -> Result<Values> {
        let inputs: Vec<_> = inputs.iter().filter_map(Value::as_tensor).collect();
        let rows = inputs[0].shape()[0];
        let mut table = vec![Vec::new(); rows];
        for tensor in inputs {
            let numbers = numbers(tensor.data());
            let width = numbers.len() / rows;
            for (row, numbers) in table.iter_mut().zip(numbers.chunks(width)) {
                row.extend_from_slice(numbers);
            }
        }
        let scores: Vec<_> = table.iter().map(|row| self.scores(row)).collect();
        Ok(self.schema.outputs.iter().map(|output| self.output(&output.value, &scores)).collect())
    }
}

impl Linear {
    fn scores(&self, row: &[f64]) -> Vec<f64> {
        self.weights.iter().map(|weights| weights.iter().zip(row).map(|(w, x)| w * x).sum()).collect()
    }

    fn output(&self, kind: &ValueType, scores: &[Vec<f64>]) -> Value {
        match kind {
            ValueType::MapSequence { keys } => {
                let shares: Vec<_> = scores.iter().flat_map(|row| shares(row)).collect();
                let values = floats(ElementType::Float32, vec![scores.len(), keys.len()], shares);
                Value::MapSequence(MapSequence { keys: keys.clone().into(), values })
            }
            ValueType::Tensor { element, shape } => Value::Tensor(self.tensor(*element, shape, scores)),
            other => panic!("a test's linear model has an output of type {other:?}"),
        }
    }

    fn tensor(&self, element: ElementType, shape: &[Dim], scores: &[Vec<f64>]) -> Tensor {
        let size = |dim: &Dim| if let Dim::Fixed(size) = dim { *size } else { scores.len() };
        let shape: Vec<_> = shape.iter().map(size).collect();
        match (&self.schema.task, element) {
            // An outlier detector: the sign of its one score.
            (Task::Classification { classes, .. }, ElementType::Int64) if classes.is_empty() => {
                let sign = scores.iter().map(|row| if row[0] < 0.0 { -1 } else { 1 }).collect();
                Tensor::new(shape, TensorData::Int64(sign)).unwrap()
            }
            (Task::Classification { classes, .. }, _) if classes.is_empty() => {
                floats(element, shape, scores.concat())
            }
            (Task::Classification { classes: Classes::Integers(classes), .. }, ElementType::Int64) => {
                let best = scores.iter().map(|row| classes[best(row)]).collect();
                Tensor::new(shape, TensorData::Int64(best)).unwrap()
            }
            (Task::Classification { classes: Classes::Strings(classes), .. }, ElementType::String) => {
                let best = scores.iter().map(|row| classes[best(row)].clone()).collect();
                Tensor::new(shape, TensorData::String(best)).unwrap()
            }
            // One column for two classes holds the second's probability.
            (Task::Classification { .. }, _) => {
                let shown = shape.iter().skip(1).product::<usize>();
                let shares = scores.iter().flat_map(|row| shares(row).split_off(row.len() - shown));
                floats(element, shape, shares.collect())
            }
            _ => floats(element, shape, scores.concat()),
        }
    }
}

fn best(row: &[f64]) -> usize {
    (0..row.len()).rev().max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap()
}

fn shares(row: &[f64]) -> Vec<f64> {
    let total: f64 = row.iter().sum();
    row.iter().map(|score| score / total).collect()
}

fn floats(element: ElementType, shape: Vec<usize>, values: Vec<f64>) -> Tensor {
    let data = match element {
        ElementType::Float64 => TensorData::Float64(values),
        _ => TensorData::Float32(values.into_iter().map(|value| value as f32).collect()),
    };
    Tensor::new(shape, data).unwrap()
}

/// Elements as numbers: a string's is its length.
fn numbers(data: &TensorData) -> Vec<f64> {
    match data {
        TensorData::Float32(values) => values.iter().copied().map(f64::from).collect(),
        TensorData::Float64(values) => values.clone(),
        TensorData::Int64(values) => values.iter().map(|&value| value as f64).collect(),
        TensorData::Bool(values) => values.iter().copied().map(f64::from).collect(),
        TensorData::String(values) => values.iter().map(|value| value.len() as f64).collect(),
        other => panic!("a test's model has an input of type {}", other.element_type()),
    }
}
