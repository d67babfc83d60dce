//! Parts of ONNX models, as tests write them down.
#![allow(dead_code, reason = "each test file uses a part of this")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

pub(crate) mod graphs;

use edgeinfer_core::{EngineSection, ModelFile, Step};
use edgeinfer_onnx::{
    AttributeProto, AttributeType, Dim, Dimension, GraphProto, Message as _, ModelProto, NodeProto,
    OperatorSetIdProto, TensorProto, TensorShapeProto, TensorType, Type, TypeProto, ValueInfoProto,
};

/// A tensor of `elem_type`, of whatever shape without `dims`; those below zero are free.
pub(crate) fn value(name: &str, elem_type: i32, dims: Option<&[i64]>) -> ValueInfoProto {
    let dim = |&size: &i64| match size {
        ..0 => Dimension { value: Some(Dim::DimParam("N".to_owned())) },
        size => Dimension { value: Some(Dim::DimValue(size)) },
    };
    let shape = dims.map(|dims| TensorShapeProto { dim: dims.iter().map(dim).collect() });
    let tensor = TensorType { elem_type, shape };
    ValueInfoProto { name: name.to_owned(), r#type: Some(TypeProto { value: Some(Type::Tensor(tensor)) }) }
}

/// A model of operators of these domains' versions.
pub(crate) fn model_of(graph: GraphProto, domains: &[(&str, i64)]) -> ModelProto {
    let opset = |&(domain, version): &(&str, i64)| OperatorSetIdProto { domain: domain.to_owned(), version };
    ModelProto {
        ir_version: 10,
        opset_import: domains.iter().map(opset).collect(),
        graph: Some(graph),
        ..ModelProto::default()
    }
}

/// The same, of ONNX's own operators, as a file.
pub(crate) fn encoded(graph: GraphProto) -> Vec<u8> {
    model_of(graph, &[("", 21)]).encode_to_vec()
}

/// The steps of a compiled model.
pub(crate) fn steps(file: &[u8]) -> Vec<Step> {
    match ModelFile::parse(&file.into()).unwrap().manifest.engine {
        EngineSection::Plan(plan) => plan.graph.steps,
        EngineSection::Onnx { refused } => panic!("{refused:?}"),
    }
}

/// Their operators, with their domains where those are not ONNX's.
pub(crate) fn operators(file: &[u8]) -> Vec<String> {
    let name = |Step { domain, op, .. }: Step| if domain.is_empty() { op } else { format!("{domain}.{op}") };
    steps(file).into_iter().map(name).collect()
}

pub(crate) fn node(op: &str, inputs: &[&str], output: &str) -> NodeProto {
    NodeProto {
        op_type: op.to_owned(),
        input: inputs.iter().map(ToString::to_string).collect(),
        output: vec![output.to_owned()],
        ..NodeProto::default()
    }
}

pub(crate) fn int(name: &str, value: i64) -> AttributeProto {
    AttributeProto { i: value, ..attribute(name, AttributeType::Int) }
}

pub(crate) fn ints(name: &str, values: &[i64]) -> AttributeProto {
    AttributeProto { ints: values.to_vec(), ..attribute(name, AttributeType::Ints) }
}

pub(crate) fn float(name: &str, value: f32) -> AttributeProto {
    AttributeProto { f: value, ..attribute(name, AttributeType::Float) }
}

fn attribute(name: &str, kind: AttributeType) -> AttributeProto {
    AttributeProto { name: name.to_owned(), r#type: kind.into(), ..AttributeProto::default() }
}

/// A tensor of float32.
pub(crate) fn floats(name: &str, dims: &[i64], values: &[f32]) -> TensorProto {
    TensorProto {
        name: name.to_owned(),
        dims: dims.to_vec(),
        data_type: 1,
        float_data: values.to_vec(),
        ..TensorProto::default()
    }
}
