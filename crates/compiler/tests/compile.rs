//! What compiling refuses, and what it makes of models whose metadata or graph
//! says less than the fixtures' do.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;
use std::path::Path;

use edgeinfer_compiler::{compile, parse_metadata};
use edgeinfer_core::{Error, ErrorKind, Metadata, Model, ModelType};
use edgeinfer_onnx::{Dim, GraphProto, Message as _, ModelProto, Type, ValueInfoProto};

#[test]
fn without_metadata_features_and_labels_have_default_names() {
    let info = load(&onnx("iris-forest", |_| {}), Metadata::default()).info();
    let names: Vec<_> = info.features.into_iter().map(|feature| feature.name).collect();
    assert_eq!(names, ["x0", "x1", "x2", "x3"]);
    assert_eq!(info.labels, ["0", "1", "2"]);
    assert_eq!(info.model_type, ModelType::Classifier);
}

#[test]
fn a_batch_of_one_is_a_model_that_is_run_row_by_row() {
    let onnx = onnx("iris-forest", |graph| {
        for value in graph.input.iter_mut().chain(&mut graph.output) {
            set_first_dimension(value, Dim::DimValue(1));
        }
    });
    let model = load(&onnx, Metadata::default());
    let rows = [[5.1, 3.5, 1.4, 0.2].into(), [6.3, 2.9, 5.6, 1.8].into()];
    let labels: Vec<_> = model.predict_batch(&rows).unwrap().into_iter().map(|p| p.label.unwrap()).collect();
    assert_eq!(labels, ["0", "2"]);
}

#[test]
fn a_batch_of_a_fixed_size_has_no_features() {
    let onnx = onnx("iris-forest", |graph| {
        for value in graph.input.iter_mut().chain(&mut graph.output) {
            set_first_dimension(value, Dim::DimValue(7));
        }
    });
    assert!(load(&onnx, Metadata::default()).info().features.is_empty());
}

#[test]
fn a_free_dimension_keeps_its_name() {
    let onnx = onnx("diabetes-ridge", |graph| {
        set_first_dimension(graph.input.first_mut().unwrap(), Dim::DimParam("rows".to_owned()));
    });
    let info = serde_json::to_value(load(&onnx, Metadata::default()).info()).unwrap();
    assert_eq!(info.pointer("/inputs/0/shape/0").unwrap(), "rows");
}

#[test]
fn a_network_says_what_it_takes_and_gives_and_is_not_asked_row_by_row() {
    let model = load(&onnx("network-bert", |_| {}), Metadata::default());
    let info = serde_json::to_value(model.info()).unwrap();
    assert_eq!(info.pointer("/type").unwrap(), "tensors");
    assert_eq!(info.pointer("/inputs/1/name").unwrap(), "attention_mask");
    assert_eq!(info.pointer("/inputs/1/element").unwrap(), "int64");
    assert_eq!(info.pointer("/inputs/1/shape").unwrap(), &serde_json::json!(["batch", "sequence"]));
    assert_eq!(info.pointer("/outputs/0/shape").unwrap(), &serde_json::json!(["batch", "sequence", 24]));
    assert_eq!(info.pointer("/outputs/1/shape").unwrap(), &serde_json::json!(["batch", 24]));
    let error = model.predict(&[1.0, 2.0].into()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnsupportedModel);
}

#[test]
fn an_output_without_a_shape_has_the_dimensions_that_it_grows_with() {
    let onnx = onnx("network-bert", |graph| {
        for value in &mut graph.output {
            set_first_dimension(value, Dim::DimParam("N".to_owned()));
        }
    });
    let info = serde_json::to_value(load(&onnx, Metadata::default()).info()).unwrap();
    assert_eq!(info.pointer("/outputs/0/shape").unwrap(), &serde_json::json!(["batch", "sequence", 24]));
}

#[test]
fn refuses_bytes_that_are_not_onnx() {
    for bytes in [&b""[..], b"hello", b"<html>", &[8, 9, 10]] {
        let error = compile(bytes, Metadata::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidModel);
        assert!(error.message().starts_with("not an ONNX model"), "{error}");
    }
}

#[test]
fn refuses_names_and_labels_of_the_wrong_count() {
    let error = refused("iris-forest", r#"{"features":["a","b"]}"#);
    assert_eq!(error.to_string(), "metadata.features: 2 names for 4 columns of the model's inputs");
    let error = refused("iris-forest", r#"{"labels":["a","b"]}"#);
    assert_eq!(error.to_string(), "metadata.labels: 2 labels for 3 classes (0, 1, 2)");
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
}

#[test]
fn refuses_labels_for_a_model_that_gives_no_classes() {
    let error = refused("diabetes-ridge", r#"{"labels":["a","b"]}"#);
    assert_eq!(error.place(), Some("metadata.labels"));
    assert!(error.message().contains("does not give classes"), "{error}");
}

#[test]
fn names_the_operator_that_is_not_supported() {
    let onnx = onnx("diabetes-ridge", |graph| {
        graph.node.first_mut().unwrap().op_type = "SVMRegressor".to_owned();
    });
    let error = compile(&onnx, Metadata::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnsupportedModel);
    assert!(error.message().contains("SVMRegressor"), "{error}");
}

#[test]
fn names_the_input_whose_type_is_not_supported() {
    let onnx = onnx("diabetes-ridge", |graph| {
        let Some(Type::Tensor(tensor)) =
            graph.input.first_mut().unwrap().r#type.as_mut().unwrap().value.as_mut()
        else {
            unreachable!("the fixture's input is a tensor")
        };
        tensor.elem_type = 14; // complex64
    });
    let error = compile(&onnx, Metadata::default()).unwrap_err();
    assert_eq!(error.to_string(), "X: element type complex64 is not supported");
}

#[test]
fn a_damaged_model_is_an_error_and_never_a_panic() {
    let onnx = onnx("breast-cancer-logistic", |_| {});
    for cut in 0..onnx.len() {
        let _ = compile(onnx.get(..cut).unwrap(), Metadata::default());
    }
}

fn refused(fixture: &str, metadata: &str) -> Error {
    compile(&onnx(fixture, |_| {}), parse_metadata(metadata.as_bytes()).unwrap()).unwrap_err()
}

fn load(onnx: &[u8], metadata: Metadata) -> Model {
    Model::load(compile(onnx, metadata).unwrap().as_slice(), None).unwrap()
}

/// A fixture's model, changed by `edit`.
fn onnx(fixture: &str, edit: impl FnOnce(&mut GraphProto)) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    let bytes = fs::read(root.join(fixture).join("model.onnx")).unwrap();
    let mut model = ModelProto::decode(bytes.as_slice()).unwrap();
    edit(model.graph.as_mut().unwrap());
    model.encode_to_vec()
}

fn set_first_dimension(value: &mut ValueInfoProto, size: Dim) {
    if let Some(Type::Tensor(tensor)) = value.r#type.as_mut().and_then(|t| t.value.as_mut())
        && let Some(first) = tensor.shape.as_mut().and_then(|shape| shape.dim.first_mut())
    {
        first.value = Some(size);
    }
}
