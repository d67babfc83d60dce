//! The inputs of an inference request.

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName};
use edgeinfer_core::{Dim, Error, ErrorKind, Model, Result, Tensor, ValueType};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::content::{MediaType, media_type, read_npy};
use crate::json;
use crate::shortened::shortened;
use crate::tensors::{Flat, element_type, elements, from_bytes, from_json};

/// How many bytes of a body are JSON; tensors as bytes come after them.
pub(super) const HEADER_LENGTH: HeaderName = HeaderName::from_static("inference-header-content-length");

/// What a client asks for.
#[derive(Default, Deserialize)]
pub(super) struct InferRequest {
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) parameters: Map<String, Value>,
    inputs: Vec<Input>,
    #[serde(default)]
    pub(super) outputs: Vec<WantedOutput>,
}

#[derive(Deserialize)]
struct Input {
    name: String,
    shape: Vec<usize>,
    datatype: String,
    #[serde(default)]
    parameters: Map<String, Value>,
    data: Option<Flat>,
}

/// An output that a client asks for.
#[derive(Deserialize)]
pub(super) struct WantedOutput {
    pub(super) name: String,
    #[serde(default)]
    pub(super) parameters: Map<String, Value>,
}

/// A request with its tensors made.
pub(super) struct Inputs {
    pub(super) request: InferRequest,
    pub(super) tensors: Vec<(String, Tensor)>,
}

/// Reads a request for `model` from its body.
///
/// # Errors
///
/// [`ErrorKind::MalformedRequest`], [`ErrorKind::InvalidRequest`] and
/// [`ErrorKind::InvalidTensor`], with the input at fault.
pub(super) fn read(model: &Model, headers: &HeaderMap, body: &Bytes) -> Result<Inputs> {
    let alone = |tensor| Ok(Inputs { request: InferRequest::default(), tensors: vec![tensor] });
    let length = match (header_length(headers)?, announced(headers)) {
        (Some(0), _) => return alone(the_one_input(model, body)?),
        (None, Some(MediaType::Bytes)) if !is_object(body) => return alone(the_one_input(model, body)?),
        (None, Some(MediaType::Npy)) => return alone((the_one_name(model)?, read_npy(body)?)),
        (None, _) => return made(json::parse_as(body)?, &[]),
        (Some(length), _) => length,
    };
    match body.split_at_checked(length) {
        Some((header, bytes)) => made(json::parse_as(header)?, bytes),
        None => {
            let length = format!("the header {HEADER_LENGTH} is {length}, the body has {} bytes", body.len());
            Err(Error::new(ErrorKind::MalformedRequest, length))
        }
    }
}

/// What the body is said to be. Clients of the protocol say nothing, or anything.
fn announced(headers: &HeaderMap) -> Option<MediaType> {
    media_type(headers, &[MediaType::Json, MediaType::Npy, MediaType::Bytes]).ok()
}

/// Whether bytes look as a JSON object: some clients' libraries announce all that
/// they send as bytes. The header says for sure.
fn is_object(body: &[u8]) -> bool {
    let body = body.trim_ascii();
    body.starts_with(b"{") && body.ends_with(b"}")
}

fn header_length(headers: &HeaderMap) -> Result<Option<usize>> {
    let Some(value) = headers.get(HEADER_LENGTH) else { return Ok(None) };
    let length = value.to_str().ok().and_then(|value| value.trim().parse().ok());
    let message = format!("the header {HEADER_LENGTH} is not a number of bytes");
    length.map(Some).ok_or_else(|| Error::new(ErrorKind::MalformedRequest, message))
}

/// Makes the tensors of `request`, of which some are in `bytes`, one after the
/// other.
fn made(mut request: InferRequest, mut bytes: &[u8]) -> Result<Inputs> {
    let mut tensors = Vec::with_capacity(request.inputs.len());
    for input in request.inputs.drain(..) {
        let name = input.name.clone();
        let tensor = tensor(input, &mut bytes).map_err(|error| place(error, &name))?;
        tensors.push((name, tensor));
    }
    if bytes.is_empty() {
        return Ok(Inputs { request, tensors });
    }
    Err(invalid(format!("{} bytes at the body's end are of no input", bytes.len())))
}

fn tensor(input: Input, bytes: &mut &[u8]) -> Result<Tensor> {
    let element = element_type(&input.datatype).ok_or_else(|| {
        invalid(format!("`{}` is not a datatype that is taken", shortened(&input.datatype)))
    })?;
    match (input.parameters.get("binary_data_size"), input.data) {
        (None, Some(data)) => from_json(element, &input.shape, data),
        (Some(size), None) => from_bytes(element, &input.shape, taken(bytes, size)?),
        (None, None) => Err(invalid("expected `data`, or the parameter `binary_data_size`")),
        (Some(_), Some(_)) => Err(invalid("expected `data` or the parameter `binary_data_size`, got both")),
    }
}

/// The first `size` of `bytes`, which are left out of them.
fn taken<'a>(bytes: &mut &'a [u8], size: &Value) -> Result<&'a [u8]> {
    let size = size.as_u64().and_then(|size| usize::try_from(size).ok());
    let size = size.ok_or_else(|| invalid("the parameter `binary_data_size` is not a number of bytes"))?;
    let (taken, rest) = bytes
        .split_at_checked(size)
        .ok_or_else(|| invalid(format!("expected {size} bytes after the JSON, {} are left", bytes.len())))?;
    *bytes = rest;
    Ok(taken)
}

/// The name of the one input of `model`.
fn the_one_name(model: &Model) -> Result<String> {
    match model.schema().inputs.as_slice() {
        [input] => Ok(input.name.clone()),
        inputs => {
            Err(invalid(format!("one array is for a model of one input, this one has {}", inputs.len())))
        }
    }
}

/// The one input of `model` made of nothing but its bytes: at most one dimension
/// may be free, which is as long as they make it.
fn the_one_input(model: &Model, bytes: &[u8]) -> Result<(String, Tensor)> {
    let [input] = model.schema().inputs.as_slice() else {
        let count = model.schema().inputs.len();
        return Err(invalid(format!("bytes alone are for a model of one input, this one has {count}")));
    };
    let ValueType::Tensor { element, shape } = &input.value else {
        return Err(invalid("bytes alone are for a model that takes a tensor"));
    };
    let made = elements(*element, bytes).and_then(|data| Tensor::new(filled(shape, data.len())?, data));
    Ok((input.name.clone(), made.map_err(|error| place(error, &input.name))?))
}

/// `shape`, whose free dimension makes it hold `count` elements.
fn filled(shape: &[Dim], count: usize) -> Result<Vec<usize>> {
    let free = shape.iter().filter(|dim| matches!(dim, Dim::Symbol(_))).count();
    if free > 1 {
        return Err(invalid(format!("bytes alone are for a shape with one free dimension, this has {free}")));
    }
    let fixed = shape.iter().try_fold(1usize, |product, dim| match dim {
        Dim::Fixed(size) => product.checked_mul(*size),
        Dim::Symbol(_) => Some(product),
    });
    let left = fixed.and_then(|fixed| count.checked_div(fixed)).unwrap_or_default();
    let size = |dim: &Dim| if let Dim::Fixed(size) = dim { *size } else { left };
    Ok(shape.iter().map(size).collect())
}

fn place(error: Error, input: &str) -> Error {
    error.at(format!("inputs[{:?}]", shortened(input)))
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidTensor, message)
}
