//! `Model::predict` and `Model::predict_batch` on right input: what each kind
//! of model answers, as JSON.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test fails"
)]

mod support;

use edgeinfer_core::{FeatureValue, Features, Prediction, Task};
use serde_json::{Value, json, to_value};
use support::{Source, batch, features};

const ROW: [f64; 4] = [1.0, 6.0, 0.5, 0.5];

fn answer(source: &Source) -> Value {
    to_value(source.model().predict(&Features::from(ROW)).unwrap()).unwrap()
}

fn versicolor() -> Value {
    json!({
        "prediction": 1, "label": "versicolor", "probabilities": [0.125, 0.75, 0.125], "confidence": 0.75
    })
}

#[test]
fn a_classifier_gives_its_class_its_label_and_the_probabilities() {
    assert_eq!(answer(&support::iris()), versicolor());
}

#[test]
fn a_classifier_of_string_classes_gives_the_class_as_a_string() {
    let mut expected = versicolor();
    expected["prediction"] = json!("versicolor");
    assert_eq!(answer(&support::iris_with_string_classes()), expected);
}

#[test]
fn probabilities_from_a_zipmap_are_in_the_order_of_the_labels() {
    assert_eq!(answer(&support::iris_with_zipmap()), versicolor());
}

#[test]
fn a_model_in_double_precision_answers_in_double_precision() {
    let model = support::iris_in_double_precision().model();
    let prediction = model.predict(&Features::from([0.1, 0.2, 0.3, 0.4])).unwrap();
    let text = serde_json::to_string(&prediction).unwrap();
    let expected = 0.2 / (0.1 + 0.2 + (0.3 + 0.4));
    assert!(text.contains(&format!("[0.1,{expected},0.7]")), "{text}");
}

#[test]
fn a_model_in_single_precision_answers_with_the_digits_that_it_has() {
    let prediction = support::iris().model().predict(&Features::from([0.1, 0.2, 0.3, 0.4])).unwrap();
    let text = serde_json::to_string(&prediction).unwrap();
    assert!(text.contains("[0.1,0.2,0.7]"), "{text}");
}

#[test]
fn a_model_without_a_label_predicts_the_most_probable_class() {
    assert_eq!(answer(&support::iris_without_label()), versicolor());
}

#[test]
fn the_first_of_equally_probable_classes_is_predicted() {
    let model = support::iris_without_label().model();
    let prediction = model.predict(&Features::from([1.0, 1.0, 1.0, 1.0])).unwrap();
    assert_eq!(prediction.label.as_deref(), Some("virginica"));
    let prediction = model.predict(&Features::from([1.0, 1.0, 0.0, 0.0])).unwrap();
    assert_eq!(prediction.label.as_deref(), Some("setosa"));
}

#[test]
fn a_model_without_probabilities_gives_none_and_no_confidence() {
    let expected = json!({"prediction": 1, "label": "versicolor"});
    assert_eq!(answer(&support::iris_without_probabilities()), expected);
}

#[test]
fn a_binary_classifier_gives_the_probabilities_of_both_classes() {
    let expected =
        json!({"prediction": 0, "label": "sepal", "probabilities": [0.875, 0.125], "confidence": 0.875});
    assert_eq!(answer(&support::binary()), expected);
    assert_eq!(answer(&support::binary_of_one_column()), expected);
}

#[test]
fn an_outlier_detector_gives_its_label_as_text_and_no_probabilities() {
    let model = support::outlier_detector().model();
    let rows = [[1.0, 6.0, 0.5, 0.5], [6.0, 1.0, 0.5, 0.5]].map(Features::from);
    let (outlier, inlier) =
        (json!({"prediction": -1, "label": "-1"}), json!({"prediction": 1, "label": "1"}));
    assert_eq!(to_value(model.predict(&rows[0]).unwrap()).unwrap(), outlier);
    assert_eq!(to_value(model.predict_batch(&rows).unwrap()).unwrap(), json!([outlier, inlier]));
}

#[test]
fn a_regressor_gives_a_number() {
    assert_eq!(answer(&support::regressor()), json!({"prediction": 8.0}));
}

#[test]
fn a_regressor_of_several_targets_gives_a_number_for_each() {
    assert_eq!(answer(&support::regressor_of_two_targets()), json!({"prediction": [7.0, 1.0]}));
}

#[test]
fn a_row_by_name_in_any_order_is_the_row_by_position() {
    let model = support::iris().model();
    let by_position = model.predict(&features("[1, 6, 0.5, 0.25]")).unwrap();
    for named in [
        r#"{"sepal length": 1, "sepal width": 6, "petal length": 0.5, "petal width": 0.25}"#,
        r#"{"petal width": 0.25, "sepal width": 6, "sepal length": 1, "petal length": 0.5}"#,
    ] {
        assert_eq!(model.predict(&features(named)).unwrap(), by_position, "{named}");
    }
}

#[test]
fn a_batch_answers_as_its_rows_one_by_one() {
    for (name, source) in support::all() {
        if source.schema.inputs[0].row_width() != Some(4) || source.schema.task == Task::Tensors {
            continue;
        }
        let model = source.model();
        let rows = [[1.0, 6.0, 0.5, 0.5], [2.0, 1.0, 0.5, 0.5], [1.0, 1.0, 1.0, 1.0]].map(Features::from);
        let one_by_one: Vec<Prediction> = rows.iter().map(|row| model.predict(row).unwrap()).collect();
        assert_eq!(model.predict_batch(&rows).unwrap(), one_by_one, "{name}");
    }
}

#[test]
fn a_batch_may_mix_rows_by_name_and_by_position() {
    let rows = batch(
        r#"[[1, 6, 0.5, 0.5],
            {"petal width": 0.5, "petal length": 0.5, "sepal width": 6, "sepal length": 1}]"#,
    );
    let answers = support::iris().model().predict_batch(&rows).unwrap();
    assert_eq!(to_value(answers).unwrap(), json!([versicolor(), versicolor()]));
}

#[test]
fn a_batch_of_one_answers_with_a_batch_of_one() {
    let answers = support::iris().model().predict_batch(&[Features::from(ROW)]).unwrap();
    assert_eq!(to_value(answers).unwrap(), json!([versicolor()]));
}

#[test]
fn features_may_be_inputs_of_their_own_in_another_order_and_of_other_types() {
    let model = support::columns().model();
    let answer = json!({"prediction": 1.0 + 4.0 + 0.5 + 42.0});
    for row in [
        r#"[true, "Bern", 0.5, 42]"#,
        r#"{"age": 42, "income": 0.5, "city": "Bern", "member": true}"#,
        r#"{"member": true, "city": "Bern", "income": 5e-1, "age": 42.0}"#,
    ] {
        assert_eq!(to_value(model.predict(&features(row)).unwrap()).unwrap(), answer, "{row}");
    }
    for model in [model, support::columns_of_one_row().model()] {
        let rows = batch(
            r#"[[true, "Bern", 0.5, 42], [false, "", 0, -1],
                {"age": -1, "income": 0, "city": "", "member": false}]"#,
        );
        let answers = to_value(model.predict_batch(&rows).unwrap()).unwrap();
        assert_eq!(answers, json!([answer, {"prediction": -1.0}, {"prediction": -1.0}]));
    }
}

#[test]
fn one_model_answers_several_threads() {
    let model = support::iris().model();
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..4).map(|_| scope.spawn(|| model.predict(&Features::from(ROW)).unwrap())).collect();
        for thread in threads {
            assert_eq!(to_value(thread.join().unwrap()).unwrap(), versicolor());
        }
    });
}

#[test]
fn a_row_can_be_built_without_json() {
    let row = Features::Named(vec![
        ("member".into(), FeatureValue::Bool(true)),
        ("city".into(), FeatureValue::String("Bern".into())),
        ("income".into(), FeatureValue::Number(0.5)),
        ("age".into(), FeatureValue::Integer(42)),
    ]);
    let answer = support::columns().model().predict(&row).unwrap();
    assert_eq!(to_value(answer).unwrap(), json!({"prediction": 47.5}));
}
