//! Writes a case as a runner without ONNX takes it: the compiled model, its values
//! as JSON (`case.json`), and their elements, little-endian (`elements.bin`).

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};
use edgeinfer_core::{Tensor, TensorData, Value};
use serde_json::{Value as Json, json};

use crate::case::Case;
use crate::data::Set;

/// Writes `case` into its folder of `parent`.
///
/// # Errors
///
/// Where a file cannot be written, or a value has no place in them.
pub(crate) fn emit(parent: &Path, case: &Case, compiled: &[u8], sets: &[Set]) -> Result<()> {
    let folder = parent.join(case.suite).join(&case.name);
    fs::create_dir_all(&folder)?;
    let mut elements = Vec::new();
    let mut written = Vec::new();
    for set in sets {
        let inputs = named(&set.inputs, &mut elements)?;
        written.push(json!({ "inputs": inputs, "outputs": named(&set.outputs, &mut elements)? }));
    }
    let told = json!({ "rtol": case.rtol, "atol": case.atol, "sets": written });
    fs::write(folder.join("case.json"), serde_json::to_vec(&told)?)?;
    fs::write(folder.join("elements.bin"), elements)?;
    Ok(fs::write(folder.join("model.edge"), compiled)?)
}

fn named(values: &[(String, Value)], elements: &mut Vec<u8>) -> Result<Vec<Json>> {
    let each = |(name, value): &(String, Value)| Ok(json!({ "name": name, "value": of(value, elements)? }));
    values.iter().map(each).collect()
}

fn of(value: &Value, elements: &mut Vec<u8>) -> Result<Json> {
    Ok(match value {
        Value::Tensor(value) => tensor(value, elements)?,
        Value::Sequence(values) => {
            let values = values.iter().map(|value| tensor(value, elements)).collect::<Result<Vec<_>>>()?;
            json!({ "type": "sequence", "values": values })
        }
        Value::Absent => Json::Null,
        other => bail!("no way to write {other:?}"),
    })
}

/// `at` is where its elements start in the file of them; strings are here.
fn tensor(tensor: &Tensor, elements: &mut Vec<u8>) -> Result<Json> {
    let (kind, shape) = (tensor.element_type(), tensor.shape());
    if let TensorData::String(texts) = tensor.data() {
        return Ok(json!({ "type": kind, "shape": shape, "data": texts }));
    }
    // Where an array of any type can start.
    elements.resize(elements.len().next_multiple_of(8), 0);
    let at = elements.len();
    append(tensor.data(), elements)?;
    Ok(json!({ "type": kind, "shape": shape, "at": at }))
}

fn append(data: &TensorData, bytes: &mut Vec<u8>) -> Result<()> {
    match data {
        TensorData::Float32(v) => bytes.extend(v.iter().flat_map(|v| v.to_le_bytes())),
        TensorData::Float64(v) => bytes.extend(v.iter().flat_map(|v| v.to_le_bytes())),
        TensorData::Int8(v) => bytes.extend(v.iter().flat_map(|v| v.to_le_bytes())),
        TensorData::Int16(v) => bytes.extend(v.iter().flat_map(|v| v.to_le_bytes())),
        TensorData::Int32(v) => bytes.extend(v.iter().flat_map(|v| v.to_le_bytes())),
        TensorData::Int64(v) => bytes.extend(v.iter().flat_map(|v| v.to_le_bytes())),
        TensorData::UInt8(v) => bytes.extend_from_slice(v),
        TensorData::UInt16(v) => bytes.extend(v.iter().flat_map(|v| v.to_le_bytes())),
        TensorData::UInt32(v) => bytes.extend(v.iter().flat_map(|v| v.to_le_bytes())),
        TensorData::UInt64(v) => bytes.extend(v.iter().flat_map(|v| v.to_le_bytes())),
        TensorData::Bool(v) => bytes.extend(v.iter().map(|&v| u8::from(v))),
        TensorData::Float16(v) | TensorData::BFloat16(v) => {
            bytes.extend(v.iter().flat_map(|v| v.to_le_bytes()))
        }
        TensorData::Small(_, v) => bytes.extend_from_slice(v),
        TensorData::String(_) => bail!("strings have no bytes"),
    }
    Ok(())
}
