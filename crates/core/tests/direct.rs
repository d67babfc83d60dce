//! `Model::predict_numbers`, `Model::run_values` and `Model::recycle`: the same
//! answers and errors as those of the ways in that convert.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test fails"
)]

mod support;

use edgeinfer_core::ErrorKind::{EmptyBatch, FeatureCount, InvalidTensor, NotFinite};
use edgeinfer_core::{ElementType, FeatureValue, Features, Tensor, TensorData, Value};

/// Rows of numbers as the other way in takes them.
fn rows(numbers: &[f64], width: usize) -> Vec<Features> {
    let row = |row: &[f64]| Features::Positional(row.iter().copied().map(FeatureValue::Number).collect());
    numbers.chunks(width).map(row).collect()
}

#[test]
fn numbers_get_the_answers_of_features_whatever_the_model() {
    for (name, source) in support::all() {
        let model = source.model();
        let width = model.schema().features.len();
        for count in [1, 3] {
            let numbers: Vec<f64> = (0..count * width).map(|at| (at % 5) as f64 + 1.0).collect();
            let expected = model.predict_batch(&rows(&numbers, width.max(1)));
            assert_eq!(model.predict_numbers(&numbers), expected, "{name}: {count} rows");
        }
    }
}

#[test]
fn numbers_go_to_the_column_of_their_feature() {
    let model = support::columns().model();
    let width = model.schema().features.len();
    let numbers: Vec<f64> = (0..width).map(|at| at as f64).collect();
    assert_eq!(model.predict_numbers(&numbers), model.predict_batch(&rows(&numbers, width)));
}

#[test]
fn wrong_numbers_get_the_errors_of_features() {
    let model = support::iris().model();
    for (numbers, kind) in [
        (vec![1.0, 2.0, 3.0, 4.0, 1.0, f64::NAN, 3.0, 4.0], NotFinite),
        (vec![1e300; 4], NotFinite),
        (vec![1.0; 5], FeatureCount),
        (vec![], EmptyBatch),
    ] {
        let error = model.predict_numbers(&numbers).unwrap_err();
        assert_eq!(error.kind(), kind);
        assert_eq!(Err(error), model.predict_batch(&rows(&numbers, 4)));
    }
}

#[test]
fn a_model_of_other_types_than_floats_gets_its_numbers_converted() {
    let model = support::echo(ElementType::Int64).model();
    assert_eq!(model.predict_numbers(&[7.0]), model.predict_batch(&[Features::from([7.0])]));
    assert_eq!(model.predict_numbers(&[7.5]), model.predict_batch(&[Features::from([7.5])]));
}

#[test]
fn values_in_order_get_the_outputs_of_named_ones() {
    let model = support::product().model();
    let tensor =
        |shape: [usize; 2]| Tensor::from_f32(shape.to_vec(), vec![2.0; shape.iter().product()]).unwrap();
    let (left, right) = (tensor([1, 3]), tensor([3, 2]));
    let named = model.run(vec![("right".into(), right.clone()), ("left".into(), left.clone())]).unwrap();
    for _ in 0..3 {
        let outputs = model.run_values(&[left.clone().into(), right.clone().into()]).unwrap();
        assert!(outputs.iter().eq(named.iter().map(|(_, value)| value)));
        model.recycle(outputs);
    }
}

#[test]
fn values_are_checked_as_named_ones_are() {
    let model = support::iris().model();
    let floats = |shape: Vec<usize>| {
        let count = shape.iter().product();
        Value::from(Tensor::from_f32(shape, vec![1.0; count]).unwrap())
    };
    let integers = Tensor::new(vec![1, 4], TensorData::Int64(vec![1; 4])).unwrap();
    for value in [floats(vec![4]), floats(vec![1, 3]), integers.into(), Value::Sequence(vec![])] {
        let error = model.run_values(std::slice::from_ref(&value)).unwrap_err();
        assert_eq!(error.kind(), InvalidTensor);
        assert_eq!(Err(error), model.run(vec![("X".into(), value)]));
    }
    assert_eq!(model.run_values(&[]).unwrap_err(), model.run::<Value>(vec![]).unwrap_err());
}
