//! A case's model and values, from their files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use edgeinfer_compiler::tensor;
use edgeinfer_core::{Tensor, Value};
use edgeinfer_onnx::{
    DataType, Dim, GraphProto, Message, ModelProto, OptionalProto, SequenceProto, TensorProto, TensorType,
    Type, ValueInfoProto,
};

use crate::case::{Case, Data};

/// A case's files.
pub(crate) struct Files {
    /// The bytes of the ONNX model.
    pub(crate) onnx: Vec<u8>,
    /// The operators of its graph, in its order.
    pub(crate) operators: Vec<String>,
    pub(crate) sets: Vec<Set>,
}

/// Values that the model takes, and what it is to make of them, by name.
pub(crate) struct Set {
    pub(crate) inputs: Vec<(String, Value)>,
    pub(crate) outputs: Vec<(String, Value)>,
}

/// Reads the files of `case`.
///
/// # Errors
///
/// Where one is not there, or holds what is not supported.
pub(crate) fn read(case: &Case) -> Result<Files> {
    let onnx = read_file(&case.model)?;
    let model = ModelProto::decode(onnx.as_slice())?;
    let graph = model.graph.context("the model has no graph")?;
    let operators = graph.node.iter().map(|node| node.op_type.clone()).collect();
    let sets = match &case.data {
        Data::Folder(folder) => {
            sets(folder)?.iter().map(|set| read_set(set, &graph)).collect::<Result<_>>()?
        }
        Data::MadeUp(outputs) => vec![made_up(outputs, &graph)?],
    };
    Ok(Files { onnx, operators, sets })
}

/// The folders of a case's values.
fn sets(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut sets = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        if name.is_some_and(|name| name.starts_with("test_data_set")) {
            sets.push(path);
        }
    }
    sets.sort();
    if sets.is_empty() { bail!("{} has no test data", folder.display()) } else { Ok(sets) }
}

fn read_set(folder: &Path, graph: &GraphProto) -> Result<Set> {
    let prefix = |kind: &str| folder.join(kind).to_string_lossy().into_owned();
    Ok(Set {
        inputs: values(&prefix("input"), &graph.input)?,
        outputs: values(&prefix("output"), &graph.output)?,
    })
}

/// The values of the files `prefix`_0.pb and so on, which are those of `declared`.
fn values(prefix: &str, declared: &[ValueInfoProto]) -> Result<Vec<(String, Value)>> {
    let mut values = Vec::new();
    for (index, declared) in declared.iter().enumerate() {
        let file = PathBuf::from(format!("{prefix}_{index}.pb"));
        if !file.exists() {
            break;
        }
        let value = value(&read_file(&file)?, declared);
        values.push((declared.name.clone(), value.with_context(|| file.display().to_string())?));
    }
    Ok(values)
}

fn read_file(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("reading {}", file.display()))
}

fn value(bytes: &[u8], declared: &ValueInfoProto) -> Result<Value> {
    match declared.r#type.as_ref().and_then(|declared| declared.value.as_ref()) {
        Some(Type::Tensor(_)) => Ok(of_proto(&TensorProto::decode(bytes)?)?.into()),
        Some(Type::Sequence(_)) => sequence(&SequenceProto::decode(bytes)?),
        Some(Type::Optional(_)) => optional(&OptionalProto::decode(bytes)?),
        _ => Err(anyhow!("values of its kind are not supported")),
    }
}

fn of_proto(proto: &TensorProto) -> Result<Tensor> {
    tensor(proto).map_err(|reason| anyhow!(reason))
}

fn sequence(proto: &SequenceProto) -> Result<Value> {
    Ok(Value::Sequence(proto.tensor_values.iter().map(of_proto).collect::<Result<_>>()?))
}

fn optional(proto: &OptionalProto) -> Result<Value> {
    match (&proto.tensor_value, &proto.sequence_value) {
        (Some(tensor), _) => Ok(of_proto(tensor)?.into()),
        (None, Some(values)) => sequence(values),
        (None, None) => Ok(Value::Absent),
    }
}

/// What onnx's runner gives a network: numbers from 0 to 1, growing evenly.
fn made_up(outputs: &Path, graph: &GraphProto) -> Result<Set> {
    let initialised = |name: &str| graph.initializer.iter().any(|tensor| tensor.name == name);
    let mut inputs = Vec::new();
    for input in graph.input.iter().filter(|input| !initialised(&input.name)) {
        inputs.push((input.name.clone(), rising(input)?.into()));
    }
    let prefix = format!("{}_output", outputs.display());
    Ok(Set { inputs, outputs: values(&prefix, &graph.output)? })
}

fn rising(input: &ValueInfoProto) -> Result<Tensor> {
    let Some(Type::Tensor(TensorType { elem_type, shape: Some(shape) })) =
        input.r#type.as_ref().and_then(|declared| declared.value.as_ref())
    else {
        bail!("the input {:?} is no tensor of a known shape", input.name);
    };
    if *elem_type != DataType::Float as i32 {
        bail!("the input {:?} is not of float32", input.name);
    }
    let size = |dim: &Option<Dim>| if let Some(Dim::DimValue(size)) = dim { *size } else { 1 };
    let sizes = shape.dim.iter().map(|dim| usize::try_from(size(&dim.value)));
    let shape: Vec<usize> = sizes.collect::<Result<_, _>>()?;
    let count: usize = shape.iter().product();
    let numbers = (0..count).map(|index| (index as f64 / count as f64) as f32).collect();
    Ok(Tensor::from_f32(shape, numbers)?)
}
