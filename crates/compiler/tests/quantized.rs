//! Quantised models: between `DequantizeLinear` and `QuantizeLinear` an operator
//! runs on quantised numbers, and gives what it gives on the numbers that they
//! stand for.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

mod onnx;

use edgeinfer_compiler::compile;
use edgeinfer_core::{Metadata, Model, Tensor};
use edgeinfer_onnx::{GraphProto, Message as _, ModelProto, NodeProto, TensorProto, ValueInfoProto};
use onnx::{floats, int, ints, model_of, node, steps, value};

const FLOAT: i32 = 1;
const UINT8: i32 = 2;
const INT8: i32 = 3;
const INT32: i32 = 6;

/// A model from `X` to `y`: X is quantised, goes through `nodes` as `x` to `r`,
/// which is quantised and becomes y. With `unfused`, `r` is an output too, so
/// that it has to be there.
fn model(shape: &[i64], nodes: Vec<NodeProto>, constants: Vec<TensorProto>, unfused: bool) -> Vec<u8> {
    let mut node = vec![
        quantize("X", "X_scale", "X_zero", "X_quantized"),
        dequantize("X_quantized", "X_scale", "X_zero", "x"),
    ];
    node.extend(nodes);
    node.push(quantize("r", "y_scale", "y_zero", "y_quantized"));
    node.push(dequantize("y_quantized", "y_scale", "y_zero", "y"));
    let mut initializer = vec![
        floats("X_scale", &[], &[0.05]),
        small("X_zero", UINT8, &[], &[120]),
        floats("y_scale", &[], &[0.1]),
        small("y_zero", UINT8, &[], &[0]),
    ];
    initializer.extend(constants);
    let mut output = vec![floats_of("y", &[])];
    if unfused {
        output.push(floats_of("r", &[]));
    }
    let graph =
        GraphProto { node, initializer, input: vec![floats_of("X", shape)], output, ..GraphProto::default() };
    model_of(graph, &[("", 17)]).encode_to_vec()
}

/// The operators of the model's plan, and its first output for X.
fn run(onnx: &[u8], shape: &[usize]) -> (Vec<String>, Tensor) {
    let file = compile(onnx, Metadata::default()).unwrap();
    let operators = steps(&file).into_iter().map(|step| step.op).collect();
    let model = Model::load(file.as_slice(), None).unwrap();
    let length = shape.iter().product::<usize>();
    let x: Vec<_> = (0..length).map(|i| (i * 37 % 101) as f32 * 0.1 - 5.0).collect();
    let x = Tensor::from_f32(shape, x).unwrap();
    let outputs = model.run(vec![("X".to_owned(), x)]).unwrap();
    (operators, outputs[0].1.as_tensor().unwrap().clone())
}

/// Checks that the model runs `fused` between the first and the last step, and
/// gives what it gives unfused, to a step of the result's scale.
fn is_as_unfused(shape: &[i64], nodes: Vec<NodeProto>, constants: Vec<TensorProto>, fused: &str) {
    let sizes: Vec<_> = shape.iter().map(|size| *size as usize).collect();
    let (operators, y) = run(&model(shape, nodes.clone(), constants.clone(), false), &sizes);
    assert_eq!(operators, ["QuantizeLinear", fused, "DequantizeLinear"]);
    let (operators, expected) = run(&model(shape, nodes, constants, true), &sizes);
    assert!(operators.len() > 3, "{operators:?}");
    assert_eq!(y.shape(), expected.shape());
    let pairs = || y.as_f32().unwrap().iter().zip(expected.as_f32().unwrap());
    let far = pairs().filter(|(y, expected)| (*y - *expected).abs() > 0.101).count();
    let off = pairs().filter(|(y, expected)| (*y - *expected).abs() > 1e-6).count();
    assert_eq!(far, 0, "{y:?} {expected:?}");
    assert!(off * 20 <= expected.data().len(), "{off} of {} differ", expected.data().len());
    assert!(expected.as_f32().unwrap().iter().any(|y| *y != 0.0));
}

#[test]
fn a_convolution_with_a_scale_for_each_channel_and_a_relu() {
    let weights: Vec<i32> = (0..3 * 2 * 9).map(|i| i * 29 % 255 - 127).collect();
    let constants = vec![
        small("w_quantized", INT8, &[3, 2, 3, 3], &weights),
        floats("w_scale", &[3], &[0.004, 0.002, 0.006]),
        small("w_zero", INT8, &[3], &[0, 0, 0]),
        small("b_quantized", INT32, &[3], &[100, -200, 300]),
        floats("b_scale", &[3], &[0.0002, 0.0001, 0.0003]),
    ];
    let mut weights = dequantize("w_quantized", "w_scale", "w_zero", "w");
    weights.attribute.push(int("axis", 0));
    let mut bias = node("DequantizeLinear", &["b_quantized", "b_scale"], "b");
    bias.attribute.push(int("axis", 0));
    let mut conv = node("Conv", &["x", "w", "b"], "product");
    conv.attribute.push(ints("pads", &[1, 1, 1, 1]));
    let nodes = vec![weights, bias, conv, node("Relu", &["product"], "r")];
    is_as_unfused(&[1, 2, 6, 5], nodes, constants, "QLinearConv");
}

#[test]
fn products_and_their_biases() {
    let weights: Vec<i32> = (0..8 * 4).map(|i| i * 29 % 255 - 127).collect();
    let constants = |shape: &[i64]| {
        vec![
            small("w_quantized", INT8, shape, &weights),
            floats("w_scale", &[4], &[0.01, 0.02, 0.005, 0.01]),
            small("w_zero", INT8, &[4], &[0, 3, 0, -2]),
            small("b_quantized", INT32, &[4], &[1000, -2000, 3000, 4000]),
            floats("b_scale", &[4], &[0.0005, 0.001, 0.00025, 0.0005]),
        ]
    };
    let weights = |axis| {
        let mut weights = dequantize("w_quantized", "w_scale", "w_zero", "w");
        weights.attribute.push(int("axis", axis));
        weights
    };
    let nodes = vec![weights(-1), node("MatMul", &["x", "w"], "r")];
    is_as_unfused(&[2, 3, 8], nodes, constants(&[8, 4]), "QLinearMatMul");
    let mut bias = node("DequantizeLinear", &["b_quantized", "b_scale"], "b");
    bias.attribute.push(int("axis", 0));
    let mut gemm = node("Gemm", &["x", "w", "b"], "r");
    gemm.attribute.push(int("transB", 1));
    is_as_unfused(&[3, 8], vec![weights(0), bias, gemm], constants(&[4, 8]), "QGemm");
}

#[test]
fn a_product_whose_result_is_not_quantised() {
    let constants = vec![
        small("w_quantized", UINT8, &[8, 1], &[1, 2, 3, 255, 5, 6, 7, 8]),
        floats("w_scale", &[], &[0.01]),
        small("w_zero", UINT8, &[], &[4]),
        floats("one", &[1], &[1.0]),
    ];
    let nodes = vec![
        dequantize("w_quantized", "w_scale", "w_zero", "w"),
        node("MatMul", &["x", "w"], "product"),
        node("Exp", &["product"], "r"),
    ];
    let (operators, _) = run(&model(&[2, 8], nodes, constants, false), &[2, 8]);
    let expected = ["QuantizeLinear", "MatMulIntegerToFloat", "Exp", "QuantizeLinear", "DequantizeLinear"];
    assert_eq!(operators, expected);
}

#[test]
fn sums_functions_and_moves() {
    let constants = || {
        vec![
            small("w_quantized", UINT8, &[5], &[0, 50, 100, 150, 255]),
            floats("w_scale", &[], &[0.03]),
            small("w_zero", UINT8, &[], &[100]),
        ]
    };
    let weights = || dequantize("w_quantized", "w_scale", "w_zero", "w");
    is_as_unfused(&[3, 5], vec![weights(), node("Add", &["x", "w"], "r")], constants(), "QLinearAdd");
    is_as_unfused(&[3, 5], vec![weights(), node("Mul", &["w", "x"], "r")], constants(), "QLinearMul");
    is_as_unfused(&[3, 5], vec![node("Sigmoid", &["x"], "r")], vec![], "QLinearSigmoid");
    let mut concat = node("Concat", &["x", "x"], "r");
    concat.attribute.push(int("axis", 1));
    is_as_unfused(&[3, 5], vec![concat], vec![], "QLinearConcat");
    // Another scale goes in than comes out: that takes more than a move.
    let moved = model(&[3, 5], vec![node("Transpose", &["x"], "r")], vec![], false);
    assert!(run(&moved, &[3, 5]).0.len() > 3);
}

#[test]
fn a_move_by_the_same_scale_moves_quantised_numbers() {
    let turned = node("Transpose", &["x"], "turned");
    let nodes = vec![
        turned,
        quantize("turned", "X_scale", "X_zero", "turned_quantized"),
        dequantize("turned_quantized", "X_scale", "X_zero", "s"),
        node("Sigmoid", &["s"], "r"),
    ];
    let (operators, _) = run(&model(&[3, 5], nodes, vec![], false), &[3, 5]);
    assert_eq!(operators, ["QuantizeLinear", "Transpose", "QLinearSigmoid", "DequantizeLinear"]);
}

#[test]
fn quantised_weights_stay_so_in_the_file() {
    let weights: Vec<i32> = (0..256 * 16).map(|i| i * 29 % 255 - 127).collect();
    let constants = vec![
        small("w_quantized", INT8, &[256, 16], &weights),
        floats("w_scale", &[], &[0.01]),
        small("w_zero", INT8, &[], &[0]),
    ];
    let nodes = vec![
        dequantize("w_quantized", "w_scale", "w_zero", "w"),
        node("Neg", &["x"], "negative"),
        node("MatMul", &["negative", "w"], "r"),
    ];
    let onnx = model(&[2, 256], nodes, constants, false);
    let file = compile(&onnx, Metadata::default()).unwrap();
    assert!(file.len() < 2 * 256 * 16, "{} bytes", file.len());
    let (operators, y) = run(&onnx, &[2, 256]);
    assert_eq!(operators[2..4], ["DequantizeLinear", "Neg"]);
    assert_eq!(y.shape(), [2, 16]);
}

/// What onnxruntime's dynamic quantiser writes for a product and its bias.
#[test]
fn a_product_whose_left_side_is_quantised_as_it_comes() {
    let product = |integer: &str| {
        let mut quantize = node("DynamicQuantizeLinear", &["x"], "q");
        quantize.output.extend(["q_scale".to_owned(), "q_zero".to_owned()]);
        let mut cast = node("Cast", &[integer], "cast");
        cast.attribute.push(int("to", 1));
        vec![
            quantize,
            node("Mul", &["q_scale", "w_scale"], "scales"),
            node("MatMulInteger", &["q", "w", "q_zero", "w_zero"], integer),
            cast,
            node("Mul", &["cast", "scales"], "scaled"),
            node("Add", &["bias", "scaled"], "r"),
        ]
    };
    let weights: Vec<i32> = (0..8 * 3).map(|i| i * 29 % 255 - 127).collect();
    let constants = || {
        vec![
            small("w", INT8, &[8, 3], &weights),
            floats("w_scale", &[3], &[0.01, 0.02, 0.03]),
            small("w_zero", INT8, &[3], &[0, 1, -1]),
            floats("bias", &[3], &[10.0, 20.0, 30.0]),
        ]
    };
    let (operators, y) = run(&model(&[2, 8], product("integer"), constants(), false), &[2, 8]);
    assert_eq!(operators[2..4], ["DynamicQuantizeLinear", "MatMulIntegerToFloat"]);
    assert_eq!(operators.len(), 6, "{operators:?}");
    // The sums are an output's too, so that they have to be there.
    let mut unfused = product("r");
    unfused.pop();
    unfused.push(node("Add", &["bias", "scaled"], "s"));
    let apart = |nodes| {
        let mut proto = ModelProto::decode(model(&[2, 8], nodes, constants(), true).as_slice()).unwrap();
        let graph = proto.graph.as_mut().unwrap();
        for node in &mut graph.node {
            node.input.iter_mut().filter(|_| node.op_type == "QuantizeLinear").for_each(|input| {
                if input == "r" {
                    *input = "s".to_owned();
                }
            });
        }
        graph.output.retain(|output| output.name == "y");
        graph.output.push(value("r", INT32, None));
        proto.encode_to_vec()
    };
    let (operators, expected) = run(&apart(unfused), &[2, 8]);
    assert!(operators.contains(&"MatMulInteger".to_owned()), "{operators:?}");
    assert_eq!(y, expected);
}

fn quantize(x: &str, scale: &str, zero: &str, y: &str) -> NodeProto {
    node("QuantizeLinear", &[x, scale, zero], y)
}

fn dequantize(x: &str, scale: &str, zero: &str, y: &str) -> NodeProto {
    node("DequantizeLinear", &[x, scale, zero], y)
}

fn small(name: &str, data_type: i32, dims: &[i64], values: &[i32]) -> TensorProto {
    TensorProto {
        name: name.to_owned(),
        dims: dims.to_vec(),
        data_type,
        int32_data: values.to_vec(),
        ..TensorProto::default()
    }
}

/// A value of float32, of whatever shape where that is empty.
fn floats_of(name: &str, shape: &[i64]) -> ValueInfoProto {
    value(name, FLOAT, Some(shape).filter(|shape| !shape.is_empty()))
}
