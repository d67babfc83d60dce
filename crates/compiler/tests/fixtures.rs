//! Every fixture, natively: compiled, loaded, and equal to what onnxruntime
//! gave. A fixture is a folder of `tests/fixtures`; nothing here names one.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

use std::fs;
use std::path::{Path, PathBuf};

use edgeinfer_compiler::{compile, load_tract, parse_metadata};
use edgeinfer_core::{
    Classes, FeatureValue, Features, Float, Model, Outcome, Prediction, Task, Tensor, TensorData, Value,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Cases {
    inputs: Vec<Expected>,
    outputs: Vec<Expected>,
    tolerance: f64,
}

#[derive(Deserialize)]
struct Expected {
    name: String,
    #[serde(rename = "type")]
    element: String,
    shape: Vec<usize>,
    data: Vec<f64>,
    keys: Option<Vec<i64>>,
}

struct Fixture {
    folder: PathBuf,
    model: Model,
    cases: Cases,
}

#[test]
fn named_tensors_give_what_onnxruntime_gave() {
    for fixture in fixtures() {
        let inputs = fixture.cases.inputs.iter().map(|input| (input.name.clone(), tensor(input))).collect();
        let outputs = fixture.model.run(inputs).unwrap();
        assert_eq!(outputs.len(), fixture.cases.outputs.len(), "{}", fixture.folder.display());
        for ((name, value), expected) in outputs.iter().zip(&fixture.cases.outputs) {
            assert_eq!(name, &expected.name);
            let tensor = match (value, &expected.keys) {
                (Value::Tensor(tensor), None) => tensor,
                (Value::MapSequence(maps), Some(keys)) => {
                    assert_eq!(maps.keys, Classes::Integers(keys.clone()));
                    &maps.values
                }
                _ => panic!("{}: {name} is of another type", fixture.folder.display()),
            };
            assert_close(&numbers(tensor.data()), expected, fixture.cases.tolerance);
        }
    }
}

#[test]
fn rows_of_features_give_the_same_answers_one_by_one_and_as_a_batch() {
    for fixture in fixtures() {
        let rows = rows(&fixture.cases.inputs);
        let batch = fixture.model.predict_batch(&rows).unwrap();
        assert_eq!(batch.len(), rows.len());
        for (index, (row, prediction)) in rows.iter().zip(&batch).enumerate() {
            assert_answer(&fixture, index, prediction);
            assert_answer(&fixture, index, &fixture.model.predict(row).unwrap());
        }
    }
}

#[test]
fn features_by_name_give_the_same_answer_as_by_position() {
    for fixture in fixtures() {
        let names: Vec<_> = fixture.model.info().features.into_iter().map(|feature| feature.name).collect();
        let Some(Features::Positional(values)) = rows(&fixture.cases.inputs).into_iter().next() else {
            panic!("no rows")
        };
        let named = Features::Named(names.into_iter().zip(values).rev().collect());
        assert_answer(&fixture, 0, &fixture.model.predict(&named).unwrap());
    }
}

#[test]
fn the_schema_carries_the_names_and_labels_of_the_metadata() {
    for fixture in fixtures() {
        let info = fixture.model.info();
        let names: Vec<_> = info.features.iter().map(|feature| feature.name.clone()).collect();
        assert_eq!(names, info.metadata.features);
        assert_eq!(info.labels, info.metadata.labels);
        assert!(info.name.is_some_and(|name| fixture.folder.ends_with(name)));
    }
}

fn fixtures() -> Vec<Fixture> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    let folders = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    let fixtures: Vec<_> = folders.filter(|path| path.join("model.onnx").exists()).map(load).collect();
    assert!(!fixtures.is_empty());
    fixtures
}

fn load(folder: PathBuf) -> Fixture {
    let read = |name| fs::read(folder.join(name)).unwrap();
    let metadata = parse_metadata(&read("model_metadata.json")).unwrap();
    let file = compile(&read("model.onnx"), metadata).unwrap();
    let model = Model::load(file.as_slice(), Some(load_tract)).unwrap();
    let cases = serde_json::from_slice(&read("cases.json")).unwrap();
    Fixture { folder, model, cases }
}

fn tensor(expected: &Expected) -> Tensor {
    let data = match expected.element.as_str() {
        "float32" => TensorData::Float32(expected.data.iter().map(|&v| v as f32).collect()),
        "int64" => TensorData::Int64(expected.data.iter().map(|&v| v as i64).collect()),
        other => panic!("inputs of type {other} are not read here"),
    };
    Tensor::new(expected.shape.clone(), data).unwrap()
}

fn numbers(data: &TensorData) -> Vec<f64> {
    match data {
        TensorData::Float32(v) => v.iter().map(|&v| v.into()).collect(),
        TensorData::Float64(v) => v.clone(),
        TensorData::Int64(v) => v.iter().map(|&v| v as f64).collect(),
        other => panic!("outputs of type {} are not compared here", other.element_type()),
    }
}

fn rows(inputs: &[Expected]) -> Vec<Features> {
    let [input] = inputs else { panic!("one input is expected") };
    let width = input.data.len() / input.shape.first().unwrap();
    let row = |row: &[f64]| Features::Positional(row.iter().copied().map(FeatureValue::from).collect());
    input.data.chunks(width).map(row).collect()
}

fn assert_answer(fixture: &Fixture, row: usize, prediction: &Prediction) {
    let Cases { outputs, tolerance, .. } = &fixture.cases;
    let slice = |output: &Expected| {
        let width = output.data.len() / output.shape.first().unwrap();
        let data = output.data.get(row * width..(row + 1) * width).unwrap().to_vec();
        Expected {
            data,
            name: output.name.clone(),
            element: output.element.clone(),
            shape: vec![],
            keys: None,
        }
    };
    match (&fixture.model.schema().task, &prediction.prediction) {
        (Task::Classification { labels, .. }, Outcome::Integer(class)) => {
            let (label, probabilities) = (slice(&outputs[0]), slice(&outputs[1]));
            assert_eq!(label.data, [*class as f64]);
            assert_eq!(prediction.label.as_ref(), labels.get(*class as usize));
            let given = prediction.probabilities.as_ref().unwrap();
            let given: Vec<_> = (0..given.len()).map(|i| given.get(i).unwrap().to_f64()).collect();
            assert_close(&given, &probabilities, *tolerance);
            let confidence = given[*class as usize];
            assert_eq!(prediction.confidence.map(Float::to_f64), Some(confidence));
        }
        (Task::Regression { .. }, Outcome::Number(value)) => {
            assert_close(&[value.to_f64()], &slice(&outputs[0]), *tolerance);
        }
        other => panic!("{}: {other:?}", fixture.folder.display()),
    }
}

/// Within `tolerance`, relative for numbers beyond 1.
fn assert_close(given: &[f64], expected: &Expected, tolerance: f64) {
    assert_eq!(given.len(), expected.data.len(), "{}", expected.name);
    for (given, wanted) in given.iter().zip(&expected.data) {
        let error = (given - wanted).abs() / wanted.abs().max(1.0);
        assert!(error <= tolerance, "{}: {given} instead of {wanted}", expected.name);
    }
}
