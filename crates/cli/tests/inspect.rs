//! `edgeinfer inspect`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod support;

use serde_json::json;
use support::{FEATURES, Folder, assert_names};

#[test]
fn shows_what_a_model_takes_and_gives() {
    let folder = Folder::compiled("iris-forest");
    let shown = folder.run(&["inspect", "model.edge"]).succeeded();
    for (name, value) in [
        ("name", "iris-forest"),
        ("version", "1.0.0"),
        ("accuracy", "0."),
        ("type", "classifier"),
        ("inputs", "X: float32[N, 4]"),
        ("outputs", "label: int64[N], probabilities: float32[N, 3]"),
        ("features", &FEATURES.join(", ")),
        ("labels", "setosa, versicolor, virginica"),
        ("engine", "edgeinfer"),
        ("size", "kB"),
    ] {
        let line = shown.lines().find(|line| line.split_whitespace().next() == Some(name));
        assert_names(line.unwrap_or_else(|| panic!("no {name} in: {shown}")), &[value]);
    }
}

#[test]
fn shows_the_makers_own_fields() {
    let folder = Folder::compiled("diabetes-ridge");
    let shown = folder.run(&["inspect", "model.edge"]).succeeded();
    assert_names(&shown, &["\nr2           0.3", "\ntype         regressor\n"]);
    for absent in ["labels", "accuracy"] {
        assert!(!shown.contains(absent), "{shown}");
    }
}

#[test]
fn shortens_long_lists() {
    let folder = Folder::compiled("digits-mlp");
    let shown = folder.run(&["inspect", "model.edge"]).succeeded();
    assert_names(&shown, &["pixel_0_0, pixel_0_1", "… (64 in all)", "… (10 in all)"]);
    assert!(!shown.contains("pixel_7_7"), "{shown}");
}

#[test]
fn shows_maps_by_row() {
    let folder = Folder::compiled("iris-forest-zipmap");
    let shown = folder.run(&["inspect", "model.edge"]).succeeded();
    assert_names(&shown, &["output_probability: one map of 3 classes per row"]);
}

#[test]
fn gives_json_with_everything() {
    let folder = Folder::compiled("digits-mlp");
    let info = folder.run(&["inspect", "model.edge", "--json"]).json();
    assert_eq!(info["type"], "classifier");
    assert_eq!(info["features"].as_array().unwrap().len(), 64);
    assert_eq!(info["features"][63], json!({"name": "pixel_7_7", "type": "float32"}));
    assert_eq!(info["inputs"][0]["shape"], json!(["N", 64]));
    assert_eq!(info["metadata"]["framework"].as_str().map(|text| text.contains("scikit-learn")), Some(true));
    assert_eq!(info["size_bytes"], folder.read("model.edge").len());
}

#[test]
fn an_onnx_model_is_shown_as_it_would_be_compiled() {
    let folder = Folder::compiled("iris-forest");
    let json = |model: &str| folder.run(&["inspect", model, "--json"]).json();
    let (onnx, edge) = (json("model.onnx"), json("model.edge"));
    for field in ["name", "type", "features", "labels", "inputs", "outputs", "engine", "size_bytes"] {
        assert_eq!(onnx[field], edge[field], "{field}");
    }
    assert_eq!(folder.names(), ["model.edge", "model.onnx", "model_metadata.json"]);
}

#[test]
fn an_onnx_model_is_shown_with_its_operators_and_its_parts() {
    let folder = Folder::compiled("iris-forest");
    let shown = folder.run(&["inspect", "model.onnx"]).succeeded();
    assert_names(
        &shown,
        &[
            "skl2onnx",
            "ai.onnx.ml 1",
            "edgeinfer's own runtime",
            "ai.onnx.ml.TreeEnsembleClassifier  1 node\n",
        ],
    );
    assert_names(&shown, &["attributes of ai.onnx.ml.TreeEnsembleClassifier"]);
    assert!(!shown.contains("problems"), "{shown}");
    let report = folder.run(&["inspect", "model.onnx", "--json"]).json();
    assert_eq!(report["problems"], json!([]));
    assert_eq!(report["operators"][0]["compiles"], json!(true));
}

#[test]
fn what_does_not_compile_is_listed_with_the_reason_and_a_hint() {
    let folder = Folder::compiled("diabetes-ridge");
    // The operator's name in the protobuf, under one of the same length.
    let mut onnx = folder.read("model.onnx");
    let name = b"LinearRegressor";
    let place = onnx.windows(name.len()).rposition(|window| window == name).unwrap();
    onnx[place..place + name.len()].copy_from_slice(b"LinearRegresses");
    folder.write("odd.onnx", &onnx);
    let shown = folder.run(&["inspect", "odd.onnx"]).succeeded();
    assert_names(
        &shown,
        &["runs on", "nothing", "LinearRegresses", "not compiled", "problems", "not supported"],
    );
    let error = folder.run(&["compile", "odd.onnx"]).failed();
    assert_names(&error, &["cannot compile odd.onnx", "LinearRegresses", "this operator is not supported"]);
}

#[test]
fn a_file_that_is_no_model_is_named_with_what_it_looks_like() {
    let folder = Folder::compiled("iris-forest");
    let edge = folder.read("model.edge");
    let mut flipped = edge.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let mut newer = edge.clone();
    newer[4] = 5;
    for (content, looks) in [
        (&b""[..], "the file is empty"),
        (b"hello", "not a compiled model"),
        (b"<html>", "HTML"),
        (b"version https://git-lfs.github.com/spec/v1", "git lfs pull"),
        (&folder.read("model.onnx"), "edgeinfer compile"),
        (&edge[..1000], "1000 bytes are not as long as its header says"),
        (&flipped, "checksum"),
        (&newer, "format version 5, newer than version 4"),
    ] {
        folder.write("some.edge", content);
        for command in ["inspect", "predict"] {
            let args =
                [&[command, "some.edge"][..], if command == "predict" { &["--features", "1"] } else { &[] }];
            let error = folder.run(&args.concat()).failed();
            assert_names(&error, &["cannot load some.edge", looks]);
        }
    }
}

#[test]
fn a_missing_file_is_named() {
    let error = Folder::empty().run(&["inspect", "none.edge"]).failed();
    assert_names(&error, &["cannot read none.edge", "No such file"]);
    let error = Folder::empty().run(&["inspect", "none.onnx"]).failed();
    assert_names(&error, &["cannot read none.onnx", "No such file"]);
}
