//! What exporters write in parts is one operator, and gives what its parts give.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

mod onnx;

use std::collections::BTreeMap;

use edgeinfer_compiler::compile;
use edgeinfer_core::{Metadata, Model, Tensor, TensorData};
use edgeinfer_onnx::{GraphProto, NodeProto, TensorProto, ValueInfoProto};
use onnx::{encoded, ints, node, operators, value};

/// The mean of `x` taken off, as `d`, and what it is divided by, as `root`.
fn deviation() -> Vec<NodeProto> {
    vec![
        node("ReduceMean", &["x", "last"], "mean"),
        node("Sub", &["x", "mean"], "d"),
        node("Pow", &["d", "two"], "squares"),
        node("ReduceMean", &["squares", "last"], "variance"),
        node("Add", &["variance", "epsilon"], "some"),
        node("Sqrt", &["some"], "root"),
    ]
}

#[test]
fn a_normalisation_of_layers() {
    let mut nodes = deviation();
    nodes.extend([node("Div", &["d", "root"], "n"), node("Mul", &["n", "scale"], "scaled")]);
    let add = |inputs: &[&str]| node("Add", inputs, "y");
    assert_fused(&[&nodes[..], &[add(&["scaled", "bias"])]].concat(), &["LayerNormalization"]);
    assert_fused(&[&nodes[..], &[add(&["bias", "scaled"])]].concat(), &["LayerNormalization"]);
    // A bias for each row, not each column, stays.
    let rest = ["LayerNormalization", "Add"];
    assert_fused(&[&nodes[..], &[add(&["scaled", "by row"])]].concat(), &rest);
    // The square of something else is no variance.
    nodes[2] = node("Pow", &["x", "two"], "squares");
    let steps = compiled(&[&nodes[..], &[add(&["scaled", "bias"])]].concat()).1;
    assert!(!steps.contains(&"LayerNormalization".to_owned()), "{steps:?}");
}

#[test]
fn a_normalisation_by_the_root_mean_square() {
    let squares = [
        node("Mul", &["x", "x"], "squares"),
        node("ReduceMean", &["squares", "last"], "variance"),
        node("Add", &["epsilon", "variance"], "some"),
        node("Sqrt", &["some"], "root"),
    ];
    let one_over = |op: &str, inputs: &[&str]| {
        let last = [node("Mul", &["x", "inverse"], "n"), node("Mul", &["scale", "n"], "y")];
        [&squares[..], &[node(op, inputs, "inverse")], &last].concat()
    };
    assert_fused(&one_over("Reciprocal", &["root"]), &["RMSNormalization"]);
    assert_fused(&one_over("Div", &["one", "root"]), &["RMSNormalization"]);
    let divided = [node("Div", &["x", "root"], "n"), node("Mul", &["n", "scale"], "y")];
    assert_fused(&[&squares[..], &divided].concat(), &["RMSNormalization"]);
}

#[test]
fn a_gaussian_unit() {
    let erf = |op: &str, number: &str| {
        vec![node(op, &["x", number], "z"), node("Erf", &["z"], "erf"), node("Add", &["erf", "one"], "sum")]
    };
    let ends = [
        [node("Mul", &["x", "sum"], "product"), node("Mul", &["product", "half"], "y")],
        [node("Mul", &["half", "x"], "product"), node("Mul", &["product", "sum"], "y")],
        [node("Mul", &["sum", "half"], "product"), node("Mul", &["x", "product"], "y")],
    ];
    for end in ends {
        assert_fused(&[&erf("Div", "root two")[..], &end].concat(), &["com.microsoft.Gelu"]);
        assert_fused(&[&erf("Mul", "half root")[..], &end].concat(), &["com.microsoft.Gelu"]);
        let other = [&erf("Mul", "half")[..], &end].concat();
        assert!(!compiled(&other).1.contains(&"com.microsoft.Gelu".to_owned()));
    }
}

#[test]
fn an_approximated_gaussian_unit() {
    let end = [
        node("Tanh", &["inner"], "tanh"),
        node("Add", &["one", "tanh"], "sum"),
        node("Mul", &["x", "half"], "product"),
        node("Mul", &["product", "sum"], "y"),
    ];
    let cubed = [
        node("Pow", &["x", "three"], "cube"),
        node("Mul", &["cube", "little"], "bit"),
        node("Add", &["x", "bit"], "more"),
        node("Mul", &["more", "root two over pi"], "inner"),
    ];
    assert_fused(&[&cubed[..], &end].concat(), &["com.microsoft.FastGelu"]);
    let outside = [
        node("Mul", &["x", "little"], "first"),
        node("Mul", &["first", "x"], "bit"),
        node("Add", &["bit", "one"], "more"),
        node("Mul", &["x", "root two over pi"], "second"),
        node("Mul", &["second", "more"], "inner"),
    ];
    assert_fused(&[&outside[..], &end].concat(), &["com.microsoft.FastGelu"]);
    let squared = [&[node("Pow", &["x", "two"], "cube")][..], &cubed[1..], &end].concat();
    assert!(!compiled(&squared).1.contains(&"com.microsoft.FastGelu".to_owned()));
}

#[test]
fn a_quick_gaussian_unit() {
    let nodes = [
        node("Mul", &["x", "root two"], "z"),
        node("Sigmoid", &["z"], "gate"),
        node("Mul", &["x", "gate"], "y"),
    ];
    assert_fused(&nodes, &["com.microsoft.QuickGelu"]);
}

/// Queries, keys as columns by `perm`, and values of `x`, two heads of size 3.
fn heads(perm: &[i64]) -> Vec<NodeProto> {
    let transposed = |input: &str, perm: &[i64], output: &str| NodeProto {
        attribute: vec![ints("perm", perm)],
        ..node("Transpose", &[input], output)
    };
    let rows = if perm == [0, 1, 3, 2] { "v" } else { "parts" };
    vec![
        node("Reshape", &["x", "heads"], "parts"),
        node("Tanh", &["parts"], "bent"),
        transposed("bent", &[0, 2, 1, 3], "q"),
        transposed("parts", &[0, 2, 1, 3], "v"),
        transposed(rows, perm, "k"),
    ]
}

#[test]
fn attention() {
    let fused = |middle: &[NodeProto], perm: &[i64]| {
        let softmax = [node("Softmax", &["scores"], "weights"), node("MatMul", &["weights", "v"], "y")];
        assert_ends(&[&heads(perm)[..], middle, &softmax].concat(), "Attention");
    };
    let product = |k: &str, output: &str| node("MatMul", &["q", k], output);
    for perm in [[0, 1, 3, 2], [0, 2, 3, 1]] {
        fused(&[product("k", "scores")], &perm);
        fused(&[product("k", "s"), node("Div", &["s", "root two"], "scores")], &perm);
        let masked = [
            product("k", "s"),
            node("Mul", &["half", "s"], "scaled"),
            node("Add", &["scaled", "mask"], "scores"),
        ];
        fused(&masked, &perm);
        fused(&[node("Mul", &["k", "half"], "less"), product("less", "scores")], &perm);
        fused(&[product("k", "s"), node("Add", &["mask", "s"], "scores")], &perm);
        for inputs in [["allowed", "s", "never"], ["allowed", "never", "s"]] {
            fused(&[product("k", "s"), node("Where", &inputs, "scores")], &perm);
        }
    }
}

#[test]
fn weights_that_somebody_else_takes_are_no_attention() {
    let end = [
        node("MatMul", &["q", "k"], "scores"),
        node("Softmax", &["scores"], "weights"),
        node("MatMul", &["weights", "v"], "seen"),
        node("ReduceSum", &["weights", "last"], "ones"),
        node("Mul", &["seen", "ones"], "y"),
    ];
    let nodes = [&heads(&[0, 1, 3, 2])[..], &end].concat();
    let steps = compiled(&nodes).1;
    assert!(!steps.contains(&"Attention".to_owned()), "{steps:?}");
    // The keys are not moved all the same.
    assert!(steps.contains(&"com.microsoft.FusedMatMul".to_owned()), "{steps:?}");
    assert_same(&nodes);
}

/// As [`assert_fused`], of the last step alone.
fn assert_ends(nodes: &[NodeProto], step: &str) {
    let steps = compiled(nodes).1;
    assert_eq!(steps.last().map(String::as_str), Some(step), "{steps:?}");
    assert!(!steps.contains(&"Softmax".to_owned()), "{steps:?}");
    assert_same(nodes);
}

/// Checks the steps, and that they give what the nodes give one by one.
fn assert_fused(nodes: &[NodeProto], steps: &[&str]) {
    assert_eq!(compiled(nodes).1, steps);
    assert_same(nodes);
}

/// Checks that the model gives what its nodes give, each a model of its own.
fn assert_same(nodes: &[NodeProto]) {
    let x: Vec<f32> = (0..48i16).map(|i| f32::from(i * 7 % 23) * 0.2 - 2.0).collect();
    let x = Tensor::from_f32(vec![2, 4, 6], x).unwrap();
    let mut values = BTreeMap::from([("x".to_owned(), x.clone())]);
    values.extend(constants());
    for node in nodes {
        let inputs: BTreeMap<String, Tensor> =
            node.input.iter().map(|name| (name.clone(), values[name].clone())).collect();
        let types = inputs.iter().map(|(name, tensor)| value_of(name, tensor)).collect();
        let onnx = model(vec![node.clone()], types, Vec::new(), &node.output[0]);
        let alone = Model::load(compile(&onnx, Metadata::default()).unwrap().as_slice(), None).unwrap();
        let outputs = alone.run(inputs.into_iter().collect::<Vec<_>>()).unwrap();
        values.insert(node.output[0].clone(), outputs[0].1.as_tensor().unwrap().clone());
    }
    let outputs = compiled(nodes).0.run(vec![("x".to_owned(), x)]).unwrap();
    let (given, wanted) = (outputs[0].1.as_tensor().unwrap(), &values["y"]);
    assert_eq!(given.shape(), wanted.shape());
    for (y, expected) in given.as_f32().unwrap().iter().zip(wanted.as_f32().unwrap()) {
        assert!((y - expected).abs() <= 1e-5 * expected.abs().max(1.0), "{y} and not {expected}");
    }
}

/// The model of `nodes`, and the operators of its steps.
fn compiled(nodes: &[NodeProto]) -> (Model, Vec<String>) {
    let x = Tensor::from_f32(vec![2, 4, 6], vec![0.0; 48]).unwrap();
    let weights = constants().iter().map(|(name, tensor)| weights(name, tensor)).collect();
    let file =
        compile(&model(nodes.to_vec(), vec![value_of("x", &x)], weights, "y"), Metadata::default()).unwrap();
    (Model::load(file.as_slice(), None).unwrap(), operators(&file))
}

fn constants() -> BTreeMap<String, Tensor> {
    let floats = |shape: &[usize], values: &[f32]| Tensor::from_f32(shape.to_vec(), values.to_vec()).unwrap();
    let ints = |values: &[i64]| Tensor::new(vec![values.len()], TensorData::Int64(values.to_vec())).unwrap();
    let mask: Vec<f32> = (0..16u8).map(|i| if i % 3 == 1 { -1e4 } else { 0.0 }).collect();
    let allowed = (0..16u8).map(|i| i % 5 < 3).collect();
    BTreeMap::from([
        ("last".to_owned(), ints(&[-1])),
        ("heads".to_owned(), ints(&[0, 0, 2, 3])),
        ("scale".to_owned(), floats(&[6], &[1.0, 2.0, 0.5, -1.0, 1.5, 1.0])),
        ("bias".to_owned(), floats(&[6], &[0.5, -0.5, 0.0, 1.0, 2.0, 0.25])),
        ("by row".to_owned(), floats(&[4, 1], &[1.0, 2.0, 3.0, 4.0])),
        ("mask".to_owned(), floats(&[1, 1, 4, 4], &mask)),
        ("never".to_owned(), floats(&[], &[f32::MIN])),
        ("allowed".to_owned(), Tensor::new(vec![1, 1, 4, 4], TensorData::Bool(allowed)).unwrap()),
        ("epsilon".to_owned(), floats(&[], &[1e-3])),
        ("half".to_owned(), floats(&[], &[0.5])),
        ("one".to_owned(), floats(&[], &[1.0])),
        ("two".to_owned(), floats(&[], &[2.0])),
        ("three".to_owned(), floats(&[], &[3.0])),
        ("root two".to_owned(), floats(&[], &[std::f32::consts::SQRT_2])),
        ("half root".to_owned(), floats(&[], &[std::f32::consts::FRAC_1_SQRT_2])),
        ("root two over pi".to_owned(), floats(&[], &[0.797_884_6])),
        ("little".to_owned(), floats(&[], &[0.044_715])),
    ])
}

fn model(
    node: Vec<NodeProto>,
    input: Vec<ValueInfoProto>,
    initializer: Vec<TensorProto>,
    output: &str,
) -> Vec<u8> {
    let output = vec![value(output, 1, None)];
    encoded(GraphProto { node, initializer, input, output, ..GraphProto::default() })
}

fn weights(name: &str, tensor: &Tensor) -> TensorProto {
    let (mut proto, dims) = (TensorProto::default(), tensor.shape().iter().map(|dim| *dim as i64).collect());
    proto.data_type = element(tensor);
    match tensor.data() {
        TensorData::Float32(values) => proto.float_data.clone_from(values),
        TensorData::Int64(values) => proto.int64_data.clone_from(values),
        TensorData::Bool(values) => proto.int32_data = values.iter().map(|value| i32::from(*value)).collect(),
        other => panic!("{other:?}"),
    }
    TensorProto { name: name.to_owned(), dims, ..proto }
}

/// ONNX's number of the type.
fn element(tensor: &Tensor) -> i32 {
    match tensor.data() {
        TensorData::Float32(_) => 1,
        TensorData::Int64(_) => 7,
        TensorData::Bool(_) => 9,
        other => panic!("{other:?}"),
    }
}

fn value_of(name: &str, tensor: &Tensor) -> ValueInfoProto {
    let dims: Vec<i64> = tensor.shape().iter().map(|dim| *dim as i64).collect();
    value(name, element(tensor), Some(&dims))
}
