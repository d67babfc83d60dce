//! From a caller's value to an element of a tensor.

use edgeinfer_kernels::Half;

use crate::{ElementType, Error, ErrorKind, FeatureValue, Result, SmallType, TensorData};

/// Writes `value` to `buffer[position]`, converted to the buffer's type.
///
/// # Errors
///
/// [`ErrorKind::FeatureType`] or [`ErrorKind::NotFinite`] when the value does
/// not convert without loss of meaning.
pub(crate) fn put(buffer: &mut TensorData, position: usize, value: &FeatureValue) -> Result<()> {
    match buffer {
        TensorData::Float32(v) => set(v, position, float32(value)?),
        TensorData::Float64(v) => set(v, position, float64(value)?),
        TensorData::Int8(v) => set(v, position, integer(value, ElementType::Int8)?),
        TensorData::Int16(v) => set(v, position, integer(value, ElementType::Int16)?),
        TensorData::Int32(v) => set(v, position, integer(value, ElementType::Int32)?),
        TensorData::Int64(v) => set(v, position, integer(value, ElementType::Int64)?),
        TensorData::UInt8(v) => set(v, position, integer(value, ElementType::UInt8)?),
        TensorData::UInt16(v) => set(v, position, integer(value, ElementType::UInt16)?),
        TensorData::UInt32(v) => set(v, position, integer(value, ElementType::UInt32)?),
        TensorData::UInt64(v) => set(v, position, integer(value, ElementType::UInt64)?),
        TensorData::Bool(v) => match value {
            FeatureValue::Bool(value) => set(v, position, *value),
            _ => Err(wrong_type("true or false", value)),
        },
        TensorData::String(v) => match value {
            FeatureValue::String(value) => set(v, position, value.clone()),
            _ => Err(wrong_type("a string", value)),
        },
        TensorData::Float16(v) => set(v, position, half(value, Half::Float16)?),
        TensorData::BFloat16(v) => set(v, position, half(value, Half::BFloat16)?),
        TensorData::Small(small, _) => Err(no_feature(*small)),
    }
}

/// Writes what stands for a missing value to `buffer[position]`.
///
/// # Errors
///
/// [`ErrorKind::Internal`] where the type has no such value: a schema that has
/// been checked asks for none.
pub(crate) fn put_missing(buffer: &mut TensorData, position: usize) -> Result<()> {
    match buffer {
        TensorData::Float32(v) => set(v, position, f32::NAN),
        TensorData::Float64(v) => set(v, position, f64::NAN),
        TensorData::Float16(v) => set(v, position, Half::Float16.narrow(f32::NAN)),
        TensorData::BFloat16(v) => set(v, position, Half::BFloat16.narrow(f32::NAN)),
        TensorData::String(v) => set(v, position, String::new()),
        _ => Err(Error::new(ErrorKind::Internal, "a feature's type has no missing value")),
    }
}

fn set<T>(values: &mut [T], position: usize, value: T) -> Result<()> {
    match values.get_mut(position) {
        Some(place) => {
            *place = value;
            Ok(())
        }
        None => Err(Error::new(ErrorKind::Internal, "a feature's column is not there")),
    }
}

fn float64(value: &FeatureValue) -> Result<f64> {
    let number = match value {
        FeatureValue::Integer(value) => *value as f64,
        FeatureValue::Number(value) => *value,
        _ => return Err(wrong_type("a number", value)),
    };
    if number.is_finite() {
        return Ok(number);
    }
    let message = format!("expected a finite number, got {value}");
    Err(Error::new(ErrorKind::NotFinite, message))
}

fn float32(value: &FeatureValue) -> Result<f32> {
    let number = float64(value)?;
    let single = number as f32;
    if single.is_finite() {
        return Ok(single);
    }
    let message = format!("{value} is beyond the range of float32 (about ±3.4e38)");
    Err(Error::new(ErrorKind::NotFinite, message))
}

fn half(value: &FeatureValue, half: Half) -> Result<u16> {
    let single = float32(value)?;
    let bits = half.narrow(single);
    if half.widen(bits).is_finite() {
        return Ok(bits);
    }
    let (element, most) = match half {
        Half::Float16 => (ElementType::Float16, "65504"),
        Half::BFloat16 => (ElementType::BFloat16, "3.39e38"),
    };
    let message = format!("{value} is beyond the range of {element} (about ±{most})");
    Err(Error::new(ErrorKind::NotFinite, message))
}

#[cold]
fn no_feature(small: SmallType) -> Error {
    let element = small.element();
    let message =
        format!("elements of type {element} are no features; run the model with named tensors instead");
    Error::new(ErrorKind::FeatureType, message)
}

fn integer<T: TryFrom<i64>>(value: &FeatureValue, element: ElementType) -> Result<T> {
    /// 2^53, the least float64 that also stands for a whole number other than
    /// itself. An [`FeatureValue::Integer`] is exact beyond it.
    const INEXACT: f64 = 9_007_199_254_740_992.0;
    if let FeatureValue::Number(_) = value {
        float64(value)?;
    }
    let whole = match value {
        FeatureValue::Integer(value) => Some(*value),
        FeatureValue::Number(value) if value.fract() == 0.0 && value.abs() < INEXACT => Some(*value as i64),
        _ => None,
    };
    let exact = match value {
        FeatureValue::Number(value) if value.abs() >= INEXACT => ", below 2^53 where it is floating point",
        _ => "",
    };
    whole
        .and_then(|whole| T::try_from(whole).ok())
        .ok_or_else(|| wrong_type(&format!("a whole number that fits {element}{exact}"), value))
}

fn wrong_type(expected: &str, value: &FeatureValue) -> Error {
    Error::new(ErrorKind::FeatureType, format!("expected {expected}, got {value}"))
}
