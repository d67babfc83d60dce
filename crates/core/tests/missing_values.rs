//! Missing values: null, where the model takes one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test fails"
)]

mod support;

use edgeinfer_core::ErrorKind::{FeatureType, MissingFeature, NotFinite};
use edgeinfer_core::{ElementType, Features, Float, Model, Outcome, Prediction};
use serde_json::{Value, json, to_value};
use support::{assert_error, batch, features};

/// A model of one feature, which may be missing.
fn echo(element: ElementType) -> Model {
    let mut source = support::echo(element);
    source.schema.features[0].missing = true;
    source.model()
}

fn columns() -> Model {
    support::columns_with_missing_values().model()
}

fn predict(row: &str) -> Value {
    to_value(columns().predict(&features(row)).unwrap()).unwrap()
}

#[test]
fn null_is_nan_where_the_model_takes_numbers() {
    let prediction = |element| echo(element).predict(&features("[null]")).unwrap().prediction;
    let single = prediction(ElementType::Float32);
    assert!(matches!(single, Outcome::Number(Float::Single(value)) if value.is_nan()), "{single:?}");
    let double = prediction(ElementType::Float64);
    assert!(matches!(double, Outcome::Number(Float::Double(value)) if value.is_nan()), "{double:?}");
}

#[test]
fn null_is_the_empty_string_where_the_model_takes_strings() {
    let Prediction { prediction, .. } = echo(ElementType::String).predict(&features("[null]")).unwrap();
    assert_eq!(prediction, Outcome::Text(String::new()));
}

#[test]
fn a_value_that_is_not_missing_is_taken_as_ever() {
    for (element, row, answer) in [
        (ElementType::Float32, "[0.5]", json!(0.5)),
        (ElementType::Float64, "[7]", json!(7.0)),
        (ElementType::String, r#"["Bern"]"#, json!("Bern")),
    ] {
        let prediction = echo(element).predict(&features(row)).unwrap();
        assert_eq!(to_value(prediction.prediction).unwrap(), answer);
    }
}

#[test]
fn a_row_may_have_missing_values_by_position_and_by_name() {
    for row in ["[true, null, 0.5, 42]", r#"{"age": 42, "income": 0.5, "city": null, "member": true}"#] {
        assert_eq!(predict(row), json!({"prediction": 1.0 + 0.0 + 0.5 + 42.0}), "{row}");
    }
    for row in ["[true, null, null, 42]", r#"{"age": 42, "income": null, "city": "Bern", "member": true}"#] {
        assert_eq!(predict(row), json!({"prediction": null}), "{row}");
    }
}

#[test]
fn a_missing_value_is_its_own_rows_alone() {
    let rows = batch(r#"[[true, "Bern", null, 42], [false, null, 1, 2], [false, "Bern", 1, 2]]"#);
    let answers = to_value(columns().predict_batch(&rows).unwrap()).unwrap();
    assert_eq!(answers, json!([{"prediction": null}, {"prediction": 3.0}, {"prediction": 7.0}]));
}

#[test]
fn null_is_refused_where_a_feature_has_to_have_a_value() {
    for (row, place, message) in [
        (
            r#"[null, "Bern", 0.5, 42]"#,
            "features[0]",
            "member: expected true or false, got null; this feature has to have a value",
        ),
        (
            r#"{"city": null, "age": null}"#,
            r#"features["age"]"#,
            "age: expected a whole number that fits int64, got null; this feature has to have a value",
        ),
    ] {
        assert_error(columns().predict(&features(row)), FeatureType, Some(place), message);
    }
}

#[test]
fn one_column_of_a_table_may_be_missing_and_another_not() {
    let mut source = support::iris();
    source.schema.features[1].missing = true;
    let model = source.model();
    assert!(model.predict(&features("[1, null, 1, 1]")).is_ok());
    assert_error(
        model.predict(&features("[1, null, null, 1]")),
        FeatureType,
        Some("features[2]"),
        "petal length: expected a number, got null; this feature has to have a value",
    );
}

#[test]
fn a_name_that_is_absent_is_an_error_that_says_how_to_give_a_missing_value() {
    assert_error(
        columns().predict(&features(r#"{"city": "Bern", "member": true}"#)),
        MissingFeature,
        Some("features"),
        r#"missing "income", "age"; give null for "income" where there is no value"#,
    );
    assert_error(
        columns().predict(&features("{}")),
        MissingFeature,
        Some("features"),
        r#"missing "member", "city", "income", "age"; give null for "city", "income" where there is no value"#,
    );
    assert_error(
        columns().predict(&features(r#"{"city": null, "member": true, "income": null}"#)),
        MissingFeature,
        Some("features"),
        r#"missing "age""#,
    );
}

#[test]
fn nan_is_not_null() {
    for element in [ElementType::Float32, ElementType::Float64] {
        assert_error(
            echo(element).predict(&Features::from([f64::NAN])),
            NotFinite,
            Some("features[0]"),
            "x: expected a finite number, got NaN; null stands for a missing value",
        );
        assert_error(
            echo(element).predict(&Features::from([f64::INFINITY])),
            NotFinite,
            Some("features[0]"),
            "x: expected a finite number, got Infinity",
        );
    }
}
