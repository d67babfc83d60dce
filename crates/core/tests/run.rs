//! `Model::run`: named tensors in, named tensors out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test fails"
)]

mod support;

use edgeinfer_core::ErrorKind::{InferenceFailed, InvalidTensor};
use edgeinfer_core::{Classes, Map, MapSequence, Model, Tensor, TensorData, Value};
use serde_json::json;
use support::assert_error;

fn floats(shape: &[usize]) -> Tensor {
    let count = shape.iter().product::<usize>();
    Tensor::from_f32(shape.to_vec(), (1..).map(|at: u16| at.into()).take(count).collect()).unwrap()
}

fn named(name: &str, tensor: Tensor) -> (String, Tensor) {
    (name.to_owned(), tensor)
}

fn product() -> Model {
    support::product().model()
}

#[test]
fn gives_every_output_by_name_in_the_order_of_the_graph() {
    let outputs =
        product().run(vec![named("left", floats(&[1, 3])), named("right", floats(&[3, 2]))]).unwrap();
    let expected = [
        ("product", Tensor::from_f32(vec![1, 2], vec![22.0, 28.0]).unwrap()),
        ("shape", Tensor::new(vec![2], TensorData::Int64(vec![1, 2])).unwrap()),
    ];
    assert_eq!(outputs, expected.map(|(name, tensor)| (name.to_owned(), Value::Tensor(tensor))));
}

#[test]
fn takes_the_inputs_in_any_order() {
    let (left, right) = (named("left", floats(&[2, 3])), named("right", floats(&[3, 2])));
    assert_eq!(product().run(vec![left.clone(), right.clone()]), product().run(vec![right, left]));
}

#[test]
fn gives_a_zipmap_as_the_table_that_it_is() {
    let outputs = support::iris_with_zipmap().model().run(vec![named("X", floats(&[1, 4]))]).unwrap();
    let keys = Classes::Integers(vec![0, 1, 2]);
    let values = Tensor::from_f32(vec![1, 3], vec![0.1, 0.2, 0.7]).unwrap();
    let (name, value) = &outputs[1];
    assert_eq!(
        (name.as_str(), value),
        ("probabilities", &Value::MapSequence(MapSequence { keys: keys.into(), values }))
    );
}

#[test]
fn gives_a_sequence_as_its_tensors() {
    let model = support::multi_output_classifier().model();
    let outputs = model.run(vec![named("X", floats(&[1, 4]))]).unwrap();
    let probabilities = [[0.25, 0.75], [0.5, 0.5]].map(|p| Tensor::from_f32(vec![1, 2], p.to_vec()).unwrap());
    assert_eq!(outputs[1], ("probabilities".to_owned(), Value::Sequence(probabilities.to_vec())));
}

fn words(keys: Classes, shape: &[usize]) -> Map {
    Map { keys, values: floats(shape) }
}

fn run_words(value: impl Into<Value>) -> edgeinfer_core::Result<Vec<(String, Value)>> {
    support::words().model().run(vec![("counts".to_owned(), value.into())])
}

#[test]
fn takes_a_map() {
    let outputs = run_words(words(support::strings(&["blue", "yellow", "red"]), &[3])).unwrap();
    let table = Tensor::from_f32(vec![1, 3], vec![3.0, 0.0, 1.0]).unwrap();
    assert_eq!(outputs, [("variable".to_owned(), Value::Tensor(table))]);
    assert!(run_words(words(support::strings(&[]), &[0])).is_ok());
}

#[test]
fn rejects_a_map_of_other_keys_or_values() {
    let refused = |value: Value, message: &str| {
        assert_error(run_words(value), InvalidTensor, Some(r#"inputs["counts"]"#), message);
    };
    refused(
        words(Classes::Integers(vec![1]), &[1]).into(),
        "expected a map of string to float32, got one of int64 to float32",
    );
    let values = Tensor::new(vec![1], TensorData::Int64(vec![1])).unwrap();
    refused(
        Map { keys: support::strings(&["red"]), values }.into(),
        "expected a map of string to float32, got one of string to int64",
    );
    for (keys, shape) in [(&["red"][..], &[2][..]), (&["red"], &[1, 1]), (&["red"], &[]), (&[], &[1])] {
        let message = format!("expected a value for each of {} keys, got shape {shape:?}", keys.len());
        refused(words(support::strings(keys), shape).into(), &message);
    }
    refused(words(support::strings(&["red", "blue", "red"]), &[3]).into(), r#"the key "red" is there twice"#);
    refused(floats(&[1, 3]).into(), "expected a map of string to float32");
}

#[test]
fn rejects_a_map_in_place_of_a_tensor() {
    let map = words(support::strings(&["red"]), &[1]);
    let result = support::iris().model().run(vec![("X".to_owned(), Value::from(map))]);
    assert_error(result, InvalidTensor, Some(r#"inputs["X"]"#), "expected a tensor");
}

#[test]
fn rejects_a_missing_input() {
    assert_error(
        product().run(vec![named("left", floats(&[1, 3]))]),
        InvalidTensor,
        Some(r#"inputs["right"]"#),
        r#"missing; the model takes "left", "right""#,
    );
}

#[test]
fn rejects_an_unknown_input() {
    assert_error(
        product().run(vec![named("Left", floats(&[1, 3]))]),
        InvalidTensor,
        Some(r#"inputs["Left"]"#),
        r#"the model has no such input; it has "left", "right""#,
    );
    assert_error(
        product().run(vec![named(&"y".repeat(1000), floats(&[1, 3]))]),
        InvalidTensor,
        Some(&format!(r#"inputs["{}"…]"#, "y".repeat(64))),
        r#"the model has no such input; it has "left", "right""#,
    );
}

#[test]
fn rejects_an_input_that_is_given_twice() {
    assert_error(
        product().run(vec![named("left", floats(&[1, 3])), named("left", floats(&[1, 3]))]),
        InvalidTensor,
        Some(r#"inputs["left"]"#),
        "given twice",
    );
}

#[test]
fn rejects_elements_of_another_type() {
    let double = Tensor::new(vec![1, 3], TensorData::Float64(vec![0.0; 3])).unwrap();
    assert_error(
        product().run(vec![named("left", double), named("right", floats(&[3, 2]))]),
        InvalidTensor,
        Some(r#"inputs["left"]"#),
        "expected float32 elements, got float64",
    );
}

#[test]
fn rejects_a_shape_of_another_rank() {
    for shape in [&[][..], &[3], &[1, 1, 3]] {
        assert_error(
            product().run(vec![named("left", floats(shape)), named("right", floats(&[3, 2]))]),
            InvalidTensor,
            Some(r#"inputs["left"]"#),
            &format!("expected shape [N, K], got {shape:?}"),
        );
    }
}

#[test]
fn rejects_a_dimension_that_is_not_the_models() {
    let iris = support::iris().model();
    let result = iris.run(vec![named("X", floats(&[2, 5]))]);
    assert_error(
        result,
        InvalidTensor,
        Some(r#"inputs["X"]"#),
        "expected shape [N, 4] (with N = 2), got [2, 5]",
    );
    let one_row = support::iris_of_one_row().model();
    let result = one_row.run(vec![named("X", floats(&[2, 4]))]);
    assert_error(result, InvalidTensor, Some(r#"inputs["X"]"#), "expected shape [1, 4], got [2, 4]");
}

#[test]
fn rejects_two_sizes_for_one_symbol() {
    assert_error(
        product().run(vec![named("right", floats(&[4, 2])), named("left", floats(&[1, 3]))]),
        InvalidTensor,
        Some(r#"inputs["right"]"#),
        "expected shape [K, 2] (with N = 1, K = 3), got [4, 2]",
    );
}

#[test]
fn a_free_dimension_may_be_zero() {
    let outputs =
        product().run(vec![named("left", floats(&[0, 3])), named("right", floats(&[3, 2]))]).unwrap();
    assert_eq!(outputs[0].1, Value::Tensor(floats(&[0, 2])));
}

#[test]
fn an_engine_that_gives_too_few_or_too_many_outputs_has_failed() {
    let output = json!({"shape": [1], "int64": [0]});
    for outputs in [json!([]), json!([output]), json!([output, output, output])] {
        let count = outputs.as_array().unwrap().len();
        let model = support::iris().that_gives(outputs);
        let message = format!("expected 2 outputs, the engine gave {count}");
        assert_error(model.run(vec![named("X", floats(&[1, 4]))]), InferenceFailed, None, &message);
        let row = support::features("[1, 1, 1, 1]");
        assert_error(model.predict(&row), InferenceFailed, None, &message);
    }
}
