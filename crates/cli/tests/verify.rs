//! `edgeinfer verify`: a model's answers beside tract's.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod support;

use support::{Folder, assert_names};

#[test]
fn a_model_gives_what_tract_gives_and_says_how_near() {
    let folder = Folder::of("digits-mlp");
    let table = folder.run(&["verify", "model.onnx", "--runs", "2", "--dim", "N=5"]).succeeded();
    assert_names(&table, &["output", "elements", "different", "max absolute", "probabilities"]);
    let json = folder.run(&["verify", "model.onnx", "--json"]).succeeded();
    let differences: serde_json::Value = serde_json::from_str(&json).unwrap();
    for difference in differences.as_array().unwrap() {
        assert_eq!(difference["different"], 0, "{difference}");
        assert!(difference["elements"].as_u64().unwrap() > 0, "{difference}");
    }
}

#[test]
fn a_tolerance_that_is_not_met_fails_with_the_outputs() {
    let folder = Folder::of("digits-mlp");
    let error = folder.run(&["verify", "model.onnx", "--tolerance=-1"]).failed_on_the_way();
    assert_names(&error, &["not what tract gives", "probabilities"]);
}

#[test]
fn a_dimension_that_no_input_has_is_refused_with_those_that_there_are() {
    let folder = Folder::of("digits-mlp");
    let error = folder.run(&["verify", "model.onnx", "--dim", "length=5"]).failed();
    assert_names(&error, &["cannot verify model.onnx", "no input has a dimension \"length\"", "\"N\""]);
}

#[test]
fn what_tract_does_not_take_is_said_to_be_so() {
    let folder = Folder::of("breast-svc-rbf");
    let error = folder.run(&["verify", "model.onnx"]).failed();
    assert_names(&error, &["cannot verify model.onnx", "the reference, tract, does not run the model"]);
}
