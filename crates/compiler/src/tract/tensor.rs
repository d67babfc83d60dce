//! Tensors to tract and back.

use edgeinfer_core::{ElementType, Error, ErrorKind, Result, Tensor, TensorData};
use tract_onnx::prelude::{Datum, DatumType, TractResult, tract_ndarray::ArrayD};
use tract_onnx::tract_core::internal::{TDim, Tensor as TractTensor};

pub(super) fn datum_type(element: ElementType) -> Result<DatumType> {
    Ok(match element {
        ElementType::Float32 => DatumType::F32,
        ElementType::Float64 => DatumType::F64,
        ElementType::Int8 => DatumType::I8,
        ElementType::Int16 => DatumType::I16,
        ElementType::Int32 => DatumType::I32,
        ElementType::Int64 => DatumType::I64,
        ElementType::UInt8 => DatumType::U8,
        ElementType::UInt16 => DatumType::U16,
        ElementType::UInt32 => DatumType::U32,
        ElementType::UInt64 => DatumType::U64,
        ElementType::Bool => DatumType::Bool,
        ElementType::String => DatumType::String,
        other => return Err(unsupported(other.name())),
    })
}

fn unsupported(element: &str) -> Error {
    let message = format!("elements of type {element} are not supported by this engine");
    Error::new(ErrorKind::UnsupportedModel, message)
}

pub(super) fn to_tract(tensor: &Tensor) -> TractResult<TractTensor> {
    let shape = tensor.shape();
    match tensor.data() {
        TensorData::Float32(v) => TractTensor::from_shape(shape, v),
        TensorData::Float64(v) => TractTensor::from_shape(shape, v),
        TensorData::Int8(v) => TractTensor::from_shape(shape, v),
        TensorData::Int16(v) => TractTensor::from_shape(shape, v),
        TensorData::Int32(v) => TractTensor::from_shape(shape, v),
        TensorData::Int64(v) => TractTensor::from_shape(shape, v),
        TensorData::UInt8(v) => TractTensor::from_shape(shape, v),
        TensorData::UInt16(v) => TractTensor::from_shape(shape, v),
        TensorData::UInt32(v) => TractTensor::from_shape(shape, v),
        TensorData::UInt64(v) => TractTensor::from_shape(shape, v),
        TensorData::Bool(v) => TractTensor::from_shape(shape, v),
        TensorData::String(v) => Ok(ArrayD::from_shape_vec(shape, v.clone())?.into()),
        other => Err(unsupported(other.element_type().name()).into()),
    }
}

pub(super) fn from_tract(tensor: &TractTensor) -> Result<Tensor> {
    let data = match tensor.datum_type() {
        DatumType::F32 => TensorData::Float32(elements(tensor)?),
        DatumType::F64 => TensorData::Float64(elements(tensor)?),
        DatumType::I8 => TensorData::Int8(elements(tensor)?),
        DatumType::I16 => TensorData::Int16(elements(tensor)?),
        DatumType::I32 => TensorData::Int32(elements(tensor)?),
        DatumType::I64 => TensorData::Int64(elements(tensor)?),
        DatumType::U8 => TensorData::UInt8(elements(tensor)?),
        DatumType::U16 => TensorData::UInt16(elements(tensor)?),
        DatumType::U32 => TensorData::UInt32(elements(tensor)?),
        DatumType::U64 => TensorData::UInt64(elements(tensor)?),
        DatumType::Bool => TensorData::Bool(elements(tensor)?),
        DatumType::String => TensorData::String(elements(tensor)?),
        // tract's own type for sizes; ONNX's is int64.
        DatumType::TDim => TensorData::Int64(sizes(tensor)?),
        other => {
            let message = format!("the engine gave elements of type {other:?}, which is not supported");
            return Err(Error::new(ErrorKind::UnsupportedModel, message));
        }
    };
    Tensor::new(tensor.shape().to_vec(), data)
}

fn elements<T: Datum>(tensor: &TractTensor) -> Result<Vec<T>> {
    let view = tensor.to_plain_array_view::<T>().map_err(unreadable)?;
    Ok(view.iter().cloned().collect())
}

fn sizes(tensor: &TractTensor) -> Result<Vec<i64>> {
    let size = |dim: TDim| dim.to_i64().map_err(unreadable);
    elements::<TDim>(tensor)?.into_iter().map(size).collect()
}

fn unreadable(error: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::InferenceFailed, format!("the engine's output cannot be read: {error}"))
}
