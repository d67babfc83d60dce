//! The answer to an inference request.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use edgeinfer_core::{Error, ErrorKind, Model, Result, Tensor, TensorData, Value};
use serde::Serialize;
use serde_json::Map;

use super::classification;
use super::inputs::{HEADER_LENGTH, InferRequest, WantedOutput};
use crate::content::{self, NPY};
use crate::service::Target;
use crate::shortened::shortened;
use crate::tensors::{self, Elements, datatype, to_bytes};

#[derive(Serialize)]
struct Answer<'a> {
    model_name: &'a str,
    model_version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    outputs: Vec<Output<'a>>,
}

#[derive(Serialize)]
struct Output<'a> {
    name: &'a str,
    datatype: &'static str,
    shape: &'a [usize],
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<OutputParameters>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Elements<'a>>,
}

#[derive(Serialize)]
struct OutputParameters {
    binary_data_size: usize,
}

/// Checks that `model` has the outputs that are asked for.
///
/// # Errors
///
/// [`ErrorKind::InvalidRequest`] with the output at fault.
pub(super) fn check(model: &Model, request: &InferRequest) -> Result<()> {
    let outputs = &model.schema().outputs;
    let unknown = |wanted: &&WantedOutput| !outputs.iter().any(|output| output.name == wanted.name);
    let Some(WantedOutput { name, .. }) = request.outputs.iter().find(unknown) else { return Ok(()) };
    let names: Vec<_> = outputs.iter().map(|output| format!("{:?}", output.name)).collect();
    let message = format!("the model has no such output; it has {}", names.join(", "));
    Err(Error::new(ErrorKind::InvalidRequest, message).at(format!("outputs[{:?}]", shortened(name))))
}

/// `outputs`, those that `request` wants, as it wants them.
///
/// # Errors
///
/// [`ErrorKind::InvalidTensor`] for an output that has no form in the protocol.
pub(super) fn write(
    target: &Target,
    request: InferRequest,
    outputs: Vec<(String, Value)>,
) -> Result<Response> {
    let chosen = chosen(target, &request, outputs)?;
    let mut bytes = Vec::new();
    let outputs = chosen.iter().map(|output| output.write(&mut bytes)).collect::<Result<_>>()?;
    let (entry, id) = (&target.entry, request.id);
    let answer = Answer { model_name: entry.name(), model_version: entry.version(), id, outputs };
    let mut json = serde_json::to_vec(&answer)
        .map_err(|error| Error::new(ErrorKind::Internal, format!("the answer cannot be written: {error}")))?;
    if chosen.iter().any(|output| output.binary) {
        let headers =
            [(CONTENT_TYPE, "application/octet-stream".to_owned()), (HEADER_LENGTH, json.len().to_string())];
        json.append(&mut bytes);
        return Ok((headers, json).into_response());
    }
    Ok(([(CONTENT_TYPE, "application/json")], json).into_response())
}

/// The one output that `request` wants, or the model's first, as NumPy's file.
///
/// # Errors
///
/// [`ErrorKind::InvalidRequest`] where it wants several; [`ErrorKind::InvalidTensor`]
/// for one that has no such form.
pub(super) fn write_npy(request: &InferRequest, outputs: Vec<(String, Value)>) -> Result<Response> {
    let wanted = match request.outputs.as_slice() {
        [] => None,
        [output] => Some(&output.name),
        several => {
            let message = format!("expected one output for a .npy answer, {} are asked for", several.len());
            return Err(Error::new(ErrorKind::InvalidRequest, message).at("outputs"));
        }
    };
    let output = outputs.into_iter().find(|(name, _)| wanted.is_none_or(|wanted| wanted == name));
    let none = || Error::new(ErrorKind::InvalidTensor, "the model has no outputs");
    let (name, value) = output.ok_or_else(none)?;
    Ok(([(CONTENT_TYPE, NPY)], content::write_npy(&tensor(&name, value)?)?).into_response())
}

/// An output to be written.
struct Chosen {
    name: String,
    tensor: Tensor,
    binary: bool,
}

impl Chosen {
    fn write<'a>(&'a self, bytes: &mut Vec<u8>) -> Result<Output<'a>> {
        let element = self.tensor.element_type();
        let name = datatype(element).ok_or_else(|| {
            let message = format!("the protocol has no datatype for {element}");
            Error::new(ErrorKind::InvalidTensor, message).at(format!("outputs[{:?}]", self.name))
        })?;
        let before = bytes.len();
        if self.binary {
            to_bytes(self.tensor.data(), bytes)?;
        }
        let parameters =
            self.binary.then(|| OutputParameters { binary_data_size: bytes.len().saturating_sub(before) });
        let data = (!self.binary).then(|| Elements(self.tensor.data()));
        Ok(Output { name: &self.name, datatype: name, shape: self.tensor.shape(), parameters, data })
    }
}

/// The outputs that are asked for, in that order; all where none is.
fn chosen(target: &Target, request: &InferRequest, outputs: Vec<(String, Value)>) -> Result<Vec<Chosen>> {
    let all_binary = is_true(&request.parameters, "binary_data_output").unwrap_or(false);
    let mut tensors = Vec::with_capacity(outputs.len());
    for (name, value) in outputs {
        if request.outputs.is_empty() {
            tensors.push(Chosen { tensor: tensor(&name, value)?, name, binary: all_binary });
        } else if let Some(place) = request.outputs.iter().position(|wanted| wanted.name == name) {
            let tensor = tensor(&name, value)?;
            tensors.push(Chosen { tensor, name, binary: false });
            // Sorted below into the order of the request.
            if let (Some(chosen), Some(wanted)) = (tensors.last_mut(), request.outputs.get(place)) {
                want(target, chosen, wanted, all_binary)?;
            }
        }
    }
    let place = |chosen: &Chosen| request.outputs.iter().position(|wanted| wanted.name == chosen.name);
    tensors.sort_by_key(place);
    Ok(tensors)
}

/// Makes of `chosen` what `wanted` says.
fn want(target: &Target, chosen: &mut Chosen, wanted: &WantedOutput, all_binary: bool) -> Result<()> {
    chosen.binary = is_true(&wanted.parameters, "binary_data").unwrap_or(all_binary);
    if let Some(count) = wanted.parameters.get("classification") {
        chosen.tensor = classification::of(target.model.schema(), &chosen.name, &chosen.tensor, count)?;
    }
    Ok(())
}

fn tensor(name: &str, value: Value) -> Result<Tensor> {
    tensors::tensor(value).map_err(|error| error.at(format!("outputs[{name:?}]")))
}

fn is_true(parameters: &Map<String, serde_json::Value>, name: &str) -> Option<bool> {
    parameters.get(name).and_then(serde_json::Value::as_bool)
}

/// Strings as a tensor of `shape`.
pub(super) fn of_strings(shape: Vec<usize>, strings: Vec<String>) -> Result<Tensor> {
    Tensor::new(shape, TensorData::String(strings))
}
