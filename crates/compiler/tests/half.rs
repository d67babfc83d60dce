//! Models of half precision: what they calculate in, what their file holds, and
//! what they take and give.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

mod onnx;

use edgeinfer_compiler::compile;
use edgeinfer_core::{
    ElementType, EngineSection, Metadata, Model, ModelFile, Plan, Storage, Tensor, TensorData,
};
use edgeinfer_onnx::{AttributeProto, AttributeType, DataType, GraphProto, NodeProto, TensorProto};
use onnx::{encoded, node, value};

const ONE: u16 = 0x3c00;
const TWO: u16 = 0x4000;

fn halves(name: &str, dims: &[i64], bits: &[u16]) -> TensorProto {
    TensorProto {
        name: name.to_owned(),
        dims: dims.to_vec(),
        data_type: DataType::Float16.into(),
        raw_data: bits.iter().flat_map(|bits| bits.to_le_bytes()).collect(),
        ..TensorProto::default()
    }
}

/// A layer from `X` of 20 numbers, all weights 1, to `y` of two, and what comes after.
fn compiled(kind: DataType, after: Vec<NodeProto>, last: &str) -> Vec<u8> {
    let mut nodes = vec![node("MatMul", &["X", "W"], "product"), node("Add", &["product", "B"], "sum")];
    nodes.extend(after);
    let graph = GraphProto {
        node: nodes,
        initializer: vec![halves("W", &[20, 2], &[ONE; 40]), halves("B", &[2], &[ONE, TWO])],
        input: vec![value("X", DataType::Float16.into(), Some(&[-1, 20]))],
        output: vec![value(last, kind.into(), Some(&[-1, 2]))],
        ..GraphProto::default()
    };
    compile(&encoded(graph), Metadata::default()).unwrap()
}

fn plan(file: &[u8]) -> Plan {
    match ModelFile::parse(&file.into()).unwrap().manifest.engine {
        EngineSection::Plan(plan) => plan,
        EngineSection::Onnx { refused } => panic!("{refused:?}"),
    }
}

fn run(file: &[u8]) -> Tensor {
    let x = Tensor::new(vec![1, 20], TensorData::Float16(vec![ONE; 20])).unwrap();
    let outputs = Model::load(file, None).unwrap().run(vec![("X".to_owned(), x)]).unwrap();
    outputs[0].1.as_tensor().unwrap().clone()
}

#[test]
fn a_layer_of_half_precision_is_one_of_single_precision_with_weights_of_half() {
    let file = compiled(DataType::Float16, vec![node("Relu", &["sum"], "y")], "y");
    let plan = plan(&file);
    let operators: Vec<_> = plan.graph.steps.iter().map(|step| step.op.as_str()).collect();
    assert_eq!(operators, ["Cast", "Linear", "Cast"]);
    let weights = plan.constants.iter().find(|constant| constant.shape == [20, 2]).unwrap();
    assert_eq!((weights.element, weights.stored), (ElementType::Float32, Some(Storage::Float16)));
    let y = Tensor::new(vec![1, 2], TensorData::Float16(vec![0x4d40, 0x4d80])).unwrap();
    assert_eq!(run(&file), y);
}

#[test]
fn what_is_made_single_precision_in_the_model_stays_so() {
    let mut cast = node("Cast", &["sum"], "y");
    let kind = AttributeType::Int.into();
    cast.attribute =
        vec![AttributeProto { name: "to".to_owned(), i: 1, r#type: kind, ..AttributeProto::default() }];
    assert_eq!(run(&compiled(DataType::Float, vec![cast], "y")).as_f32().unwrap(), [21.0, 22.0]);
}

#[test]
fn a_model_that_reads_bits_stays_of_half_precision() {
    let mut cast = node("BitCast", &["sum"], "y");
    let kind = AttributeType::Int.into();
    cast.attribute =
        vec![AttributeProto { name: "to".to_owned(), i: 4, r#type: kind, ..AttributeProto::default() }];
    let file = compiled(DataType::Uint16, vec![cast], "y");
    assert_eq!(run(&file).data(), &TensorData::UInt16(vec![0x4d40, 0x4d80]));
    assert!(plan(&file).constants.iter().any(|constant| constant.element == ElementType::Float16));
}
