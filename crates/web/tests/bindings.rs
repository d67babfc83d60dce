//! What JavaScript sees of the bindings: plain values in, plain values and
//! thrown objects out. Runs under Node.

#![cfg(all(target_family = "wasm", target_os = "unknown", feature = "onnx"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test fails"
)]

use edgeinfer_compiler::{compile, parse_metadata};
use edgeinfer_web::{Model, numbers};
use js_sys::{Array, JSON, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

macro_rules! source {
    ($name:literal) => {
        (
            include_bytes!(concat!("../../../tests/fixtures/", $name, "/model.onnx")).as_slice(),
            include_str!(concat!("../../../tests/fixtures/", $name, "/model_metadata.json")),
        )
    };
}

fn compiled((onnx, metadata): (&[u8], &str)) -> Vec<u8> {
    compile(onnx, parse_metadata(metadata.as_bytes()).unwrap()).unwrap()
}

fn model(source: (&[u8], &str)) -> Model {
    Model::new(&Uint8Array::from(compiled(source).as_slice())).unwrap()
}

fn iris() -> Model {
    model(source!("iris-forest"))
}

/// The value of a JavaScript expression.
fn js(expression: &str) -> JsValue {
    js_sys::eval(&format!("({expression})")).unwrap()
}

fn json(value: &JsValue) -> String {
    JSON::stringify(value).unwrap().into()
}

fn fields(value: &JsValue) -> String {
    json(&Object::keys(value.unchecked_ref::<Object>()))
}

fn get(value: &JsValue, path: &[&str]) -> JsValue {
    path.iter().fold(value.clone(), |value, name| Reflect::get(&value, &(*name).into()).unwrap())
}

fn text(value: &JsValue, name: &str) -> String {
    get(value, &[name]).as_string().unwrap_or_else(|| panic!("{name} is no string in {}", json(value)))
}

/// Checks what was thrown, `message` by a part of it.
#[track_caller]
fn assert_thrown(result: Result<JsValue, JsValue>, code: &str, field: &str, message: &str) {
    let thrown = result.unwrap_err();
    assert_eq!(fields(&thrown), r#"["code","message","field"]"#);
    assert_eq!((text(&thrown, "code").as_str(), text(&thrown, "field").as_str()), (code, field));
    let said = text(&thrown, "message");
    assert!(said.contains(message) && !said.contains("Error"), "expected {message:?} in {said:?}");
}

#[wasm_bindgen_test]
fn predicts_a_row_given_as_an_array_a_typed_array_or_an_object() {
    let model = iris();
    for row in [
        "[7.2, 3.0, 5.8, 1.6]",
        "new Float32Array([7.2, 3.0, 5.8, 1.6])",
        "new Float64Array([7.2, 3.0, 5.8, 1.6])",
        "{ 'petal width (cm)': 1.6, 'petal length (cm)': 5.8, 'sepal width (cm)': 3n, 'sepal length (cm)': 7.2 }",
    ] {
        let answer = model.predict(js(row)).unwrap();
        assert_eq!(fields(&answer), r#"["prediction","label","probabilities","confidence"]"#, "{row}");
        assert_eq!(get(&answer, &["prediction"]), 1, "{row}");
        assert_eq!(text(&answer, "label"), "versicolor", "{row}");
        let probability = get(&answer, &["probabilities", "1"]).as_f64().unwrap();
        assert!((probability - 0.519_999_8).abs() < 1e-5, "{row}: {probability}");
        assert_eq!(get(&answer, &["confidence"]).as_f64(), Some(probability), "{row}");
    }
}

#[wasm_bindgen_test]
fn predicts_each_row_of_a_batch() {
    let answers = iris().predict_batch(js("[[5.1, 3.4, 1.5, 0.2], new Float32Array([7.2, 3.6, 6.1, 2.5])]"));
    let answers: Array = answers.unwrap().dyn_into().unwrap();
    let labels: Vec<_> = answers.iter().map(|answer| text(&answer, "label")).collect();
    assert_eq!(labels, ["setosa", "virginica"]);
}

#[wasm_bindgen_test]
fn a_regressor_answers_with_a_number_alone() {
    let model = model(source!("diabetes-ridge"));
    let answer = model.predict(js("[54, 2, 36.1, 115, 163, 98.4, 43, 4, 4.6821, 101]")).unwrap();
    assert_eq!(fields(&answer), r#"["prediction"]"#);
    let value = get(&answer, &["prediction"]).as_f64().unwrap();
    assert!((value - 241.28778).abs() < 1e-3, "{value}");
}

#[wasm_bindgen_test]
fn predicts_numbers_that_are_not_there_not_at_all() {
    let model = iris();
    let length = usize::MAX / 8;
    assert_eq!(model.predict_numbers(length), 0);
    assert_ne!(numbers(4), 0);
    assert_ne!(model.predict_numbers(4), 0);
    assert_eq!(model.predict_numbers(3), 0);
    assert_eq!(model.predict_numbers(0), 0);
}

#[wasm_bindgen_test]
fn runs_what_was_placed() {
    let model = iris();
    assert_eq!(model.run_placed(), 0, "nothing was placed");
    assert_ne!(model.place(0, &[2, 4], 8), 0);
    assert_ne!(model.run_placed(), 0);
    assert_ne!(model.place(0, &[1, 5], 5), 0);
    assert_eq!(model.run_placed(), 0, "another shape than the model's");
    assert_eq!(model.place(0, &[2, 4], 7), 0, "a shape that the elements do not fill");
    assert_eq!(model.place(0, &[usize::MAX, 2], 8), 0, "a shape beyond memory");
    assert_eq!(model.place(1, &[1, 4], 4), 0, "no such input");
    assert!(!model.fill(0) && !model.fill(1), "no input of strings");
}

#[wasm_bindgen_test]
fn keys_are_those_of_a_sequence_of_maps() {
    let model = model(source!("iris-forest-zipmap"));
    model.run(&js("{ X: { data: new Float32Array(8), shape: [2, 4] } }")).unwrap();
    assert!(model.keys(0).unwrap().is_null() && model.keys(2).unwrap().is_null());
    assert_eq!(json(&model.keys(1).unwrap()), "[0,1,2]");
    assert_eq!(model.strings(0), Vec::<String>::new());
}

#[wasm_bindgen_test]
fn opens_onnx_with_what_is_known_of_it() {
    let (onnx, metadata) = source!("iris-forest");
    let onnx = Uint8Array::from(onnx);
    let model = Model::open(&onnx, Some(metadata.to_owned())).unwrap();
    assert_eq!(text(&model.predict(js("[7.2, 3.0, 5.8, 1.6]")).unwrap(), "label"), "versicolor");
    let bare = Model::open(&onnx, None).unwrap();
    assert_eq!(text(&bare.predict(js("[7.2, 3.0, 5.8, 1.6]")).unwrap(), "label"), "1");
    let compiled = Uint8Array::from(compiled(source!("iris-forest")).as_slice());
    assert_eq!(text(&Model::open(&compiled, None).unwrap().info().unwrap(), "name"), "iris-forest");
}

#[wasm_bindgen_test]
fn refuses_to_open_what_is_no_model_or_does_not_fit_its_metadata() {
    let (onnx, _) = source!("iris-forest");
    for (bytes, metadata, code, message) in [
        (b"<!doctype html>".as_slice(), None, "invalid_model", "looks like HTML"),
        (b"\x08\x09", None, "invalid_model", "not an ONNX model"),
        (onnx, Some("7"), "invalid_request", "expected a JSON object"),
        (onnx, Some(r#"{"labels":["one"]}"#), "invalid_request", "labels"),
    ] {
        let thrown = Model::open(&Uint8Array::from(bytes), metadata.map(str::to_owned)).err().unwrap();
        assert_eq!(text(&thrown, "code"), code);
        assert!(text(&thrown, "message").contains(message), "{}", json(&thrown));
    }
}

#[wasm_bindgen_test]
fn tells_what_the_model_is() {
    let info = iris().info().unwrap();
    assert_eq!(text(&info, "name"), "iris-forest");
    assert_eq!(text(&info, "type"), "classifier");
    assert_eq!(text(&info, "engine"), "edgeinfer");
    assert_eq!(json(&get(&info, &["labels"])), r#"["setosa","versicolor","virginica"]"#);
    assert_eq!(json(&get(&info, &["features", "0"])), r#"{"name":"sepal length (cm)","type":"float32"}"#);
    assert_eq!(
        json(&get(&info, &["inputs"])),
        r#"[{"name":"X","type":"tensor","element":"float32","shape":["N",4]}]"#
    );
    assert_eq!(get(&info, &["metadata", "accuracy"]), 0.9474);
    assert_eq!(json(&iris().health().unwrap()), r#"{"status":"healthy","model_loaded":true}"#);
}

#[wasm_bindgen_test]
fn throws_code_message_and_field_for_a_wrong_row() {
    let model = iris();
    for (row, code, field, message) in [
        ("[5.1, 3.5, 1.4]", "feature_count", "features", "expected 4 values"),
        ("[5.1, NaN, 1.4, 0.2]", "not_finite", "features[1]", "finite"),
        ("new Float32Array([5.1, 3.5, Infinity, 0.2])", "not_finite", "features[2]", "finite"),
        ("[5.1, 1e300, 1.4, 0.2]", "not_finite", "features[1]", "float32"),
        ("[5.1, 3.5, '1.4', 0.2]", "feature_type", "features[2]", "the string \"1.4\""),
        ("[5.1, 3.5, null, 0.2]", "feature_type", "features[2]", "got null"),
        ("[5.1, 3.5, undefined, 0.2]", "feature_type", "features[2]", "got null"),
        ("[5.1, 3.5, [], 0.2]", "feature_type", "features[2]", "got an array"),
        ("[5.1, 3.5, {}, 0.2]", "feature_type", "features[2]", "got an object"),
        ("{ 'sepal length (cm)': 5.1 }", "missing_feature", "features", "petal width (cm)"),
        ("{ 'sepal length': 5.1 }", "unknown_feature", "features[\"sepal length\"]", "did you mean"),
        ("'5.1'", "invalid_request", "features", "expected an array of values"),
        ("undefined", "invalid_request", "features", "expected an array of values"),
        ("[2n ** 70n, 3.5, 1.4, 0.2]", "invalid_request", "features", "BigInt"),
    ] {
        assert_thrown(model.predict(js(row)), code, field, message);
    }
}

#[wasm_bindgen_test]
fn places_an_error_of_a_batch_in_its_row() {
    let model = iris();
    for (rows, code, field) in [
        ("[]", "empty_batch", "rows"),
        ("7", "invalid_request", "rows"),
        ("[[5.1, 3.5, 1.4, 0.2], [1]]", "feature_count", "rows[1].features"),
        ("[[5.1, 3.5, 1.4, 0.2], [5.1, 3.5, NaN, 0.2]]", "not_finite", "rows[1].features[2]"),
        ("[[5.1, 3.5, 1.4, 0.2], 7]", "invalid_request", "rows[1].features"),
    ] {
        assert_thrown(model.predict_batch(js(rows)), code, field, "");
    }
}

#[wasm_bindgen_test]
fn names_the_input_that_is_wrong() {
    let model = iris();
    for (inputs, field, message) in [
        ("{}", "inputs[\"X\"]", "missing"),
        ("{ Y: { data: new Float32Array(4), shape: [1, 4] } }", "inputs[\"Y\"]", "no such input"),
        ("{ X: { data: new Float64Array(4), shape: [1, 4] } }", "inputs[\"X\"]", "float64"),
        ("{ X: { data: new Float32Array(5), shape: [1, 5] } }", "inputs[\"X\"]", "shape [N, 4]"),
        ("{ X: { data: new Float32Array(5), shape: [1, 4] } }", "inputs[\"X\"]", "but 5 were given"),
        ("{ X: { data: [1, 2, 3, 4], shape: [1, 4] } }", "inputs[\"X\"]", "typed array"),
        ("{ X: { data: new Float32Array(4), shape: [1, -4] } }", "inputs[\"X\"]", "whole numbers"),
        ("{ X: { data: new Float32Array(4), shape: [1, 4.5] } }", "inputs[\"X\"]", "whole numbers"),
        ("{ X: { data: new Float32Array(4) } }", "inputs[\"X\"]", "shape"),
        ("{ X: null }", "inputs[\"X\"]", "typed array"),
    ] {
        assert_thrown(model.run(&js(inputs)).map(JsValue::from), "invalid_tensor", field, message);
    }
    assert_thrown(
        model.run(&js("7")).map(JsValue::from),
        "invalid_request",
        "inputs",
        "an object of tensors",
    );
}

#[wasm_bindgen_test]
fn refuses_bytes_that_are_no_compiled_model() {
    let model = compiled(source!("diabetes-ridge"));
    let (mut damaged, mut newer) = (model.clone(), model.clone());
    *damaged.last_mut().unwrap() ^= 1;
    newer.splice(4..8, 9u32.to_le_bytes());
    for (bytes, code, message) in [
        (&b""[..], "invalid_model", "the file is empty"),
        (b"<!doctype html>", "invalid_model", "looks like HTML"),
        (b"\x08\x09", "invalid_model", "looks like ONNX"),
        (&model[..model.len() - 1], "invalid_model", "not as long"),
        (&damaged, "invalid_model", "checksum"),
        (&newer, "unsupported_version", "format version 9"),
    ] {
        let thrown = Model::new(&Uint8Array::from(bytes)).err().unwrap();
        assert_eq!(text(&thrown, "code"), code);
        assert!(text(&thrown, "message").contains(message), "{}", json(&thrown));
        assert!(get(&thrown, &["field"]).is_null());
    }
}
