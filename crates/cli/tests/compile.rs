//! `edgeinfer compile`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod support;

use std::fs::{self, File};
use std::io::Read as _;

use serde_json::Value;
use support::{FEATURES, Folder, assert_names};

/// What a compiled model says about itself.
fn info(folder: &Folder, model: &str) -> Value {
    folder.run(&["inspect", model, "--json"]).json()
}

fn feature_names(info: &Value) -> Vec<&str> {
    info["features"].as_array().unwrap().iter().map(|feature| feature["name"].as_str().unwrap()).collect()
}

#[test]
fn writes_beside_the_model_and_says_what_it_made() {
    let folder = Folder::of("iris-forest");
    let said = folder.run(&["compile", "model.onnx"]).succeeded();
    assert_names(&said, &["model.edge: classifier, 4 features, 3 classes, ", " kB\n"]);
    assert_eq!(folder.names(), ["model.edge", "model.onnx", "model_metadata.json"]);
    assert!(folder.read("model.edge").starts_with(b"EDGE"));
}

#[test]
fn says_of_a_regressor_nothing_of_classes() {
    let folder = Folder::of("diabetes-ridge");
    let said = folder.run(&["compile", "model.onnx"]).succeeded();
    assert_names(&said, &["model.edge: regressor, 10 features, "]);
    assert!(!said.contains("class"), "{said}");
}

#[test]
fn writes_where_it_is_told() {
    let folder = Folder::of("iris-forest");
    fs::create_dir(folder.path("public")).unwrap();
    let said = folder.run(&["compile", "model.onnx", "-o", "public/iris.edge"]).succeeded();
    assert!(said.starts_with("public/iris.edge: "), "{said}");
    assert_eq!(folder.names(), ["model.onnx", "model_metadata.json", "public"]);
    let said = folder.run(&["compile", "model.onnx", "--output", "iris"]).succeeded();
    assert!(said.starts_with("iris: "), "{said}");
    assert_eq!(folder.read("iris"), folder.read("public/iris.edge"));
}

#[test]
fn uses_the_metadata_beside_the_model() {
    let folder = Folder::compiled("iris-forest");
    let info = info(&folder, "model.edge");
    assert_eq!(feature_names(&info), FEATURES);
    assert_eq!(info["labels"], serde_json::json!(["setosa", "versicolor", "virginica"]));
    assert_eq!(info["metadata"]["model_version"], "1.0.0");
}

#[test]
fn uses_the_metadata_that_is_named() {
    let folder = Folder::of("iris-forest");
    folder.write("mine.json", r#"{"name":"mine","labels":["a","b","c"],"features":["p","q","r","s"]}"#);
    folder.run(&["compile", "model.onnx", "--metadata", "mine.json"]).succeeded();
    let info = info(&folder, "model.edge");
    assert_eq!(info["name"], "mine");
    assert_eq!(feature_names(&info), ["p", "q", "r", "s"]);
    assert_eq!(info["labels"], serde_json::json!(["a", "b", "c"]));
}

#[test]
fn needs_no_metadata() {
    let folder = Folder::of("iris-forest");
    fs::remove_file(folder.path("model_metadata.json")).unwrap();
    folder.run(&["compile", "model.onnx"]).succeeded();
    let info = info(&folder, "model.edge");
    assert_eq!(feature_names(&info), ["x0", "x1", "x2", "x3"]);
    assert_eq!(info["labels"], serde_json::json!(["0", "1", "2"]));
}

#[test]
fn wrong_metadata_is_named_with_its_field_and_what_came() {
    let folder = Folder::of("iris-forest");
    for (metadata, parts) in [
        (
            r#"{"name":"x","features":"a,b"}"#,
            ["the field `features`", "string \"a,b\"", "expected a sequence"],
        ),
        (r#"{"accuracy":"high"}"#, ["the field `accuracy`", "string \"high\"", "expected f64"]),
        (r#"{"features":["a","b"]}"#, ["metadata.features", "2 names", "4 columns"]),
        (r#"{"labels":["a","b"]}"#, ["metadata.labels", "2 labels", "3 classes (0, 1, 2)"]),
        (r#"{"labels":"#, ["mine.json", "expected a JSON object", "EOF"]),
        ("[]", ["mine.json", "expected a JSON object", "sequence"]),
        ("", ["mine.json", "expected a JSON object", "EOF"]),
    ] {
        folder.write("mine.json", metadata);
        let error = folder.run(&["compile", "model.onnx", "--metadata", "mine.json"]).failed();
        assert_names(&error, &parts);
        assert!(error.contains("mine.json") || error.contains("model.onnx"), "{error}");
    }
    folder.write("model_metadata.json", r#"{"features":5}"#);
    let error = folder.run(&["compile", "model.onnx"]).failed();
    assert_names(&error, &["model_metadata.json", "the field `features`", "5"]);
}

#[test]
fn a_missing_file_is_named() {
    let folder = Folder::of("iris-forest");
    let error = folder.run(&["compile", "none.onnx"]).failed();
    assert_names(&error, &["cannot read none.onnx", "No such file"]);
    let error = folder.run(&["compile", "model.onnx", "--metadata", "none.json"]).failed();
    assert_names(&error, &["cannot read none.json", "No such file"]);
}

#[test]
fn what_is_no_onnx_model_is_refused() {
    let folder = Folder::of("iris-forest");
    let onnx = folder.read("model.onnx");
    let garbage: Vec<u8> = (0..1000_u32).map(|i| (i * i % 251) as u8).collect();
    for bytes in [&b""[..], b"<!doctype html>", &garbage, &onnx[..onnx.len() / 2], &onnx[1..]] {
        folder.write("other.onnx", bytes);
        let error = folder.run(&["compile", "other.onnx"]).failed();
        assert_names(&error, &["cannot compile other.onnx", "not an ONNX model"]);
    }
}

#[test]
fn an_operator_that_is_not_supported_is_named() {
    let folder = Folder::of("iris-forest");
    folder.write("odd.onnx", with_another_operator(&folder.read("model.onnx")));
    let error = folder.run(&["compile", "odd.onnx"]).failed();
    assert_names(&error, &["cannot compile odd.onnx", "TreeEnsembleMystifiers"]);
    assert!(!error.contains("panic"), "{error}");
}

/// `onnx` with a name of the same length in place of its operator's, so that
/// the lengths in the protobuf stay right.
fn with_another_operator(onnx: &[u8]) -> Vec<u8> {
    const KNOWN: &[u8] = b"TreeEnsembleClassifier";
    const OTHER: &[u8] = b"TreeEnsembleMystifiers";
    let mut onnx = onnx.to_vec();
    let found: Vec<_> = (0..onnx.len()).filter(|&at| onnx[at..].starts_with(KNOWN)).collect();
    assert!(!found.is_empty());
    for at in found {
        onnx[at..at + OTHER.len()].copy_from_slice(OTHER);
    }
    onnx
}

#[test]
fn a_failure_leaves_what_was_there() {
    let folder = Folder::compiled("iris-forest");
    let before = folder.read("model.edge");
    let names = folder.names();
    folder.write("model.onnx", "broken");
    folder.run(&["compile", "model.onnx"]).failed();
    assert_eq!(folder.read("model.edge"), before);
    assert_eq!(folder.names(), names);
}

#[test]
fn the_model_itself_is_never_overwritten() {
    let folder = Folder::of("iris-forest");
    let onnx = folder.read("model.onnx");
    let error = folder.run(&["compile", "model.onnx", "-o", "./model.onnx"]).failed();
    assert_names(&error, &["./model.onnx is the model itself", "--output"]);
    // By default too, where the model has the extension of compiled ones.
    folder.write("odd.edge", &onnx);
    folder.run(&["compile", "odd.edge"]).failed();
    assert_eq!((folder.read("model.onnx"), folder.read("odd.edge")), (onnx.clone(), onnx));
}

#[test]
fn a_compiled_model_is_not_compiled_again() {
    let folder = Folder::compiled("iris-forest");
    let error = folder.run(&["compile", "model.edge", "-o", "again.edge"]).failed();
    assert_names(&error, &["expected an ONNX model", "model.edge is compiled already"]);
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let folder = Folder::of("iris-forest");
    let error = folder.run(&["compile", "model.onnx", "-o", "none/x.edge"]).failed();
    assert_names(&error, &["cannot write none/x.edge", "there is no folder none"]);
    fs::create_dir(folder.path("taken")).unwrap();
    let error = folder.run(&["compile", "model.onnx", "-o", "taken"]).failed();
    assert_names(&error, &["cannot write taken", "it is a folder"]);
    assert_eq!(folder.names(), ["model.onnx", "model_metadata.json", "taken"]);
}

#[test]
fn the_same_model_gives_the_same_bytes() {
    let folder = Folder::compiled("iris-forest");
    folder.run(&["compile", "model.onnx", "-o", "again.edge"]).succeeded();
    assert_eq!(folder.read("model.edge"), folder.read("again.edge"));
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{MetadataExt as _, symlink};

    use super::*;

    #[test]
    fn a_reader_of_the_old_file_sees_it_whole() {
        let folder = Folder::of("iris-forest");
        folder.write("model.edge", "old");
        let mut reader = File::open(folder.path("model.edge")).unwrap();
        folder.run(&["compile", "model.onnx"]).succeeded();
        let mut seen = String::new();
        reader.read_to_string(&mut seen).unwrap();
        assert_eq!(seen, "old");
        assert!(folder.read("model.edge").starts_with(b"EDGE"));
    }

    #[test]
    fn the_file_has_the_permissions_of_any_new_file() {
        let folder = Folder::compiled("iris-forest");
        folder.write("any", "");
        let mode = |name| fs::metadata(folder.path(name)).unwrap().mode();
        assert_eq!(mode("model.edge"), mode("any"));
    }

    #[test]
    fn a_link_stays_one() {
        let folder = Folder::of("iris-forest");
        folder.write("target.edge", "old");
        symlink("target.edge", folder.path("model.edge")).unwrap();
        folder.run(&["compile", "model.onnx"]).succeeded();
        assert!(fs::symlink_metadata(folder.path("model.edge")).unwrap().is_symlink());
        assert!(folder.read("target.edge").starts_with(b"EDGE"));
    }

    #[test]
    fn a_pipe_is_written_to() {
        let folder = Folder::compiled("iris-forest");
        let output = folder.command(&["compile", "model.onnx", "-o", "/dev/stdout"]).output().unwrap();
        assert!(output.status.success());
        assert!(output.stdout.starts_with(&folder.read("model.edge")));
    }
}

#[test]
fn quantising_halves_the_file_and_says_what_it_costs() {
    let folder = Folder::compiled("digits-mlp");
    let before = folder.read("model.edge").len();
    let said = folder.run(&["compile", "model.onnx", "--quantize", "fp16"]).succeeded();
    assert_names(&said, &["weights in float16: ", " instead of ", "differences on 64 synthetic inputs"]);
    assert_names(&said, &["probabilities", "same label: "]);
    let half = folder.read("model.edge").len();
    assert!(half * 10 < before * 6, "{half} of {before} bytes");
    folder.run(&["compile", "model.onnx", "--quantize", "int8"]).succeeded();
    let quarter = folder.read("model.edge").len();
    assert!(quarter * 10 < before * 4, "{quarter} of {before} bytes");
}

#[test]
fn the_loss_of_quantising_is_measured_on_given_rows() {
    let folder = Folder::of("iris-names-mlp");
    folder.write("rows.json", "[[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]]");
    let args = ["compile", "model.onnx", "--quantize", "int8", "--input", "rows.json", "--json"];
    let report = folder.run(&args).json();
    assert_eq!(report["quantized"], "int8");
    assert_eq!((&report["loss"]["inputs"], &report["loss"]["count"]), (&"given".into(), &2.into()));
    assert_eq!(report["loss"]["same_label"], 1.0);
    let output = &report["loss"]["outputs"][0];
    let (largest, mean) = (output["largest"].as_f64().unwrap(), output["mean"].as_f64().unwrap());
    assert!(0.0 < mean && mean <= largest && largest < 0.05, "{report}");
    assert_eq!(report["bytes"].as_u64().unwrap() as usize, folder.read("model.edge").len());
}

#[test]
fn refuses_to_quantise_what_has_no_weights() {
    let folder = Folder::of("iris-forest");
    let error = folder.run(&["compile", "model.onnx", "--quantize", "int8"]).failed();
    assert_eq!(error, "cannot quantise the model: the model has no weights that can be quantised");
    assert_eq!(folder.names(), ["model.onnx", "model_metadata.json"]);
    let error = folder.run(&["compile", "model.onnx", "--input", "rows.json"]).misused();
    assert_names(&error, &["--quantize"]);
}
