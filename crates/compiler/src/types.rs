//! ONNX's types in the words of the schema.

use edgeinfer_core::{Dim, ElementType, Error, ErrorKind, Result, ValueSpec};
use edgeinfer_onnx::{
    DataType, Dim as OnnxDim, Dimension, TensorShapeProto, TensorType, Type, ValueInfoProto,
};

/// The symbol of a first dimension without a name: skl2onnx leaves the batch
/// unnamed, and it is one and the same for all inputs and outputs.
pub(crate) const BATCH: &str = "N";

/// The element type and the dimensions of a graph's input or output.
///
/// # Errors
///
/// [`ErrorKind::UnsupportedModel`] with the value's name when it is not a
/// tensor, or its element type is not supported.
pub(crate) fn tensor_type(value: &ValueInfoProto) -> Result<(ElementType, Vec<Dim>)> {
    let unsupported = |what: &str| Error::new(ErrorKind::UnsupportedModel, what).at(value.name.clone());
    let Some(Type::Tensor(tensor)) = value.r#type.as_ref().and_then(|t| t.value.as_ref()) else {
        return Err(unsupported(
            "only tensors, sequences of them, and the maps that ZipMap gives are supported as inputs and outputs",
        ));
    };
    let element = element_type(tensor)
        .ok_or_else(|| unsupported(&format!("element type {} is not supported", type_name(tensor))))?;
    // A shape that is not given is taken for a table's.
    let table = || vec![Dim::symbol(BATCH), Dim::Symbol(format!("{}_dim_1", value.name))];
    Ok((element, tensor.shape.as_ref().map_or_else(table, |shape| dims(&value.name, shape))))
}

/// The symbol of dimension `index` of `value`, where it is none of the graph's.
pub(crate) fn own_dim(value: &ValueSpec, index: usize) -> Dim {
    Dim::Symbol(format!("{}_dim_{index}", value.name))
}

/// Whether the size of the first dimension of `value`, or its name, is declared.
pub(crate) fn names_first(value: &ValueInfoProto) -> bool {
    let Some(Type::Tensor(TensorType { shape: Some(shape), .. })) =
        value.r#type.as_ref().and_then(|t| t.value.as_ref())
    else {
        return false;
    };
    match shape.dim.first().and_then(|dim| dim.value.as_ref()) {
        Some(OnnxDim::DimValue(size)) => *size > 0,
        Some(OnnxDim::DimParam(symbol)) => is_name(symbol),
        None => false,
    }
}

fn is_name(symbol: &str) -> bool {
    !symbol.is_empty() && symbol != "?"
}

fn dims(name: &str, shape: &TensorShapeProto) -> Vec<Dim> {
    let dim = |(index, dim): (usize, &Dimension)| match &dim.value {
        Some(OnnxDim::DimValue(size)) if *size > 0 => {
            Dim::Fixed(usize::try_from(*size).unwrap_or(usize::MAX))
        }
        Some(OnnxDim::DimParam(symbol)) if is_name(symbol) => Dim::symbol(symbol),
        _ if index == 0 => Dim::symbol(BATCH),
        _ => Dim::Symbol(format!("{name}_dim_{index}")),
    };
    shape.dim.iter().enumerate().map(dim).collect()
}

fn type_name(tensor: &TensorType) -> String {
    DataType::try_from(tensor.elem_type)
        .map_or_else(|_| format!("number {}", tensor.elem_type), |known| known.name())
}

fn element_type(tensor: &TensorType) -> Option<ElementType> {
    numbered(tensor.elem_type)
}

/// The element type with that number in ONNX.
pub(crate) fn numbered(number: i32) -> Option<ElementType> {
    Some(match DataType::try_from(number).ok()? {
        DataType::Float => ElementType::Float32,
        DataType::Double => ElementType::Float64,
        DataType::Int8 => ElementType::Int8,
        DataType::Int16 => ElementType::Int16,
        DataType::Int32 => ElementType::Int32,
        DataType::Int64 => ElementType::Int64,
        DataType::Uint8 => ElementType::UInt8,
        DataType::Uint16 => ElementType::UInt16,
        DataType::Uint32 => ElementType::UInt32,
        DataType::Uint64 => ElementType::UInt64,
        DataType::Bool => ElementType::Bool,
        DataType::String => ElementType::String,
        DataType::Float16 => ElementType::Float16,
        DataType::Bfloat16 => ElementType::BFloat16,
        DataType::Float8e4m3fn => ElementType::Float8E4M3Fn,
        DataType::Float8e4m3fnuz => ElementType::Float8E4M3FnUz,
        DataType::Float8e5m2 => ElementType::Float8E5M2,
        DataType::Float8e5m2fnuz => ElementType::Float8E5M2FnUz,
        DataType::Float8e8m0 => ElementType::Float8E8M0,
        DataType::Float4e2m1 => ElementType::Float4E2M1,
        DataType::Int4 => ElementType::Int4,
        DataType::Uint4 => ElementType::UInt4,
        DataType::Int2 => ElementType::Int2,
        DataType::Uint2 => ElementType::UInt2,
        DataType::Undefined | DataType::Complex64 | DataType::Complex128 => return None,
    })
}
