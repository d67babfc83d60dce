use edgeinfer_core::{ElementType, Error, ErrorKind, Result, Tensor, TensorData};

use super::flat::{Flat, Kind};
use super::{datatype, invalid};

/// The tensor of `element`s that a JSON array holds, flat or nested as `shape`.
///
/// # Errors
///
/// [`ErrorKind::InvalidTensor`] when the array is no tensor's data, is nested in
/// another way, has another number of elements, or elements that are not of the
/// type; [`ErrorKind::NotFinite`] for numbers beyond a floating-point type.
pub(crate) fn from_json(element: ElementType, shape: &[usize], flat: Flat) -> Result<Tensor> {
    if let Some(problem) = flat.problem {
        return Err(invalid(problem));
    }
    if flat.lengths.is_empty() && !shape.is_empty() {
        return Err(invalid("expected an array"));
    }
    if flat.lengths.len() > 1 && flat.lengths != shape {
        return Err(invalid(format!("the data is nested as {:?}, the shape is {shape:?}", flat.lengths)));
    }
    Tensor::new(shape, elements(element, flat.kind)?)
}

fn elements(element: ElementType, kind: Kind) -> Result<TensorData> {
    match (element, kind) {
        (element, Kind::Empty) => TensorData::zeros(element, 0),
        (ElementType::Bool, Kind::Bools(v)) => Ok(TensorData::Bool(v)),
        (ElementType::Bool, Kind::Integers(v)) => {
            v.into_iter().map(truth).collect::<Result<_>>().map(TensorData::Bool)
        }
        (ElementType::String, Kind::Strings(v)) => Ok(TensorData::String(v)),
        (ElementType::Float32, kind) => {
            Ok(TensorData::Float32(floats(kind, element)?.map(single).collect::<Result<_>>()?))
        }
        (ElementType::Float16 | ElementType::BFloat16, kind) => half(element, floats(kind, element)?),
        (ElementType::Float64, kind) => Ok(TensorData::Float64(floats(kind, element)?.collect())),
        (ElementType::Int64, Kind::Integers(v)) => Ok(TensorData::Int64(v)),
        (ElementType::Int64, kind) => wholes(kind, element).map(TensorData::Int64),
        (ElementType::Int32, kind) => wholes(kind, element).map(TensorData::Int32),
        (ElementType::Int16, kind) => wholes(kind, element).map(TensorData::Int16),
        (ElementType::Int8, kind) => wholes(kind, element).map(TensorData::Int8),
        (ElementType::UInt64, kind) => wholes(kind, element).map(TensorData::UInt64),
        (ElementType::UInt32, kind) => wholes(kind, element).map(TensorData::UInt32),
        (ElementType::UInt16, kind) => wholes(kind, element).map(TensorData::UInt16),
        (ElementType::UInt8, kind) => wholes(kind, element).map(TensorData::UInt8),
        (element, kind) => Err(other(element, &kind)),
    }
}

fn truth(whole: i64) -> Result<bool> {
    match whole {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(invalid(format!("expected true, false, 1 or 0, got {other}"))),
    }
}

fn floats(kind: Kind, element: ElementType) -> Result<Box<dyn Iterator<Item = f64>>> {
    Ok(match kind {
        Kind::Numbers(v) => Box::new(v.into_iter()),
        Kind::Integers(v) => Box::new(v.into_iter().map(|whole| whole as f64)),
        Kind::Wide(v) => Box::new(v.into_iter().map(|whole| whole as f64)),
        kind => return Err(other(element, &kind)),
    })
}

fn single(number: f64) -> Result<f32> {
    let single = number as f32;
    if single.is_finite() { Ok(single) } else { Err(beyond(number, "FP32")) }
}

/// Numbers of 16 bits.
fn half(element: ElementType, numbers: impl Iterator<Item = f64>) -> Result<TensorData> {
    let name = datatype(element).unwrap_or_default();
    let singles: Vec<f32> = numbers.map(single).collect::<Result<_>>()?;
    let data = TensorData::narrowed(element, &singles)
        .ok_or_else(|| invalid(format!("elements of the datatype {name} are not taken")))?;
    let widened = data.widened().unwrap_or_default();
    match singles.iter().zip(&widened).find(|(_, widened)| widened.is_infinite()) {
        Some((single, _)) => Err(beyond((*single).into(), name)),
        None => Ok(data),
    }
}

fn beyond(number: f64, name: &str) -> Error {
    Error::new(ErrorKind::NotFinite, format!("{number:e} is beyond the range of {name}"))
}

fn wholes<T: TryFrom<i64> + TryFrom<i128>>(kind: Kind, element: ElementType) -> Result<Vec<T>> {
    let name = datatype(element).unwrap_or_default();
    let beyond = |value: i128| invalid(format!("{value} is beyond the range of {name}"));
    match kind {
        Kind::Integers(v) => {
            v.into_iter().map(|value| T::try_from(value).map_err(|_| beyond(value.into()))).collect()
        }
        Kind::Wide(v) => v.into_iter().map(|value| T::try_from(value).map_err(|_| beyond(value))).collect(),
        kind => Err(other(element, &kind)),
    }
}

/// Elements of another kind than the datatype's.
fn other(element: ElementType, kind: &Kind) -> Error {
    let got = match kind {
        Kind::Empty => "nothing",
        Kind::Integers(_) | Kind::Wide(_) => "whole numbers",
        Kind::Numbers(_) => "numbers that are not whole",
        Kind::Bools(_) => "truth values",
        Kind::Strings(_) => "strings",
    };
    invalid(format!("expected elements of the datatype {}, got {got}", datatype(element).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(element: ElementType, shape: &[usize], json: &str) -> Result<TensorData> {
        from_json(element, shape, serde_json::from_str(json).unwrap()).map(Tensor::into_data)
    }

    #[test]
    fn takes_elements_of_every_type_flat_or_nested() {
        for (element, json, data) in [
            (ElementType::Float32, "[1, 2.5]", TensorData::Float32(vec![1.0, 2.5])),
            (ElementType::Float64, "[[1e300], [2]]", TensorData::Float64(vec![1e300, 2.0])),
            (ElementType::Float16, "[1, -0.5]", TensorData::Float16(vec![0x3c00, 0xb800])),
            (ElementType::BFloat16, "[1, 2]", TensorData::BFloat16(vec![0x3f80, 0x4000])),
            (ElementType::Int8, "[-128, 127]", TensorData::Int8(vec![-128, 127])),
            (ElementType::Int16, "[-1, 1]", TensorData::Int16(vec![-1, 1])),
            (ElementType::Int32, "[-1, 1]", TensorData::Int32(vec![-1, 1])),
            (ElementType::Int64, "[-9223372036854775808, 1]", TensorData::Int64(vec![i64::MIN, 1])),
            (ElementType::UInt8, "[0, 255]", TensorData::UInt8(vec![0, 255])),
            (ElementType::UInt16, "[0, 1]", TensorData::UInt16(vec![0, 1])),
            (ElementType::UInt32, "[0, 1]", TensorData::UInt32(vec![0, 1])),
            (ElementType::UInt64, "[1, 18446744073709551615]", TensorData::UInt64(vec![1, u64::MAX])),
            (ElementType::Bool, "[true, false]", TensorData::Bool(vec![true, false])),
            (ElementType::Bool, "[1, 0]", TensorData::Bool(vec![true, false])),
            (ElementType::String, r#"["a", ""]"#, TensorData::String(vec!["a".to_owned(), String::new()])),
        ] {
            let shape: &[usize] = if json.starts_with("[[") { &[2, 1] } else { &[2] };
            assert_eq!(read(element, shape, json), Ok(data), "{element}");
        }
    }

    #[test]
    fn refuses_what_the_type_does_not_hold() {
        for (element, json, message) in [
            (ElementType::Int8, "[1, 128]", "128 is beyond the range of INT8"),
            (ElementType::UInt8, "[1, -1]", "-1 is beyond the range of UINT8"),
            (
                ElementType::Int64,
                "[1, 9223372036854775808]",
                "9223372036854775808 is beyond the range of INT64",
            ),
            (
                ElementType::Int32,
                "[1, 1.5]",
                "expected elements of the datatype INT32, got numbers that are not whole",
            ),
            (ElementType::Float32, "[1, 1e39]", "1e39 is beyond the range of FP32"),
            (
                ElementType::Float32,
                "[true, true]",
                "expected elements of the datatype FP32, got truth values",
            ),
            (ElementType::Bool, "[1, 2]", "expected true, false, 1 or 0, got 2"),
            (ElementType::String, "[1, 2]", "expected elements of the datatype BYTES, got whole numbers"),
            (ElementType::Float32, "[1]", "shape [2] holds 2 elements, but 1 were given"),
            (ElementType::Float32, "[[1, 2]]", "the data is nested as [1, 2], the shape is [2]"),
        ] {
            assert_eq!(read(element, &[2], json).unwrap_err().message(), message);
        }
    }
}
