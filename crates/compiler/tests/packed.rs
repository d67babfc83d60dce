//! Large matrices: packed in the file as the product takes them, and as they were
//! where they are quantised with a scale for each column.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

mod onnx;

use edgeinfer_compiler::{Quantization, compile, quantize};
use edgeinfer_core::{Metadata, Model, Tensor};
use edgeinfer_onnx::GraphProto;
use onnx::{encoded, floats, node, steps, value};

const K: i64 = 300;
const N: i64 = 61;

/// Small whole numbers, whose sums are exact in any order.
fn numbers(count: i64) -> Vec<f32> {
    (0..count).map(|i| (i * 31 % 17) as f32 - 8.0).collect()
}

/// A layer from `X` of 300 numbers to `y` of 61.
fn layer() -> Vec<u8> {
    let graph = GraphProto {
        node: vec![node("MatMul", &["X", "W"], "product"), node("Add", &["product", "B"], "y")],
        initializer: vec![floats("W", &[K, N], &numbers(K * N)), floats("B", &[N], &numbers(N))],
        input: vec![value("X", 1, Some(&[-1, K]))],
        output: vec![value("y", 1, Some(&[-1, N]))],
        ..GraphProto::default()
    };
    compile(&encoded(graph), Metadata::default()).unwrap()
}

fn has_packed(file: &[u8]) -> bool {
    steps(file).iter().any(|step| step.attributes.contains_key("columns"))
}

fn run(file: &[u8], rows: i64) -> Vec<f32> {
    let x = Tensor::from_f32(vec![rows as usize, K as usize], numbers(rows * K)).unwrap();
    let outputs = Model::load(file, None).unwrap().run(vec![("X".to_owned(), x)]).unwrap();
    let edgeinfer_core::Value::Tensor(y) = &outputs[0].1 else { panic!("no tensor") };
    y.as_f32().unwrap().to_vec()
}

#[test]
fn a_large_matrix_is_packed_in_the_file() {
    let file = layer();
    assert!(has_packed(&file));
    for rows in [1, 5] {
        let (x, w, b) = (numbers(rows * K), numbers(K * N), numbers(N));
        let (k, n) = (K as usize, N as usize);
        let sum = |i: usize| b[i % n] + (0..k).map(|at| x[i / n * k + at] * w[at * n + i % n]).sum::<f32>();
        let expected: Vec<f32> = (0..rows as usize * n).map(sum).collect();
        assert_eq!(run(&file, rows), expected, "{rows} rows");
        let halves = quantize(&file, Quantization::Float16).unwrap().file;
        assert!(has_packed(&halves));
        assert_eq!(run(&halves, rows), expected, "{rows} rows in float16");
    }
}

#[test]
fn int8_has_a_scale_for_each_column() {
    let file = layer();
    let quantized = quantize(&file, Quantization::Int8).unwrap();
    assert!(!has_packed(&quantized.file));
    assert!(quantized.file.len() * 3 < file.len());
    for rows in [1, 5] {
        for (y, expected) in run(&quantized.file, rows).iter().zip(run(&file, rows)) {
            // A column's steps are of 8 / 127, and 300 products of at most 8.
            assert!((y - expected).abs() < 300.0 * 8.0 * 4.0 / 127.0, "{y} instead of {expected}");
        }
    }
    let halves = quantize(&file, Quantization::Float16).unwrap().file;
    assert!(quantize(&halves, Quantization::Int8).is_err());
}
