//! ONNX's `TensorProto` as a tensor.

use edgeinfer_core::{SmallType, Tensor, TensorData};
use edgeinfer_onnx::{DataType, TensorProto};

use crate::types::numbered;

/// The tensor in `proto`.
///
/// # Errors
///
/// What is in the way: a type that is not supported, or elements that are not
/// there.
pub fn tensor(proto: &TensorProto) -> Result<Tensor, String> {
    if !proto.external_data.is_empty() {
        return Err(format!(
            "the tensor {:?} is in another file, which is at hand for the command alone; save the model with \
             its weights inside (onnx.save_model without save_as_external_data)",
            proto.name
        ));
    }
    let dim = |&dim: &i64| usize::try_from(dim);
    let shape: Vec<_> = proto
        .dims
        .iter()
        .map(dim)
        .collect::<Result<_, _>>()
        .map_err(|_| format!("the tensor {:?} has a negative dimension", proto.name))?;
    Tensor::new(shape, data(proto)?).map_err(|error| format!("the tensor {:?}: {error}", proto.name))
}

/// ONNX keeps elements raw, or in a list of their type; small types are in the
/// list of int32.
fn data(proto: &TensorProto) -> Result<TensorData, String> {
    let kind = DataType::try_from(proto.data_type).unwrap_or(DataType::Undefined);
    let raw = proto.raw_data.as_slice();
    let small = proto.int32_data.as_slice();
    Ok(match kind {
        DataType::Float => TensorData::Float32(elements(raw, &proto.float_data, f32::from_le_bytes)),
        DataType::Double => TensorData::Float64(elements(raw, &proto.double_data, f64::from_le_bytes)),
        DataType::Int64 => TensorData::Int64(elements(raw, &proto.int64_data, i64::from_le_bytes)),
        DataType::Uint64 => TensorData::UInt64(elements(raw, &proto.uint64_data, u64::from_le_bytes)),
        DataType::Int32 => TensorData::Int32(elements(raw, small, i32::from_le_bytes)),
        DataType::Int16 => TensorData::Int16(narrow(raw, small, i16::from_le_bytes, |v| v as i16)),
        DataType::Int8 => TensorData::Int8(narrow(raw, small, i8::from_le_bytes, |v| v as i8)),
        DataType::Uint16 => TensorData::UInt16(narrow(raw, small, u16::from_le_bytes, |v| v as u16)),
        DataType::Uint8 => TensorData::UInt8(narrow(raw, small, u8::from_le_bytes, |v| v as u8)),
        DataType::Bool => TensorData::Bool(narrow(raw, small, |[byte]| byte != 0, |v| v != 0)),
        DataType::Uint32 => {
            let wide: Vec<u32> = proto.uint64_data.iter().map(|&value| value as u32).collect();
            TensorData::UInt32(elements(raw, &wide, u32::from_le_bytes))
        }
        DataType::String => TensorData::String(proto.string_data.iter().map(|bytes| text(bytes)).collect()),
        DataType::Float16 => TensorData::Float16(narrow(raw, small, u16::from_le_bytes, |v| v as u16)),
        DataType::Bfloat16 => TensorData::BFloat16(narrow(raw, small, u16::from_le_bytes, |v| v as u16)),
        other => match numbered(proto.data_type).and_then(SmallType::of) {
            Some(small) => TensorData::Small(small, unpacked(proto, small)),
            None => {
                let (tensor, name) = (&proto.name, other.name());
                return Err(format!(
                    "the tensor {tensor:?} has elements of type {name}, which is not supported"
                ));
            }
        },
    })
}

/// Elements of a small type, of which several may be in one byte, the first in
/// its lowest bits.
fn unpacked(proto: &TensorProto, small: SmallType) -> Vec<u8> {
    let bytes = narrow(&proto.raw_data, &proto.int32_data, u8::from_le_bytes, |v| v as u8);
    let element =
        |byte: u8| (0..8).step_by(small.bits() as usize).map(move |bit| small.element_of(byte >> bit));
    let mut elements: Vec<_> = bytes.into_iter().flat_map(element).collect();
    // What fills up the last byte is no element.
    let count =
        proto.dims.iter().try_fold(1usize, |count, &dim| count.checked_mul(usize::try_from(dim).ok()?));
    elements.truncate(count.unwrap_or(usize::MAX));
    elements
}

fn elements<T: Copy, const N: usize>(raw: &[u8], typed: &[T], read: fn([u8; N]) -> T) -> Vec<T> {
    if raw.is_empty() { typed.to_vec() } else { raw.as_chunks().0.iter().copied().map(read).collect() }
}

fn narrow<T, const N: usize>(raw: &[u8], typed: &[i32], read: fn([u8; N]) -> T, cut: fn(i32) -> T) -> Vec<T> {
    if raw.is_empty() {
        return typed.iter().copied().map(cut).collect();
    }
    raw.as_chunks().0.iter().copied().map(read).collect()
}

/// ONNX's strings are bytes, UTF-8 by agreement.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
