//! What plans are made of: folded constants, fused chains, inlined functions,
//! and the list of what stands against a plan.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

mod onnx;

use edgeinfer_compiler::{compile, inspect};
use edgeinfer_core::{EngineSection, Graph, Metadata, Model, ModelFile, Plan, Tensor};
use edgeinfer_onnx::{
    AttributeProto, AttributeType, Dimension, FunctionProto, GraphProto, Message as _, ModelProto, NodeProto,
    TensorProto, TensorShapeProto, TensorType, Type, TypeProto, ValueInfoProto,
};
use onnx::{floats, int, model_of, node, value};

#[test]
fn nodes_of_constants_are_folded_and_what_nobody_takes_is_left_out() {
    let onnx = model(
        vec![
            node("Add", &["one", "one"], "two"),
            node("Mul", &["two", "two"], "four"),
            node("Add", &["X", "four"], "y"),
            node("Sub", &["X", "one"], "unused"),
        ],
        vec![floats("one", &[1], &[1.0])],
    );
    let plan = plan(&onnx);
    assert_eq!(operators(&plan.graph), ["Add"]);
    assert_eq!(plan.constants.len(), 1);
    assert_eq!(run(&onnx, &[1.0, 2.0]), [5.0, 6.0]);
}

#[test]
fn nodes_that_give_what_they_take_are_left_out() {
    let mut cast = node("Cast", &["X"], "cast");
    cast.attribute.push(AttributeProto {
        name: "to".to_owned(),
        r#type: AttributeType::Int.into(),
        i: 1,
        ..AttributeProto::default()
    });
    let onnx = model(
        vec![
            cast,
            node("Identity", &["cast"], "same"),
            node("Dropout", &["same"], "kept"),
            node("Neg", &["kept"], "negated"),
            node("Identity", &["negated"], "y"),
        ],
        vec![],
    );
    assert_eq!(operators(&plan(&onnx).graph), ["Neg"]);
    assert_eq!(run(&onnx, &[1.0, 2.0]), [-1.0, -2.0]);
}

#[test]
fn nodes_that_give_the_same_are_one() {
    let onnx = model(
        vec![
            node("Sub", &["X", "one"], "a"),
            node("Sub", &["X", "another"], "b"),
            node("Neg", &["a"], "c"),
            node("Neg", &["b"], "d"),
            node("Sub", &["X", "two"], "e"),
            node("Mul", &["c", "d"], "f"),
            node("Mul", &["e", "f"], "y"),
        ],
        vec![floats("one", &[1], &[1.0]), floats("another", &[1], &[1.0]), floats("two", &[1], &[2.0])],
    );
    let plan = plan(&onnx);
    assert_eq!(operators(&plan.graph), ["Sub", "Neg", "Sub", "Mul", "Mul"]);
    assert_eq!(plan.constants.len(), 2);
    assert_eq!(run(&onnx, &[3.0, 4.0]), [4.0, 18.0]);
}

#[test]
fn a_product_with_constant_weights_its_bias_and_its_activation_are_one_step() {
    let weights = [1.0, -1.0, 2.0, 0.5];
    let nodes = |activation: &str| {
        vec![
            node("MatMul", &["X", "W"], "product"),
            node("Add", &["B", "product"], "sum"),
            node(activation, &["sum"], "y"),
        ]
    };
    let constants = || vec![floats("W", &[2, 2], &weights), floats("B", &[2], &[0.5, -4.0])];
    for activation in ["Relu", "Tanh", "Sigmoid"] {
        let fused = model(nodes(activation), constants());
        assert_eq!(operators(&plan(&fused).graph), ["Linear"]);
        // The unfused form: weights that are an input's, so that nothing is constant.
        let sum: [f32; 2] = [1.0 + 2.0 * 2.0 + 0.5, -1.0 + 2.0 * 0.5 - 4.0];
        let wanted = sum.map(|sum| match activation {
            "Relu" => sum.max(0.0),
            "Tanh" => sum.tanh(),
            _ => 1.0 / (1.0 + (-sum).exp()),
        });
        for (given, wanted) in run(&fused, &[1.0, 2.0]).iter().zip(wanted) {
            assert!((given - wanted).abs() < 1e-6, "{activation}: {given} instead of {wanted}");
        }
    }
}

#[test]
fn weights_below_the_smallest_normal_number_are_zeros() {
    let weights = [f32::MIN_POSITIVE / 2.0, 1.0, f32::MIN_POSITIVE, -1e-40];
    let onnx = model(vec![node("MatMul", &["X", "w"], "y")], vec![floats("w", &[2, 2], &weights)]);
    assert_eq!(operators(&plan(&onnx).graph), ["Linear"]);
    assert_eq!(run(&onnx, &[1e30, 1e30]), [f32::MIN_POSITIVE * 1e30, 1e30]);
}

#[test]
fn a_product_that_two_nodes_take_keeps_its_own_value() {
    let onnx = model(
        vec![
            node("MatMul", &["X", "W"], "product"),
            node("Relu", &["product"], "positive"),
            node("Add", &["product", "positive"], "y"),
        ],
        vec![floats("W", &[2, 2], &[1.0, 0.0, 0.0, 1.0])],
    );
    assert_eq!(run(&onnx, &[-3.0, 2.0]), [-3.0, 4.0]);
}

#[test]
fn a_gemm_with_transposed_weights_is_a_linear_too() {
    let mut gemm = node("Gemm", &["X", "W", "B"], "y");
    gemm.attribute.push(int("transB", 1));
    let onnx = model(
        vec![gemm],
        vec![floats("W", &[2, 2], &[1.0, 2.0, 3.0, 4.0]), floats("B", &[2], &[10.0, 20.0])],
    );
    assert_eq!(operators(&plan(&onnx).graph), ["Linear"]);
    assert_eq!(run(&onnx, &[1.0, 1.0]), [13.0, 27.0]);
}

#[test]
fn nodes_are_put_in_order() {
    let onnx = model(
        vec![node("Add", &["half", "one"], "y"), node("Mul", &["X", "one"], "half")],
        vec![floats("one", &[1], &[1.0])],
    );
    assert_eq!(run(&onnx, &[1.0, 2.0]), [2.0, 3.0]);
}

#[test]
fn a_function_of_the_model_is_its_nodes() {
    let function = FunctionProto {
        name: "Twice".to_owned(),
        domain: "own".to_owned(),
        input: vec!["x".to_owned()],
        output: vec!["r".to_owned()],
        node: vec![node("Identity", &["x"], "same"), node("Add", &["same", "x"], "r")],
        ..FunctionProto::default()
    };
    let call = |input, output| NodeProto { domain: "own".to_owned(), ..node("Twice", &[input], output) };
    let mut proto = proto(vec![call("X", "two"), call("two", "y")], vec![]);
    proto.functions.push(function);
    assert_eq!(run(&proto.encode_to_vec(), &[1.0, 2.0]), [4.0, 8.0]);
}

#[test]
fn everything_that_stands_against_a_plan_is_listed() {
    let nodes = vec![
        node("Frobnicate", &["X"], "a"),
        node("Add", &["a", "a"], "b"),
        NodeProto { name: "second".to_owned(), ..node("Defenestrate", &["b"], "y") },
    ];
    let onnx = model(nodes, vec![]);
    let error = compile(&onnx, Metadata::default()).unwrap_err().to_string();
    for named in ["node that gives \"a\" (Frobnicate)", "node \"second\" (Defenestrate)", "not supported"] {
        assert!(error.contains(named), "{error}");
    }
    let report = inspect(&onnx, Metadata::default()).unwrap();
    let compiles: Vec<_> =
        report.operators.iter().map(|used| (used.operator.as_str(), used.compiles)).collect();
    assert_eq!(compiles, [("Add", true), ("Defenestrate", false), ("Frobnicate", false)]);
    assert!(report.model.is_none());
    assert_eq!(report.problems.len(), 3);
}

#[test]
fn first_dimensions_without_a_name_are_one_where_the_inputs_are_a_table() {
    let sizes = |second: ValueInfoProto| {
        let mut model = proto(vec![node("Gather", &["X", "I"], "y")], Vec::new());
        let graph = model.graph.as_mut().unwrap();
        graph.input = vec![free("X", 1, 2), second];
        let info = serde_json::to_value(load(&model.encode_to_vec()).info()).unwrap();
        [0, 1].map(|input| info.pointer(&format!("/inputs/{input}/shape/0")).unwrap().clone())
    };
    assert_eq!(sizes(free("I", 7, 2)), ["N", "N"]);
    assert_eq!(sizes(free("I", 7, 1)), ["X_dim_0", "I_dim_0"]);
}

#[test]
fn a_transposed_weight_is_folded_however_long_it_is() {
    let (rows, columns) = (2, 1 << 17);
    let weights = floats("w", &[columns, rows], &vec![1.0; (columns * rows) as usize]);
    let onnx = model(
        vec![node("Transpose", &["w"], "v"), node("MatMul", &["X", "v"], "t"), node("Relu", &["t"], "y")],
        vec![weights],
    );
    assert!(!operators(&plan(&onnx).graph).contains(&"Transpose"));
}

#[test]
fn a_step_that_fails_names_its_node() {
    let onnx = model(
        vec![NodeProto { name: "sum".to_owned(), ..node("Add", &["X", "three"], "y") }],
        vec![floats("three", &[3], &[1.0, 2.0, 3.0])],
    );
    let model = load(&onnx);
    let error =
        model.run(vec![("X".to_owned(), Tensor::from_f32(vec![1, 2], vec![0.0; 2]).unwrap())]).unwrap_err();
    assert_eq!(error.place(), Some("node \"sum\" (Add)"), "{error}");
}

fn operators(graph: &Graph) -> Vec<&str> {
    graph.steps.iter().map(|step| step.op.as_str()).collect()
}

fn plan(onnx: &[u8]) -> Plan {
    let file = compile(onnx, Metadata::default()).unwrap();
    match ModelFile::parse(&file.as_slice().into()).unwrap().manifest.engine {
        EngineSection::Plan(plan) => plan,
        EngineSection::Onnx { refused } => panic!("{refused:?}"),
    }
}

fn load(onnx: &[u8]) -> Model {
    Model::load(compile(onnx, Metadata::default()).unwrap().as_slice(), None).unwrap()
}

/// The output `y` for one row.
fn run(onnx: &[u8], row: &[f32]) -> Vec<f32> {
    let x = Tensor::from_f32(vec![1, row.len()], row.to_vec()).unwrap();
    let outputs = load(onnx).run(vec![("X".to_owned(), x)]).unwrap();
    outputs[0].1.as_tensor().unwrap().as_f32().unwrap().to_vec()
}

/// A model from `X`, rows of two numbers, to `y`, as many.
fn model(nodes: Vec<NodeProto>, initializer: Vec<TensorProto>) -> Vec<u8> {
    proto(nodes, initializer).encode_to_vec()
}

fn proto(node: Vec<NodeProto>, initializer: Vec<TensorProto>) -> ModelProto {
    let graph = GraphProto {
        node,
        initializer,
        input: vec![rows("X")],
        output: vec![rows("y")],
        ..GraphProto::default()
    };
    model_of(graph, &[("", 21), ("own", 1)])
}

/// A tensor of which only the rank is known.
fn free(name: &str, elem_type: i32, rank: usize) -> ValueInfoProto {
    let shape = TensorShapeProto { dim: vec![Dimension::default(); rank] };
    let tensor = TensorType { elem_type, shape: Some(shape) };
    ValueInfoProto { name: name.to_owned(), r#type: Some(TypeProto { value: Some(Type::Tensor(tensor)) }) }
}

fn rows(name: &str) -> ValueInfoProto {
    value(name, 1, Some(&[-1, 2]))
}
