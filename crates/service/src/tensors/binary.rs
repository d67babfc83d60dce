//! Tensors as bytes: little-endian, row-major; a string is its length in 32 bits,
//! then its UTF-8; a truth value is a byte.
//!
//! <https://github.com/kserve/kserve/blob/master/docs/predict-api/v2/extension_binary_tensor.md>

use bytemuck::{NoUninit, Pod, cast_slice, pod_collect_to_vec};
use edgeinfer_core::{ElementType, Result, Tensor, TensorData};

use super::{datatype, invalid};

/// The elements that `bytes` hold.
///
/// # Errors
///
/// [`ErrorKind::InvalidTensor`](edgeinfer_core::ErrorKind::InvalidTensor) when they
/// hold what is no element, or not all of one.
pub(crate) fn elements(element: ElementType, bytes: &[u8]) -> Result<TensorData> {
    Ok(match element {
        ElementType::Float32 => TensorData::Float32(numbers(bytes)?),
        ElementType::Float64 => TensorData::Float64(numbers(bytes)?),
        ElementType::Int8 => TensorData::Int8(numbers(bytes)?),
        ElementType::Int16 => TensorData::Int16(numbers(bytes)?),
        ElementType::Int32 => TensorData::Int32(numbers(bytes)?),
        ElementType::Int64 => TensorData::Int64(numbers(bytes)?),
        ElementType::UInt8 => TensorData::UInt8(numbers(bytes)?),
        ElementType::UInt16 => TensorData::UInt16(numbers(bytes)?),
        ElementType::UInt32 => TensorData::UInt32(numbers(bytes)?),
        ElementType::UInt64 => TensorData::UInt64(numbers(bytes)?),
        ElementType::Float16 => TensorData::Float16(numbers(bytes)?),
        ElementType::BFloat16 => TensorData::BFloat16(numbers(bytes)?),
        ElementType::Bool => TensorData::Bool(bytes.iter().map(|byte| *byte != 0).collect()),
        ElementType::String => TensorData::String(strings(bytes)?),
        other => return Err(invalid(format!("{other} elements cannot be sent as bytes"))),
    })
}

/// The tensor of `element`s that `bytes` hold.
///
/// # Errors
///
/// As [`elements`], and for another number of them than `shape` asks for.
pub(crate) fn from_bytes(element: ElementType, shape: &[usize], bytes: &[u8]) -> Result<Tensor> {
    Tensor::new(shape, elements(element, bytes)?)
}

fn numbers<T: Pod>(bytes: &[u8]) -> Result<Vec<T>> {
    let size = size_of::<T>();
    if !bytes.len().is_multiple_of(size) {
        return Err(invalid(format!("{} bytes are no whole elements of {size} bytes", bytes.len())));
    }
    Ok(pod_collect_to_vec(bytes))
}

fn strings(mut bytes: &[u8]) -> Result<Vec<String>> {
    let mut strings = Vec::new();
    while !bytes.is_empty() {
        let (string, rest) = first_string(bytes)
            .ok_or_else(|| invalid(format!("the bytes of string {} are cut short", strings.len())))?;
        let string = str::from_utf8(string)
            .map_err(|_| invalid(format!("string {} is not UTF-8, which ONNX's are", strings.len())))?;
        strings.push(string.to_owned());
        bytes = rest;
    }
    Ok(strings)
}

fn first_string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
}

/// Appends the elements of `data` to `bytes`.
///
/// # Errors
///
/// [`ErrorKind::InvalidTensor`](edgeinfer_core::ErrorKind::InvalidTensor) for a type
/// that has no such form.
pub(crate) fn to_bytes(data: &TensorData, bytes: &mut Vec<u8>) -> Result<()> {
    match data {
        TensorData::Float32(v) => append(v, bytes),
        TensorData::Float64(v) => append(v, bytes),
        TensorData::Int8(v) => append(v, bytes),
        TensorData::Int16(v) => append(v, bytes),
        TensorData::Int32(v) => append(v, bytes),
        TensorData::Int64(v) => append(v, bytes),
        TensorData::UInt8(v) => append(v, bytes),
        TensorData::UInt16(v) => append(v, bytes),
        TensorData::UInt32(v) => append(v, bytes),
        TensorData::UInt64(v) => append(v, bytes),
        TensorData::Float16(v) | TensorData::BFloat16(v) => append(v, bytes),
        TensorData::Bool(v) => append(v, bytes),
        TensorData::String(v) => {
            for string in v {
                let length = u32::try_from(string.len())
                    .map_err(|_| invalid("a string is longer than 32 bits count"))?;
                bytes.extend_from_slice(&length.to_le_bytes());
                bytes.extend_from_slice(string.as_bytes());
            }
        }
        other => {
            let element = other.element_type();
            let name = datatype(element).unwrap_or(element.name());
            return Err(invalid(format!("{name} elements cannot be sent as bytes")));
        }
    }
    Ok(())
}

fn append<T: NoUninit>(elements: &[T], bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(cast_slice(elements));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_give_back_the_elements_that_gave_them() {
        for data in [
            TensorData::Float32(vec![1.5, -0.0]),
            TensorData::Float16(vec![0x3c00]),
            TensorData::BFloat16(vec![0x3f80]),
            TensorData::Float64(vec![1e300]),
            TensorData::Int8(vec![-1]),
            TensorData::Int16(vec![-2]),
            TensorData::Int32(vec![-3]),
            TensorData::Int64(vec![i64::MIN]),
            TensorData::UInt8(vec![255]),
            TensorData::UInt16(vec![256]),
            TensorData::UInt32(vec![u32::MAX]),
            TensorData::UInt64(vec![u64::MAX]),
            TensorData::Bool(vec![true, false]),
            TensorData::String(vec!["é".to_owned(), String::new()]),
        ] {
            let mut bytes = Vec::new();
            to_bytes(&data, &mut bytes).unwrap();
            let tensor = from_bytes(data.element_type(), &[data.len()], &bytes).unwrap();
            assert_eq!(*tensor.data(), data);
        }
    }

    #[test]
    fn bytes_are_little_endian_and_strings_have_their_length_before_them() {
        let bytes = |data: TensorData| {
            let mut bytes = Vec::new();
            to_bytes(&data, &mut bytes).unwrap();
            bytes
        };
        assert_eq!(bytes(TensorData::Int32(vec![1])), [1, 0, 0, 0]);
        assert_eq!(bytes(TensorData::String(vec!["ab".to_owned()])), [2, 0, 0, 0, b'a', b'b']);
        assert_eq!(bytes(TensorData::Bool(vec![true])), [1]);
    }

    #[test]
    fn refuses_what_is_cut_short_or_no_text() {
        let refused =
            |element, bytes: &[u8]| from_bytes(element, &[1], bytes).unwrap_err().message().to_owned();
        assert_eq!(refused(ElementType::Float32, &[0; 5]), "5 bytes are no whole elements of 4 bytes");
        assert_eq!(refused(ElementType::Float32, &[0; 8]), "shape [1] holds 1 elements, but 2 were given");
        assert_eq!(refused(ElementType::String, &[9, 0, 0, 0, b'a']), "the bytes of string 0 are cut short");
        assert_eq!(refused(ElementType::String, &[1, 0, 0]), "the bytes of string 0 are cut short");
        assert_eq!(
            refused(ElementType::String, &[1, 0, 0, 0, 255]),
            "string 0 is not UTF-8, which ONNX's are"
        );
    }
}
