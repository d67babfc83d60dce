//! What follows a convolution is fused into it, and gives what it gave by itself.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

mod onnx;

use edgeinfer_compiler::compile;
use edgeinfer_core::{Metadata, Model, Tensor};
use edgeinfer_onnx::{GraphProto, NodeProto};
use onnx::{encoded, float, floats, ints, node, operators, value};

#[test]
fn a_normalisation_is_in_the_weights() {
    let nodes = vec![conv("x", "sum"), node("BatchNormalization", &["sum", "s", "b", "m", "v"], "y")];
    assert_fused(&nodes, &["Conv"]);
    let nodes = vec![
        conv("x", "sum"),
        node("BatchNormalization", &["sum", "s", "b", "m", "v"], "normal"),
        node("Relu", &["normal"], "y"),
    ];
    assert_fused(&nodes, &["edgeinfer.Conv"]);
}

#[test]
fn a_number_for_each_channel_is_in_the_weights() {
    for (op, constant) in [("Add", "column"), ("Mul", "column"), ("Add", "all"), ("Mul", "s 1")] {
        assert_fused(&[conv("x", "sum"), node(op, &["sum", constant], "y")], &["Conv"]);
        assert_fused(&[conv("x", "sum"), node(op, &[constant, "sum"], "y")], &["Conv"]);
    }
    // Along the last dimension, it is no number for each channel.
    assert_fused(&[conv("x", "sum"), node("Mul", &["sum", "s"], "y")], &["Conv", "Mul"]);
}

#[test]
fn activations_are_in_the_convolution() {
    for activation in ["Relu", "LeakyRelu", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh"] {
        assert_fused(&[conv("x", "sum"), node(activation, &["sum"], "y")], &["edgeinfer.Conv"]);
    }
    assert_fused(&[conv("x", "sum"), node("Clip", &["sum", "least", "most"], "y")], &["edgeinfer.Conv"]);
    assert_fused(&[conv("x", "sum"), node("Clip", &["sum", "", "most"], "y")], &["edgeinfer.Conv"]);
    // One alone: what follows stays.
    let two = [conv("x", "sum"), node("Relu", &["sum"], "positive"), node("Tanh", &["positive"], "y")];
    assert_fused(&two, &["edgeinfer.Conv", "Tanh"]);
}

#[test]
fn products_with_an_activation_of_oneself_are_activations() {
    let hard = NodeProto {
        attribute: vec![float("alpha", 1.0 / 6.0), float("beta", 0.5)],
        ..node("HardSigmoid", &["sum"], "gate")
    };
    for gate in [node("Sigmoid", &["sum"], "gate"), hard] {
        let nodes = [conv("x", "sum"), gate, node("Mul", &["gate", "sum"], "y")];
        assert_fused(&nodes, &["edgeinfer.Conv"]);
    }
}

#[test]
fn a_sum_of_two_branches_is_in_the_later_one() {
    for sum in ["Add", "Sum"] {
        let nodes = [
            conv("x", "left"),
            conv("x", "right"),
            node("Relu", &["right"], "positive"),
            node("Tanh", &["positive"], "bent"),
            node(sum, &["left", "bent"], "sum"),
            node("Relu", &["sum"], "y"),
        ];
        assert_fused(&nodes, &["edgeinfer.Conv", "Tanh", "edgeinfer.Conv"]);
    }
}

#[test]
fn a_sum_may_be_of_another_shape_than_the_convolution() {
    let nodes = [
        conv("x", "sum"),
        node("ReduceMean", &["x"], "mean"),
        node("Add", &["mean", "sum"], "moved"),
        node("Relu", &["moved"], "y"),
    ];
    assert_fused(&nodes, &["ReduceMean", "edgeinfer.Conv"]);
}

#[test]
fn a_transposed_convolution_has_its_channels_in_the_second_dimension() {
    let nodes = vec![
        turned("x", "sum", 1),
        node("BatchNormalization", &["sum", "s", "b", "m", "v"], "normal"),
        node("Relu", &["normal"], "y"),
    ];
    assert_fused(&nodes, &["edgeinfer.ConvTranspose"]);
    assert_fused(&[turned("x", "sum", 1), node("Mul", &["sum", "column"], "y")], &["ConvTranspose"]);
    let grouped = vec![
        conv("x", "four"),
        node("Tanh", &["four"], "bent"),
        turned("bent", "sum", 2),
        node("BatchNormalization", &["sum", "s", "b", "m", "v"], "y"),
    ];
    assert_fused(&grouped, &["edgeinfer.Conv", "ConvTranspose"]);
    let added =
        [turned("x", "sum", 1), node("ReduceMean", &["x"], "mean"), node("Add", &["sum", "mean"], "y")];
    assert_fused(&added, &["ConvTranspose", "ReduceMean", "Add"]);
}

#[test]
fn what_others_take_as_well_stays() {
    let nodes =
        [conv("x", "sum"), node("Relu", &["sum"], "positive"), node("Sub", &["sum", "positive"], "y")];
    assert_fused(&nodes, &["Conv", "Relu", "Sub"]);
    let nodes = [conv("x", "sum"), node("Add", &["sum", "sum"], "y")];
    assert_fused(&nodes, &["Conv", "Add"]);
}

/// Checks the fused steps, and that they give what the nodes give one by one: as
/// they do where every value is an output, which keeps them from being fused.
fn assert_fused(nodes: &[NodeProto], steps: &[&str]) {
    let (fused, every) = (load(nodes, &["y"]), names(nodes));
    assert_eq!(fused.1, steps);
    let every: Vec<_> = every.iter().map(String::as_str).collect();
    let unfused = load(nodes, &every);
    assert!(unfused.1.iter().all(|step| !step.starts_with("edgeinfer")));
    for (y, expected) in run(&fused.0).iter().zip(run(&unfused.0)) {
        assert!((y - expected).abs() <= 1e-5 * expected.abs().max(1.0), "{steps:?}: {y} and not {expected}");
    }
}

/// What the nodes give, `y` last.
fn names(nodes: &[NodeProto]) -> Vec<String> {
    nodes.iter().map(|node| node.output[0].clone()).collect()
}

/// The model with those outputs, and the operators of its steps.
fn load(nodes: &[NodeProto], outputs: &[&str]) -> (Model, Vec<String>) {
    let file = compile(&model(nodes.to_vec(), outputs), Metadata::default()).unwrap();
    (Model::load(file.as_slice(), None).unwrap(), operators(&file))
}

/// The last output.
fn run(model: &Model) -> Vec<f32> {
    let x = Tensor::from_f32(vec![2, 3, 3, 4], (0..72i8).map(|i| f32::from(i % 11) - 5.0).collect()).unwrap();
    let outputs = model.run(vec![("x".to_owned(), x)]).unwrap();
    let y = outputs.into_iter().find(|(name, _)| name == "y").unwrap().1;
    y.as_tensor().unwrap().as_f32().unwrap().to_vec()
}

/// A model from `x`, of three channels. Convolutions have four.
fn model(node: Vec<NodeProto>, outputs: &[&str]) -> Vec<u8> {
    let channel = [0.5, -1.0, 2.0, 1.5];
    let numbers: Vec<f32> = (0..48i8).map(|i| f32::from(i % 7) * 0.25 - 0.75).collect();
    let graph = GraphProto {
        node,
        initializer: vec![
            floats("w", &[4, 3, 2, 2], &numbers),
            floats("turned", &[3, 4, 2, 2], &numbers),
            floats("turned groups", &[4, 2, 2, 2], &numbers[..32]),
            floats("w bias", &[4], &[1.0, 0.0, -1.0, 0.25]),
            floats("s", &[4], &channel),
            floats("b", &[4], &[0.25, 1.0, -1.0, 0.0]),
            floats("m", &[4], &[0.5, 0.0, -1.0, 2.0]),
            floats("v", &[4], &[1.0, 4.0, 0.25, 2.0]),
            floats("column", &[4, 1, 1], &channel),
            floats("all", &[1], &[0.75]),
            floats("s 1", &[1, 4, 1, 1], &channel),
            floats("least", &[], &[-1.0]),
            floats("most", &[], &[2.5]),
        ],
        input: vec![value("x", 1, Some(&[2, 3, 3, 4]))],
        output: outputs.iter().map(|name| value(name, 1, None)).collect(),
        ..GraphProto::default()
    };
    encoded(graph)
}

fn conv(input: &str, output: &str) -> NodeProto {
    let pads = ints("pads", &[1, 0, 1, 1]);
    NodeProto { attribute: vec![pads], ..node("Conv", &[input, "w", "w bias"], output) }
}

/// A transposed convolution of three channels, or in two groups of four; to four.
fn turned(input: &str, output: &str, group: i64) -> NodeProto {
    let weights = if group == 1 { "turned" } else { "turned groups" };
    let attribute = vec![ints("strides", &[2, 1]), onnx::int("group", group)];
    NodeProto { attribute, ..node("ConvTranspose", &[input, weights, "w bias"], output) }
}
