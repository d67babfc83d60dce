//! onnxruntime's own operators become others, and give what those give.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

mod onnx;

use edgeinfer_compiler::compile;
use edgeinfer_core::{Metadata, Model, Tensor, TensorData};
use edgeinfer_onnx::{GraphProto, Message as _, NodeProto, TensorProto};
use onnx::{float, floats, int, ints, model_of, node, steps, value};

const UINT8: i32 = 2;
const INT8: i32 = 3;
const INT32: i32 = 6;
const INT64: i32 = 7;

/// A node of onnxruntime's domain.
fn own(op: &str, inputs: &[&str], output: &str) -> NodeProto {
    NodeProto { domain: "com.microsoft".to_owned(), ..node(op, inputs, output) }
}

fn with(node: NodeProto, attributes: Vec<edgeinfer_onnx::AttributeProto>) -> NodeProto {
    NodeProto { attribute: attributes, ..node }
}

fn whole(name: &str, data_type: i32, dims: &[i64], values: &[i32]) -> TensorProto {
    let (int32_data, dims) = (values.to_vec(), dims.to_vec());
    TensorProto { name: name.to_owned(), data_type, dims, int32_data, ..TensorProto::default() }
}

/// The steps of the plan of `nodes` from `x` to `y`, and what they give.
fn run(nodes: Vec<NodeProto>, constants: Vec<TensorProto>, x: Tensor) -> (Vec<String>, Tensor) {
    let kind = match x.data() {
        TensorData::UInt8(_) => UINT8,
        TensorData::Int64(_) => INT64,
        _ => 1,
    };
    let dims: Vec<i64> = x.shape().iter().map(|dim| *dim as i64).collect();
    let graph = GraphProto {
        node: nodes,
        initializer: constants,
        input: vec![value("x", kind, Some(&dims))],
        output: vec![value("y", kind, None)],
        ..GraphProto::default()
    };
    let onnx = model_of(graph, &[("", 21), ("com.microsoft", 1)]).encode_to_vec();
    let file = compile(&onnx, Metadata::default()).unwrap();
    let steps = steps(&file).into_iter().map(|step| step.op).collect();
    let outputs = Model::load(file.as_slice(), None).unwrap().run(vec![("x".to_owned(), x)]).unwrap();
    (steps, outputs[0].1.as_tensor().unwrap().clone())
}

fn numbers(shape: &[usize]) -> Tensor {
    let count = shape.iter().product::<usize>();
    Tensor::from_f32(shape, (0..count).map(|i| (i * 7 % 11) as f32 - 5.0).collect()).unwrap()
}

fn codes(shape: &[usize]) -> Tensor {
    let count = shape.iter().product::<usize>();
    Tensor::new(shape, TensorData::UInt8((0..count).map(|i| (i * 37 % 256) as u8).collect())).unwrap()
}

#[test]
fn a_fused_convolution_is_one_with_a_sum_and_an_activation() {
    let constants = || {
        let weights: Vec<f32> = (0..48i8).map(|i| f32::from(i % 7) * 0.25 - 0.75).collect();
        vec![floats("w", &[4, 3, 2, 2], &weights), floats("b", &[4], &[1.0, 0.0, -1.0, 0.25])]
    };
    let attributes = |alpha: f32| {
        let parameters = edgeinfer_onnx::AttributeProto { floats: vec![alpha], ..float("", 0.0) };
        let (name, r#type) = ("activation_params".to_owned(), 6);
        let parameters = edgeinfer_onnx::AttributeProto { name, r#type, ..parameters };
        let activation = edgeinfer_onnx::AttributeProto {
            name: "activation".to_owned(),
            r#type: 3,
            s: b"LeakyRelu".to_vec(),
            ..int("", 0)
        };
        vec![activation, parameters]
    };
    let fused = vec![
        node("Conv", &["x", "w", "b"], "z"),
        with(own("FusedConv", &["x", "w", "b", "z"], "y"), attributes(0.5)),
    ];
    let (steps, y) = run(fused, constants(), numbers(&[1, 3, 4, 4]));
    assert_eq!(steps, ["Conv", "Conv"]);
    let plain = vec![
        node("Conv", &["x", "w", "b"], "z"),
        node("Add", &["z", "z"], "sum"),
        with(node("LeakyRelu", &["sum"], "y"), vec![float("alpha", 0.5)]),
    ];
    assert_eq!(y, run(plain, constants(), numbers(&[1, 3, 4, 4])).1);
}

/// The scale and the zero point of every tensor but the weights.
fn quantised() -> Vec<TensorProto> {
    let weights: Vec<i32> = (0..36).map(|i| i * 29 % 255 - 127).collect();
    vec![
        floats("s", &[], &[0.05]),
        whole("z", UINT8, &[], &[120]),
        whole("w", INT8, &[3, 3, 2, 2], &weights),
        whole("w1", INT8, &[3, 3, 1, 1], &weights[..9]),
        floats("ws", &[], &[0.004]),
        whole("wz", INT8, &[], &[0]),
    ]
}

fn convolution(x: &str, w: &str, y: &str) -> NodeProto {
    own("QLinearConv", &[x, "s", "z", w, "ws", "wz", "s", "z"], y)
}

#[test]
fn of_channels_that_come_last_the_first_and_the_last_step_take_care() {
    let chain = |last: bool| {
        let flag = || if last { vec![int("channels_last", 1)] } else { Vec::new() };
        vec![
            with(convolution("x", "w", "a"), flag()),
            with(convolution("a", "w1", "b"), flag()),
            own("QLinearAdd", &["a", "s", "z", "b", "s", "z", "s", "z"], "c"),
            with(
                own("QLinearGlobalAveragePool", &["c", "s", "z", "s", "z"], if last { "y" } else { "d" }),
                flag(),
            ),
        ]
    };
    let order =
        |perm: &[i64], from: &str, to: &str| with(node("Transpose", &[from], to), vec![ints("perm", perm)]);
    let (steps, y) = run(chain(true), quantised(), codes(&[1, 5, 4, 3]));
    let between = ["QLinearConv", "QLinearConv", "QLinearAdd", "QLinearGlobalAveragePool"];
    assert_eq!(steps, [&["Transpose"][..], &between, &["Transpose"]].concat());
    let mut first = vec![order(&[0, 3, 1, 2], "x", "first")];
    first.extend(chain(false));
    first[1].input[0] = "first".to_owned();
    first.push(order(&[0, 2, 3, 1], "d", "y"));
    assert_eq!(y, run(first, quantised(), codes(&[1, 5, 4, 3])).1);
    assert_eq!(y.shape(), [1, 1, 1, 3]);
}

#[test]
fn a_pool_of_channels_that_come_last() {
    let pool = with(own("NhwcMaxPool", &["x"], "y"), vec![ints("kernel_shape", &[2])]);
    let x = Tensor::new([1, 3, 2].as_slice(), TensorData::UInt8(vec![1, 8, 2, 7, 3, 9])).unwrap();
    let (_, y) = run(vec![pool], Vec::new(), x);
    assert_eq!(y, Tensor::new([1, 2, 2].as_slice(), TensorData::UInt8(vec![2, 8, 3, 9])).unwrap());
}

/// Two rows of 32 numbers of four bits, with a scale for each 16.
#[test]
fn rows_of_a_packed_table_are_taken_before_they_are_numbers() {
    let bytes: Vec<i32> = (0..32).map(|i| i * 37 % 256).collect();
    let constants =
        vec![whole("table", UINT8, &[2, 16], &bytes), floats("scales", &[2, 2], &[0.5, 0.25, 1.0, 2.0])];
    let rows = with(
        own("GatherBlockQuantized", &["table", "x", "scales"], "y"),
        vec![int("bits", 4), int("block_size", 16)],
    );
    let x = Tensor::new([1].as_slice(), TensorData::Int64(vec![1])).unwrap();
    let (steps, y) = run(vec![rows], constants, x);
    assert_eq!(steps, ["Gather", "Gather", "Gather", "DequantizeLinear"]);
    let code = |i: usize| (bytes[16 + i / 2] >> (4 * (i % 2)) & 15) as f32 - 8.0;
    let expected: Vec<_> = (0..32).map(|i| code(i) * if i < 16 { 1.0 } else { 2.0 }).collect();
    assert_eq!(y, Tensor::from_f32([1, 32].as_slice(), expected).unwrap());
}

#[test]
fn a_fused_product_is_one_with_its_activation() {
    let text = |value: &str| edgeinfer_onnx::AttributeProto {
        name: "activation".to_owned(),
        r#type: 3,
        s: value.as_bytes().to_vec(),
        ..int("", 0)
    };
    let constants =
        || vec![floats("w", &[3, 2], &[1.0, -1.0, 0.5, 2.0, 0.25, -0.5]), floats("b", &[2], &[0.5, 1.0])];
    let y = |nodes| run(nodes, constants(), numbers(&[2, 3]));
    for (activation, fused) in [("Relu", true), ("LeakyRelu", false), ("Softsign", false)] {
        let alpha = || if activation == "LeakyRelu" { Some(0.25) } else { None };
        let own_alpha = alpha().map(|alpha| float("activation_alpha", alpha));
        let gemm = with(
            own("FusedGemm", &["x", "w", "b"], "y"),
            [text(activation)].into_iter().chain(own_alpha).collect(),
        );
        let plain = with(
            node(activation, &["z"], "y"),
            alpha().map(|alpha| float("alpha", alpha)).into_iter().collect(),
        );
        let (steps, given) = y(vec![gemm]);
        let (_, expected) = y(vec![node("Gemm", &["x", "w", "b"], "z"), plain]);
        assert_eq!(given, expected, "{activation}");
        assert_eq!(steps.len() == 1, fused, "{steps:?}");
    }
}

#[test]
fn others_have_another_name() {
    let axis = whole("axis", INT32, &[], &[-1]);
    let (steps, y) = run(vec![own("ExpandDims", &["x", "axis"], "y")], vec![axis], numbers(&[2, 3]));
    assert_eq!((steps, y.shape()), (vec!["Unsqueeze".to_owned()], [2, 3, 1].as_slice()));
    let x = Tensor::from_f32([4].as_slice(), vec![2.0, 1.0, 1.0, 3.0]).unwrap();
    let (_, y) = run(vec![own("Unique", &["x"], "y")], Vec::new(), x);
    assert_eq!(y, Tensor::from_f32([3].as_slice(), vec![2.0, 1.0, 3.0]).unwrap());
}

#[test]
fn heads_are_normalised_before_they_attend() {
    let nodes = |normal: bool| {
        let mut inputs = vec!["x", "x", "x", "", "", "last", "total"];
        if normal {
            inputs.extend(["", "", "", "", "", "", "", "qw", "kw"]);
        }
        let heads = vec![int("num_heads", 2), int("kv_num_heads", 2)];
        vec![with(own("GroupQueryAttention", &inputs, "y"), heads)]
    };
    let constants = |weight: f32| {
        vec![
            whole("last", INT32, &[1], &[2]),
            whole("total", INT32, &[1], &[3]),
            floats("qw", &[2], &[weight; 2]),
            floats("kw", &[2], &[1.0; 2]),
        ]
    };
    // Of rows whose heads have a mean square of 1 already.
    let rows = [1.0f32, 1.0, -1.0, 1.0, 1.0, -1.0, 1.0, 1.0, 1.0, 1.0, 1.0, -1.0];
    let x = || Tensor::from_f32([1, 3, 4].as_slice(), rows.to_vec()).unwrap();
    let (steps, y) = run(nodes(true), constants(1.0), x());
    assert_eq!(steps.last().unwrap(), "GroupQueryAttention");
    assert!(steps.len() > 3, "{steps:?}");
    let expected = run(nodes(false), constants(1.0), x()).1;
    let pairs = y.as_f32().unwrap().iter().zip(expected.as_f32().unwrap());
    assert!(pairs.clone().all(|(y, expected)| (y - expected).abs() < 1e-4), "{y:?} and not {expected:?}");
}

#[test]
fn operators_that_onnx_gave_up_are_sums_and_products() {
    let list = |name: &str, values: &[f32]| {
        let parameters = edgeinfer_onnx::AttributeProto { floats: values.to_vec(), ..float("", 0.0) };
        edgeinfer_onnx::AttributeProto { name: name.to_owned(), r#type: 6, ..parameters }
    };
    let x = || Tensor::from_f32([1, 2, 1, 2].as_slice(), vec![1.0, 2.0, 3.0, 4.0]).unwrap();
    let y = |nodes: Vec<NodeProto>| run(nodes, Vec::new(), x()).1;
    let scaled =
        with(node("ImageScaler", &["x"], "y"), vec![float("scale", 2.0), list("bias", &[0.5, -1.0])]);
    let expected = Tensor::from_f32([1, 2, 1, 2].as_slice(), vec![2.5, 4.5, 5.0, 7.0]).unwrap();
    assert_eq!(y(vec![scaled]), expected);
    let affine = with(node("Affine", &["x"], "y"), vec![float("alpha", 2.0), float("beta", 1.0)]);
    let expected = Tensor::from_f32([1, 2, 1, 2].as_slice(), vec![3.0, 5.0, 7.0, 9.0]).unwrap();
    assert_eq!(y(vec![affine]), expected);
    let cropped = with(node("Crop", &["x"], "y"), vec![ints("border", &[1, 0, 0, 0])]);
    assert_eq!(y(vec![cropped]), Tensor::from_f32([1, 2, 1, 1].as_slice(), vec![2.0, 4.0]).unwrap());
}

#[test]
fn gates_are_products_with_a_function() {
    let x = || Tensor::from_f32([1, 4].as_slice(), vec![1.0, -2.0, 3.0, 0.5]).unwrap();
    let y = |nodes: Vec<NodeProto>, constants: Vec<TensorProto>| run(nodes, constants, x()).1;
    let silu = with(own("ScaledSiLU", &["x"], "y"), vec![float("alpha", 2.0)]);
    let plain = vec![
        node("Mul", &["x", "two"], "z"),
        node("Sigmoid", &["z"], "gate"),
        node("Mul", &["z", "gate"], "y"),
    ];
    let two = floats("two", &[], &[2.0]);
    assert_eq!(y(vec![silu], Vec::new()), y(plain, vec![two.clone()]));
    let gated = own("GatedAdd", &["x", "x", "two"], "y");
    assert_eq!(y(vec![gated], vec![two]).as_f32().unwrap(), [3.0, -6.0, 9.0, 1.5]);
    // Each half of the row is normalised by itself.
    let halves = own("GatedRMSNorm", &["x", "scale", "x"], "y");
    let normal = y(vec![halves], vec![floats("scale", &[2], &[1.0, 1.0])]);
    let size = |a: f32, b: f32| ((a * a + b * b) / 2.0 + 1e-5).sqrt();
    let swish = |x: f32| x / (1.0 + (-x).exp());
    let expected =
        [(1.0, size(1.0, 2.0)), (-2.0, size(1.0, 2.0)), (3.0, size(3.0, 0.5)), (0.5, size(3.0, 0.5))];
    for (y, (x, size)) in normal.as_f32().unwrap().iter().zip(expected) {
        assert!((y - x / size * swish(x)).abs() < 1e-5, "{normal:?}");
    }
}

/// Every second number is of the second group.
#[test]
fn groups_in_any_order_are_put_in_order() {
    let bytes: Vec<i32> = (0..32).map(|i| i * 37 % 256).collect();
    let groups: Vec<i32> = (0..32).map(|i| i % 2).collect();
    let constants = |groups: &[i32]| {
        vec![
            whole("w", UINT8, &[2, 2, 8], &bytes),
            floats("s", &[2, 2], &[0.5, 1.0, 2.0, 0.25]),
            whole("g", INT32, &[32], groups),
        ]
    };
    let attributes = vec![int("K", 32), int("N", 2), int("bits", 4), int("block_size", 16)];
    let nodes =
        |groups: &str| vec![with(own("MatMulNBits", &["x", "w", "s", "", groups], "y"), attributes.clone())];
    let (steps, y) = run(nodes("g"), constants(&groups), numbers(&[1, 32]));
    assert_eq!(steps, ["Gather", "MatMulNBits"]);
    let x = numbers(&[1, 32]);
    let sum = |column: usize| -> f32 {
        let code = |i: usize| (bytes[16 * column + i / 2] >> (4 * (i % 2)) & 15) as f32 - 8.0;
        let scale = |i: usize| [0.5, 1.0, 2.0, 0.25][2 * column + i % 2];
        (0..32).map(|i| x.as_f32().unwrap()[i] * code(i) * scale(i)).sum()
    };
    assert_eq!(y.as_f32().unwrap(), [sum(0), sum(1)]);
}
