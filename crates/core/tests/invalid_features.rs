//! Rows that are not the model's: each gives its kind, its place and a message
//! that says how to mend it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test fails"
)]

mod support;

use edgeinfer_core::ErrorKind::{
    EmptyBatch, FeatureCount, FeatureType, MissingFeature, NotFinite, UnknownFeature, UnsupportedModel,
};
use edgeinfer_core::{Feature, Features, Model};
use support::{assert_error, batch, features};

const ALL_FOUR: &str = r#""sepal length", "sepal width", "petal length", "petal width""#;

fn iris() -> Model {
    support::iris().model()
}

#[test]
fn rejects_a_row_with_missing_features_and_names_them() {
    assert_error(
        iris().predict(&features(r#"{"sepal length": 5.1, "petal length": 1.4}"#)),
        MissingFeature,
        Some("features"),
        r#"missing "sepal width", "petal width""#,
    );
    assert_error(
        iris().predict(&features("{}")),
        MissingFeature,
        Some("features"),
        &format!("missing {ALL_FOUR}"),
    );
}

#[test]
fn rejects_an_unknown_feature_and_suggests_the_one_that_was_meant() {
    assert_error(
        iris().predict(&features(r#"{"sepal_length": 5.1}"#)),
        UnknownFeature,
        Some(r#"features["sepal_length"]"#),
        r#"the model has no such feature; did you mean "sepal length"?"#,
    );
    assert_error(
        iris().predict(&features(r#"{"petal widht": 5.1}"#)),
        UnknownFeature,
        Some(r#"features["petal widht"]"#),
        r#"the model has no such feature; did you mean "petal width"?"#,
    );
}

#[test]
fn lists_the_features_where_none_is_like_the_unknown_one() {
    assert_error(
        iris().predict(&features(r#"{"colour": 1}"#)),
        UnknownFeature,
        Some(r#"features["colour"]"#),
        &format!("the model has no such feature; it has {ALL_FOUR}"),
    );
}

#[test]
fn rejects_a_feature_too_many() {
    let row = r#"{"sepal length": 5, "sepal width": 3, "petal length": 1, "petal width": 0, "colour": 1}"#;
    assert_error(
        iris().predict(&features(row)),
        UnknownFeature,
        Some(r#"features["colour"]"#),
        &format!("the model has no such feature; it has {ALL_FOUR}"),
    );
}

#[test]
fn a_name_is_not_repeated_at_full_length() {
    let name = "x".repeat(1_000_000);
    let row = features(&format!(r#"{{"{name}": 1}}"#));
    assert_error(
        iris().predict(&row),
        UnknownFeature,
        Some(&format!(r#"features["{}"…]"#, "x".repeat(64))),
        &format!("the model has no such feature; it has {ALL_FOUR}"),
    );
}

#[test]
fn rejects_a_feature_that_is_given_twice() {
    assert_error(
        iris().predict(&features(r#"{"sepal length": 5, "sepal length": 5}"#)),
        UnknownFeature,
        Some(r#"features["sepal length"]"#),
        "given twice",
    );
}

#[test]
fn rejects_too_few_and_too_many_values() {
    for (row, count) in [("[]", 0), ("[5.1, 3.5, 1.4]", 3), ("[5.1, 3.5, 1.4, 0.2, 1]", 5)] {
        let message = format!("expected 4 values ({ALL_FOUR}), got {count}");
        assert_error(iris().predict(&features(row)), FeatureCount, Some("features"), &message);
    }
}

#[test]
fn a_long_list_of_features_is_shortened() {
    let mut source = support::iris();
    source.schema.inputs[0] = support::tensor(
        "X",
        edgeinfer_core::ElementType::Float32,
        vec![support::n(), edgeinfer_core::Dim::Fixed(64)],
    );
    source.schema.features = (0..64).map(|column| Feature::new(&format!("x{column}"), 0, column)).collect();
    assert_error(
        source.model().predict(&features("[1]")),
        FeatureCount,
        Some("features"),
        r#"expected 64 values ("x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7" and 56 more), got 1"#,
    );
}

#[test]
fn rejects_values_that_are_not_numbers_by_position_and_by_name() {
    for (value, shown) in [
        ("null", "null; this feature has to have a value"),
        ("true", "true"),
        (r#""1.4""#, r#"the string "1.4""#),
        ("[1.4]", "an array"),
        (r#"{"value": 1.4}"#, "an object"),
    ] {
        let message = format!("petal length: expected a number, got {shown}");
        let row = features(&format!("[5.1, 3.5, {value}, 0.2]"));
        assert_error(iris().predict(&row), FeatureType, Some("features[2]"), &message);
        let row = features(&format!(r#"{{"petal length": {value}}}"#));
        assert_error(iris().predict(&row), FeatureType, Some(r#"features["petal length"]"#), &message);
    }
}

#[test]
fn a_long_string_is_shortened() {
    let row = features(&format!(r#"["{}", 1, 1, 1]"#, "ü".repeat(1000)));
    let message = format!(r#"sepal length: expected a number, got the string "{}"…"#, "ü".repeat(64));
    assert_error(iris().predict(&row), FeatureType, Some("features[0]"), &message);
}

#[test]
fn rejects_numbers_that_are_not_finite() {
    for (value, shown) in [(f64::NAN, "NaN"), (f64::INFINITY, "Infinity"), (f64::NEG_INFINITY, "-Infinity")] {
        let message = format!("sepal width: expected a finite number, got {shown}");
        let row = Features::from([1.0, value, 1.0, 1.0]);
        assert_error(iris().predict(&row), NotFinite, Some("features[1]"), &message);
        let double = support::iris_in_double_precision().model();
        assert_error(double.predict(&row), NotFinite, Some("features[1]"), &message);
    }
}

#[test]
fn rejects_a_number_that_single_precision_cannot_hold() {
    let row = features("[5.1, 3.5, 1e300, 0.2]");
    let message = "petal length: 1e300 is beyond the range of float32 (about ±3.4e38)";
    assert_error(iris().predict(&row), NotFinite, Some("features[2]"), message);
    assert!(support::iris_in_double_precision().model().predict(&row).is_ok());
}

#[test]
fn the_first_wrong_value_of_a_row_is_the_one_that_is_named() {
    let row = features(r#"{"sepal width": "a", "colour": 1, "sepal length": null}"#);
    assert_error(
        iris().predict(&row),
        FeatureType,
        Some(r#"features["sepal width"]"#),
        r#"sepal width: expected a number, got the string "a""#,
    );
}

#[test]
fn an_error_within_a_batch_names_the_row() {
    assert_error(
        iris().predict_batch(&batch("[[1, 1, 1, 1], [1, 1, null, 1], [1]]")),
        FeatureType,
        Some("[1].features[2]"),
        "petal length: expected a number, got null; this feature has to have a value",
    );
    assert_error(
        iris().predict_batch(&batch(r#"[[1, 1, 1, 1], {"colour": 1}]"#)),
        UnknownFeature,
        Some(r#"[1].features["colour"]"#),
        &format!("the model has no such feature; it has {ALL_FOUR}"),
    );
}

#[test]
fn an_error_within_a_batch_of_one_names_the_row_too() {
    let message = format!("expected 4 values ({ALL_FOUR}), got 1");
    assert_error(iris().predict_batch(&batch("[[1]]")), FeatureCount, Some("[0].features"), &message);
}

#[test]
fn a_model_of_one_row_names_the_row_of_a_batch_all_the_same() {
    let model = support::iris_of_one_row().model();
    let message = format!("expected 4 values ({ALL_FOUR}), got 1");
    let rows = batch("[[1, 1, 1, 1], [1]]");
    assert_error(model.predict_batch(&rows), FeatureCount, Some("[1].features"), &message);
    assert_error(model.predict(&features("[1]")), FeatureCount, Some("features"), &message);
}

#[test]
fn the_place_of_a_wrong_row_nests_in_the_request() {
    let error = iris().predict_batch(&batch("[[1, 1, 1, 1], [1, 1, null, 1]]")).unwrap_err();
    assert_eq!(
        error.within("instances").to_string(),
        "instances[1].features[2]: petal length: expected a number, got null; \
         this feature has to have a value"
    );
}

#[test]
fn the_first_wrong_row_of_a_batch_is_the_one_that_is_named() {
    let rows = batch(r#"[[1, 1, 1, 1], ["a", 1, 1, 1], [1], {}]"#);
    assert_error(
        iris().predict_batch(&rows),
        FeatureType,
        Some("[1].features[0]"),
        r#"sepal length: expected a number, got the string "a""#,
    );
}

#[test]
fn rejects_a_batch_without_rows() {
    for model in [iris(), support::iris_of_one_row().model()] {
        assert_error(model.predict_batch(&[]), EmptyBatch, None, "the batch is empty; give at least one row");
    }
}

#[test]
fn a_model_without_features_says_to_run_it_on_tensors() {
    let model = support::product().model();
    let message = "this model does not take rows of features; run it with named tensors instead";
    assert_error(model.predict(&features("[1]")), UnsupportedModel, None, message);
    assert_error(model.predict(&features("{}")), UnsupportedModel, None, message);
    assert_error(model.predict_batch(&batch("[[1]]")), UnsupportedModel, None, message);
}

#[test]
fn a_model_without_a_task_says_to_run_it_on_tensors() {
    let model = support::multi_output_classifier().model();
    let mut source = support::iris();
    source.schema.task = edgeinfer_core::Task::Tensors;
    let message = "this model is neither a classifier nor a regressor; run it with named tensors instead";
    let other =
        source.that_gives(serde_json::json!([{"shape": [], "bool": [true]}, {"shape": [], "bool": [true]}]));
    for model in [model, other] {
        assert_error(model.predict(&features("[1, 1, 1, 1]")), UnsupportedModel, None, message);
    }
}
