//! What an engine gives, read as predictions; what does not fit the schema is a
//! failure of the engine, not a panic and not a wrong answer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test fails"
)]

mod support;

use edgeinfer_core::ErrorKind::InferenceFailed;
use edgeinfer_core::Prediction;
use edgeinfer_core::Result;
use serde_json::{Value, json, to_value};
use support::{Source, assert_error, batch};

/// The predictions for `rows` rows of an engine that gives `outputs`.
fn read(source: Source, outputs: Value, rows: usize) -> Result<Vec<Prediction>> {
    let rows = batch(&json!(vec![[1, 1, 1, 1]; rows]).to_string());
    match rows.as_slice() {
        [row] => source.that_gives(outputs).predict(row).map(|prediction| vec![prediction]),
        rows => source.that_gives(outputs).predict_batch(rows),
    }
}

fn label(values: &[i64]) -> Value {
    json!({"shape": [values.len()], "int64": values})
}

fn table(shape: &[usize]) -> Value {
    json!({"shape": shape, "float32": vec![0.25; shape.iter().product()]})
}

#[test]
fn a_label_may_be_a_column() {
    let outputs = json!([{"shape": [2, 1], "int64": [2, 0]}, table(&[2, 3])]);
    let predictions = read(support::iris(), outputs, 2).unwrap();
    let labels: Vec<_> = predictions.iter().filter_map(|prediction| prediction.label.as_deref()).collect();
    assert_eq!(labels, ["virginica", "setosa"]);
}

#[test]
fn a_label_may_be_of_any_integer_type() {
    for name in ["int64", "uint64"] {
        let outputs = json!([{"shape": [1], name: [2]}, table(&[1, 3])]);
        assert_eq!(read(support::iris(), outputs, 1).unwrap()[0].label.as_deref(), Some("virginica"));
    }
}

#[test]
fn probabilities_may_have_further_dimensions_of_one() {
    let outputs = json!([label(&[2, 0]), table(&[2, 1, 3])]);
    let predictions = read(support::iris(), outputs, 2).unwrap();
    assert_eq!(to_value(&predictions[1].probabilities).unwrap(), json!([0.25, 0.25, 0.25]));
}

#[test]
fn a_lone_row_may_come_without_its_dimension() {
    let outputs = json!([{"shape": [], "int64": [1]}, table(&[3])]);
    assert_eq!(read(support::iris(), outputs, 1).unwrap()[0].label.as_deref(), Some("versicolor"));
    let outputs = json!([{"shape": [], "float32": [1.5]}]);
    let predictions = read(support::regressor(), outputs, 1).unwrap();
    assert_eq!(to_value(&predictions[0]).unwrap(), json!({"prediction": 1.5}));
}

#[test]
fn one_column_of_a_binary_classifier_may_come_without_its_dimension() {
    let outputs = json!([{"shape": [2], "float32": [0.25, 0.75]}]);
    let predictions = read(support::binary_of_one_column(), outputs, 2).unwrap();
    assert_eq!(
        to_value(&predictions).unwrap(),
        json!([
            {"prediction": 0, "label": "sepal", "probabilities": [0.75, 0.25], "confidence": 0.75},
            {"prediction": 1, "label": "petal", "probabilities": [0.25, 0.75], "confidence": 0.75},
        ])
    );
}

#[test]
fn the_models_own_label_wins_over_the_largest_probability() {
    let outputs = json!([label(&[0]), {"shape": [1, 3], "float32": [0.25, 0.5, 0.25]}]);
    assert_eq!(
        to_value(read(support::iris(), outputs, 1).unwrap()).unwrap(),
        json!([{
            "prediction": 0, "label": "setosa", "probabilities": [0.25, 0.5, 0.25], "confidence": 0.25
        }])
    );
}

#[test]
fn a_class_that_the_schema_does_not_list_is_its_own_label_and_has_no_confidence() {
    let outputs = json!([label(&[-1]), table(&[1, 3])]);
    assert_eq!(
        to_value(read(support::iris(), outputs, 1).unwrap()).unwrap(),
        json!([{"prediction": -1, "label": "-1", "probabilities": [0.25, 0.25, 0.25]}])
    );
    let outputs = json!([{"shape": [1], "string": ["tulip"]}, table(&[1, 3])]);
    assert_eq!(
        to_value(read(support::iris(), outputs, 1).unwrap()).unwrap(),
        json!([{"prediction": "tulip", "label": "tulip", "probabilities": [0.25, 0.25, 0.25]}])
    );
}

#[test]
fn a_number_that_is_nan_is_null_in_json() {
    let outputs = json!([label(&[1]), {"shape": [1, 3], "float32": [0.5, null, 0.5]}]);
    assert_eq!(
        to_value(read(support::iris(), outputs, 1).unwrap()).unwrap(),
        json!([{
            "prediction": 1, "label": "versicolor", "probabilities": [0.5, null, 0.5], "confidence": null
        }])
    );
}

#[test]
fn probabilities_for_another_number_of_rows_are_a_failure() {
    for (shape, rows) in [
        (vec![1, 3], 2),
        (vec![3, 3], 2),
        (vec![0, 3], 2),
        (vec![3, 2], 2),
        (vec![6], 2),
        (vec![], 2),
        (vec![2, 3], 1),
        (vec![1, 0], 1),
    ] {
        let outputs = json!([label(&vec![0; rows]), table(&shape)]);
        let message = format!("expected {rows} rows, the model gave shape {shape:?}");
        assert_error(read(support::iris(), outputs, rows), InferenceFailed, None, &message);
    }
}

#[test]
fn a_regressors_values_for_another_number_of_rows_are_a_failure() {
    for (shape, rows) in [(vec![1, 2], 2), (vec![4, 1], 2), (vec![2, 1], 1), (vec![0], 1)] {
        let message = format!("expected {rows} rows, the model gave shape {shape:?}");
        let result = read(support::regressor(), json!([table(&shape)]), rows);
        assert_error(result, InferenceFailed, None, &message);
    }
}

#[test]
fn another_number_of_labels_than_rows_is_a_failure() {
    for (labels, rows) in [(vec![], 1), (vec![0, 1], 1), (vec![0], 2), (vec![0, 1, 2], 2)] {
        let outputs = json!([label(&labels), table(&[rows, 3])]);
        let message =
            format!("expected a class for each of {rows} rows, the model gave shape [{}]", labels.len());
        assert_error(read(support::iris(), outputs, rows), InferenceFailed, None, &message);
    }
}

#[test]
fn another_number_of_probabilities_than_classes_is_a_failure() {
    for columns in [1, 2, 4] {
        let outputs = json!([label(&[0]), table(&[1, columns])]);
        let message = format!("expected 3 probabilities, the model gave {columns}");
        assert_error(read(support::iris(), outputs, 1), InferenceFailed, None, &message);
    }
}

#[test]
fn maps_with_other_keys_than_the_classes_are_a_failure() {
    for (keys, shown) in
        [(json!([0, 2, 1]), "0, 2, 1"), (json!([0, 1]), "0, 1"), (json!(["a", "b", "c"]), "a, b, c")]
    {
        let columns = keys.as_array().unwrap().len();
        let mut maps = table(&[1, columns]);
        maps["keys"] = keys;
        let message =
            format!("expected probabilities of the classes 0, 1, 2, the model gave those of {shown}");
        let result = read(support::iris_with_zipmap(), json!([label(&[0]), maps]), 1);
        assert_error(result, InferenceFailed, None, &message);
    }
}

#[test]
fn maps_that_are_not_as_wide_as_their_keys_are_a_failure() {
    let mut maps = table(&[1, 2]);
    maps["keys"] = json!([0, 1, 2]);
    let result = read(support::iris_with_zipmap(), json!([label(&[0]), maps]), 1);
    assert_error(result, InferenceFailed, None, "expected 3 probabilities, the model gave 2");
}

#[test]
fn a_label_that_is_no_class_is_a_failure() {
    for element in [json!({"float32": [1.0]}), json!({"uint64": [u64::MAX]})] {
        let mut output = element;
        output["shape"] = json!([1]);
        let result = read(support::iris(), json!([output, table(&[1, 3])]), 1);
        assert_error(result, InferenceFailed, None, "the model gave no class for row 0");
    }
}

#[test]
fn probabilities_that_are_no_numbers_are_a_failure() {
    let outputs = json!([label(&[0]), {"shape": [1, 3], "int64": [0, 1, 2]}]);
    let result = read(support::iris(), outputs, 1);
    assert_error(result, InferenceFailed, None, "the model gave no numbers for row 0");
}

#[test]
fn probabilities_that_are_all_nan_predict_no_class() {
    let outputs = json!([{"shape": [1, 3], "float32": [null, null, null]}]);
    let result = read(support::iris_without_label(), outputs, 1);
    assert_error(result, InferenceFailed, None, "every probability is NaN");
}
