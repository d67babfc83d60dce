//! Models that take a map: a row is an object, whose names are the keys.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test fails"
)]

mod support;

use edgeinfer_core::ErrorKind::{FeatureType, InvalidRequest, NotFinite, UnknownFeature, UnsupportedModel};
use edgeinfer_core::{Dim, ElementType, Features, Model, ValueType};
use serde_json::{Value, json, to_value};
use support::{assert_error, batch, features, tensor};

fn words() -> Model {
    support::words().model()
}

fn predict(model: &Model, row: &str) -> Value {
    to_value(model.predict(&features(row)).unwrap()).unwrap()
}

/// The model of words with values of type `element`, whatever it gives.
fn words_to(element: ElementType) -> Model {
    let mut source = support::words();
    source.schema.inputs[0].value = ValueType::Map { key: ElementType::String, value: element };
    source.that_gives(json!([{"shape": [1], "float32": [1.5]}]))
}

#[test]
fn an_object_is_a_map_of_strings() {
    assert_eq!(predict(&words(), r#"{"green": 0.5, "red": 2}"#), json!({"prediction": [2.0, 0.5, 0.0]}));
    assert_eq!(predict(&words(), r#"{"yellow": 7}"#), json!({"prediction": [0.0, 0.0, 0.0]}));
    assert_eq!(predict(&words(), "{}"), json!({"prediction": [0.0, 0.0, 0.0]}));
}

#[test]
fn an_object_is_a_map_of_whole_numbers() {
    let model = support::numbers().model();
    let row = r#"{"7": 0.25, "-1": 2, "9223372036854775807": 1}"#;
    assert_eq!(predict(&model, row), json!({"prediction": [2.0, 0.0, 0.25]}));
}

#[test]
fn a_batch_is_a_map_for_each_row() {
    let rows = batch(r#"[{"red": 1}, {}, {"blue": 3, "red": 2}]"#);
    let answers = to_value(words().predict_batch(&rows).unwrap()).unwrap();
    let row = |values: [f64; 3]| json!({"prediction": values});
    assert_eq!(answers, json!([row([1.0, 0.0, 0.0]), row([0.0; 3]), row([2.0, 0.0, 3.0])]));
}

#[test]
fn an_array_is_refused() {
    let message = "this model has no order of features; give an object by feature name, not an array";
    for row in ["[]", "[1, 2, 3]"] {
        assert_error(words().predict(&features(row)), InvalidRequest, Some("features"), message);
    }
    let rows = batch(r#"[{"red": 1}, [1]]"#);
    assert_error(words().predict_batch(&rows), InvalidRequest, Some("[1].features"), message);
}

#[test]
fn values_are_of_the_models_type() {
    for (element, value) in [
        (ElementType::Float64, "1e300"),
        (ElementType::Int64, "9007199254740993"),
        (ElementType::String, r#""Bern""#),
        (ElementType::Bool, "true"),
    ] {
        let row = features(&format!(r#"{{"red": {value}}}"#));
        assert!(words_to(element).predict(&row).is_ok(), "{element}");
    }
    for (element, value, message) in [
        (ElementType::Float32, r#""2""#, r#""red": expected a number, got the string "2""#),
        (ElementType::Int64, "0.5", r#""red": expected a whole number that fits int64, got 0.5"#),
        (ElementType::String, "7", r#""red": expected a string, got 7"#),
        (ElementType::Float32, "null", r#""red": expected a number, got null; leave out what has no value"#),
    ] {
        let row = features(&format!(r#"{{"blue": {value}, "red": {value}}}"#));
        let row = if let Features::Named(mut row) = row { Features::Named(row.split_off(1)) } else { row };
        let place = Some(r#"features["red"]"#);
        assert_error(words_to(element).predict(&row), FeatureType, place, message);
    }
    assert_error(
        words().predict(&features(r#"{"blue": 1, "red": 1e300}"#)),
        NotFinite,
        Some(r#"features["red"]"#),
        r#""red": 1e300 is beyond the range of float32 (about ±3.4e38)"#,
    );
}

#[test]
fn a_name_is_given_once() {
    let place = Some(r#"features["red"]"#);
    let row = features(r#"{"red": 1, "blue": 1, "red": 1}"#);
    assert_error(words().predict(&row), UnknownFeature, place, "given twice");
    let row = features(r#"{"7": 1, "+07": 1}"#);
    let numbers = support::numbers().model();
    assert_error(numbers.predict(&row), UnknownFeature, Some(r#"features["7"]"#), "given twice");
}

#[test]
fn a_name_is_a_whole_number_where_the_keys_are() {
    let message = "the model's features are named by whole numbers that fit int64";
    for name in ["red", "", "1.0", " 1", "9223372036854775808"] {
        let row = features(&format!(r#"{{"1": 1, "{name}": 1}}"#));
        let place = format!("features[{name:?}]");
        assert_error(support::numbers().model().predict(&row), UnknownFeature, Some(&place), message);
    }
}

#[test]
fn a_long_name_is_shortened() {
    let name = "x".repeat(1000);
    let short = format!(r#""{}"…"#, "x".repeat(64));
    assert_error(
        words().predict(&features(&format!(r#"{{"{name}": true}}"#))),
        FeatureType,
        Some(&format!("features[{short}]")),
        &format!("{short}: expected a number, got true"),
    );
}

#[test]
fn a_map_among_several_inputs_is_no_row() {
    let mut source = support::words();
    source.schema.inputs.push(tensor("X", ElementType::Float32, vec![Dim::Fixed(1)]));
    let message = "this model does not take rows of features; run it with named tensors instead";
    for row in [r#"{"red": 1}"#, "[1]"] {
        assert_error(source.model().predict(&features(row)), UnsupportedModel, None, message);
    }
}
