//! A model on edgeinfer's own runtime and on tract: the same inputs, and how far the
//! outputs are apart.

use std::collections::BTreeMap;

use edgeinfer_core::{Error, ErrorKind, Metadata, Model, Result, Tensor, TensorData, Value};
use serde::Serialize;

use crate::{compile, load_tract, synthetic};

/// What to try a model on, and what to take for equal.
#[derive(Clone, Debug)]
pub struct Trials {
    /// The sizes of free dimensions, by name; as [`synthetic`](fn@synthetic).
    pub sizes: BTreeMap<String, usize>,
    /// The seed of the first trial; each has the next one.
    pub seed: u64,
    /// How many there are.
    pub count: u64,
    /// The largest difference that is none, relative where numbers are above 1.
    pub tolerance: f64,
}

/// How far one output is from the reference's, over all trials.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The output.
    pub output: String,
    /// The elements that were compared.
    pub elements: usize,
    /// Those that are not equal within the tolerance, and those that one of the two
    /// does not have.
    pub different: usize,
    /// The largest absolute difference.
    pub max_absolute: f64,
    /// The largest difference relative to the reference, where that is above 1.
    pub max_relative: f64,
}

/// Runs the ONNX model `onnx` on this runtime and on tract; the differences by output.
///
/// # Errors
///
/// As [`compile`] where the model does not compile,
/// [`ErrorKind::UnsupportedModel`] where tract does not take it or no inputs can be
/// made up for it, [`ErrorKind::InferenceFailed`] where one of the two fails.
pub fn verify(onnx: &[u8], trials: &Trials) -> Result<Vec<Difference>> {
    let model = Model::load(compile(onnx, Metadata::default())?.as_slice(), None)?;
    let schema = model.schema();
    let reference = load_tract(onnx, schema).map_err(|error| of_reference(&error))?;
    let named = |output: &edgeinfer_core::ValueSpec| Difference {
        output: output.name.clone(),
        elements: 0,
        different: 0,
        max_absolute: 0.0,
        max_relative: 0.0,
    };
    let mut differences: Vec<_> = schema.outputs.iter().map(named).collect();
    for trial in 0..trials.count {
        let inputs = synthetic(schema, &trials.sizes, trials.seed.wrapping_add(trial))?;
        let values: Vec<_> = inputs.iter().map(|(_, value)| value.clone()).collect();
        let ours = model.run::<Value>(inputs)?;
        let theirs = reference.run(&values).map_err(|error| of_reference(&error))?;
        for ((difference, (_, ours)), theirs) in differences.iter_mut().zip(&ours).zip(&theirs) {
            difference.add(ours, theirs, trials.tolerance);
        }
    }
    Ok(differences)
}

fn of_reference(error: &Error) -> Error {
    let message = format!("the reference, tract, does not run the model: {}", error.message());
    Error::new(ErrorKind::UnsupportedModel, message)
}

impl Difference {
    fn add(&mut self, ours: &Value, theirs: &Value, tolerance: f64) {
        match (ours, theirs) {
            (Value::Tensor(ours), Value::Tensor(theirs)) => self.tensors(ours, theirs, tolerance),
            (Value::MapSequence(ours), Value::MapSequence(theirs)) => {
                self.tensors(&ours.values, &theirs.values, tolerance);
            }
            (ours, theirs) => {
                self.elements += 1;
                self.different += usize::from(ours != theirs);
            }
        }
    }

    fn tensors(&mut self, ours: &Tensor, theirs: &Tensor, tolerance: f64) {
        let length = ours.data().len().max(theirs.data().len());
        self.elements += length;
        match (numbers(ours.data()), numbers(theirs.data())) {
            (Some(a), Some(b)) if ours.shape() == theirs.shape() => {
                a.iter().zip(&b).for_each(|(&ours, &theirs)| self.pair(ours, theirs, tolerance));
            }
            _ if ours == theirs => {}
            _ => self.different += length,
        }
    }

    fn pair(&mut self, ours: f64, theirs: f64, tolerance: f64) {
        if ours == theirs || ours.is_nan() && theirs.is_nan() {
            return;
        }
        let absolute = (ours - theirs).abs();
        let relative = absolute / theirs.abs().max(1.0);
        self.max_absolute = self.max_absolute.max(absolute);
        self.max_relative = self.max_relative.max(relative);
        self.different += usize::from(relative.is_nan() || relative > tolerance);
    }
}

/// The numbers in `data`, where they are ones that float64 holds.
fn numbers(data: &TensorData) -> Option<Vec<f64>> {
    fn wide<T: Copy + Into<f64>>(values: &[T]) -> Vec<f64> {
        values.iter().map(|&value| value.into()).collect()
    }
    Some(match data {
        TensorData::Float32(v) => wide(v),
        TensorData::Float64(v) => wide(v),
        TensorData::Int8(v) => wide(v),
        TensorData::Int16(v) => wide(v),
        TensorData::Int32(v) => wide(v),
        TensorData::UInt8(v) => wide(v),
        TensorData::UInt16(v) => wide(v),
        TensorData::UInt32(v) => wide(v),
        TensorData::Int64(v) => v.iter().map(|&value| value as f64).collect(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(ours: Tensor, theirs: Tensor) -> Difference {
        let mut difference = Difference {
            output: "y".to_owned(),
            elements: 0,
            different: 0,
            max_absolute: 0.0,
            max_relative: 0.0,
        };
        difference.add(&Value::Tensor(ours), &Value::Tensor(theirs), 1e-3);
        difference
    }

    fn floats(values: &[f32]) -> Tensor {
        Tensor::from_f32(vec![values.len()], values.to_vec()).unwrap()
    }

    #[test]
    fn counts_what_is_further_apart_than_the_tolerance() {
        let found = difference(floats(&[1.0, 2000.0, 0.5]), floats(&[1.0, 2001.0, 0.75]));
        assert_eq!((found.elements, found.different), (3, 1));
        assert_eq!((found.max_absolute, found.max_relative), (1.0, 0.25));
    }

    #[test]
    fn what_is_not_a_number_is_only_equal_to_itself() {
        assert_eq!(difference(floats(&[f32::NAN]), floats(&[f32::NAN])).different, 0);
        assert_eq!(difference(floats(&[f32::NAN]), floats(&[1.0])).different, 1);
    }

    #[test]
    fn another_shape_or_type_is_different_all_over() {
        let column = Tensor::from_f32(vec![2, 1], vec![1.0, 2.0]).unwrap();
        assert_eq!(difference(floats(&[1.0, 2.0]), column).different, 2);
        let texts = |text: &str| Tensor::new(vec![1], TensorData::String(vec![text.to_owned()])).unwrap();
        assert_eq!(difference(texts("a"), texts("b")).different, 1);
        assert_eq!(difference(texts("a"), texts("a")).different, 0);
    }
}
