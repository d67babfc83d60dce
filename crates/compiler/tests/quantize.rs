//! Compiled models with weights of fewer bits: how long they are, and how far
//! their answers are from the model's.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

use std::fs;
use std::path::Path;

use edgeinfer_compiler::{Inputs, Loss, Quantization, compile, measure, parse_metadata, quantize};
use edgeinfer_core::{FeatureValue, Features, Model};

/// Small ones, of which the manifest is a good part.
const FIXTURES: [&str; 5] = ["digits-mlp", "network-keywords", "network-bert", "network-gru", "network-lstm"];

fn compiled(fixture: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures").join(fixture);
    let read = |name| fs::read(folder.join(name)).unwrap();
    compile(&read("model.onnx"), parse_metadata(&read("model_metadata.json")).unwrap()).unwrap()
}

/// How much of the file is left, and the loss on made-up inputs.
fn cost(fixture: &str, quantization: Quantization) -> (f64, Loss) {
    let file = compiled(fixture);
    let quantized = quantize(&file, quantization).unwrap();
    let load = |file: &[u8]| Model::load(file, None).unwrap();
    let loss = measure(&load(&file), &load(&quantized.file), None).unwrap();
    assert_eq!(loss.inputs, Inputs::Synthetic);
    assert!(quantized.weights > 0 && loss.count > 0 && !loss.outputs.is_empty(), "{fixture}: {loss:?}");
    (quantized.file.len() as f64 / file.len() as f64, loss)
}

#[test]
fn float16_is_half_and_nearly_the_same() {
    for fixture in FIXTURES {
        let (left, loss) = cost(fixture, Quantization::Float16);
        assert!(left < 0.75, "{fixture}: {left} of the file");
        for output in &loss.outputs {
            assert!(output.mean_relative < 0.004, "{fixture}: {output:?}");
        }
        assert!(loss.same_label.is_none_or(|same| same > 0.97), "{fixture}: {loss:?}");
    }
}

#[test]
fn int8_is_a_quarter_and_close() {
    for fixture in FIXTURES {
        let (left, loss) = cost(fixture, Quantization::Int8);
        assert!(left < 0.65, "{fixture}: {left} of the file");
        for output in &loss.outputs {
            assert!(output.mean > 0.0 && output.mean <= output.largest, "{fixture}: {output:?}");
            assert!(output.mean_relative < 0.04, "{fixture}: {output:?}");
        }
        assert!(loss.same_label.is_none_or(|same| same > 0.9), "{fixture}: {loss:?}");
    }
}

#[test]
fn given_rows_tell_the_loss() {
    let file = compiled("iris-names-mlp");
    let quantized = quantize(&file, Quantization::Int8).unwrap();
    let load = |file: &[u8]| Model::load(file, None).unwrap();
    let row = [5.1, 3.5, 1.4, 0.2].map(FeatureValue::Number);
    let rows = [Features::Positional(row.into())];
    let loss = measure(&load(&file), &load(&quantized.file), Some(&rows)).unwrap();
    assert_eq!((loss.inputs, loss.count, loss.same_label), (Inputs::Given, 1, Some(1.0)));
    let names: Vec<_> = loss.outputs.iter().map(|output| output.name.as_str()).collect();
    assert_eq!(names, ["confidence", "probabilities"]);
    assert!(measure(&load(&file), &load(&quantized.file), Some(&[Features::Positional(vec![])])).is_err());
}

#[test]
fn what_is_quantised_is_not_so_again() {
    let quantized = quantize(&compiled("digits-mlp"), Quantization::Int8).unwrap();
    let error = quantize(&quantized.file, Quantization::Int8).unwrap_err();
    assert_eq!(error.message(), "the model has no weights that can be quantised");
}

#[test]
fn trees_have_no_weights() {
    let error = quantize(&compiled("iris-forest"), Quantization::Float16).unwrap_err();
    assert_eq!(error.message(), "the model has no weights that can be quantised");
    assert!(quantize(b"something else", Quantization::Int8).is_err());
}
