//! Named tensors and maps from JavaScript: `{ name: { data, shape } }`, or a Map.

use edgeinfer_core::{
    Classes, ElementType, Error, ErrorKind, Map, Result, Schema, SmallType, Tensor, TensorData, Value,
    ValueType,
};
use js_sys::{
    Array, BigInt64Array, BigUint64Array, Float32Array, Float64Array, Int8Array, Int16Array, Int32Array,
    Object, Reflect, Uint8Array, Uint8ClampedArray, Uint16Array, Uint32Array,
};
use wasm_bindgen::{JsCast as _, JsValue};

use super::error::invalid;

/// The tensors and maps in `inputs`, one copy each.
pub(crate) fn inputs(inputs: &JsValue, schema: &Schema) -> Result<Vec<(String, Value)>> {
    let inputs =
        inputs.dyn_ref::<Object>().ok_or_else(|| invalid("expected an object of tensors").at("inputs"))?;
    let input = |entry: JsValue| {
        let entry = Array::from(&entry);
        let name = entry.get(0).as_string().unwrap_or_default();
        let spec = schema.inputs.iter().find(|input| input.name == name);
        let value = value(&entry.get(1), spec.map(|spec| &spec.value));
        let value = value.map_err(|error| error.at(format!("inputs[{name:?}]")))?;
        Ok((name, value))
    };
    Object::entries(inputs).iter().map(input).collect()
}

fn value(value: &JsValue, spec: Option<&ValueType>) -> Result<Value> {
    match spec {
        Some(ValueType::Map { key, value: element }) => map(value, *key, *element).map(Value::Map),
        Some(ValueType::Sequence { .. }) => sequence(value),
        Some(ValueType::Optional { .. }) if value.is_null() || value.is_undefined() => Ok(Value::Absent),
        Some(ValueType::Optional { of }) => self::value(value, Some(of)),
        _ => tensor(value).map(Value::Tensor),
    }
}

fn sequence(values: &JsValue) -> Result<Value> {
    let wrong = || Error::new(ErrorKind::InvalidTensor, "expected an array of { data, shape }");
    let values = values.dyn_ref::<Array>().ok_or_else(wrong)?;
    let place = |(index, value)| tensor(&value).map_err(|error| error.at(format!("[{index}]")));
    values.iter().enumerate().map(place).collect::<Result<_>>().map(Value::Sequence)
}

/// A map of JavaScript's, its keys and values as the model's.
fn map(entries: &JsValue, key: ElementType, value: ElementType) -> Result<Map> {
    let wrong = || Error::new(ErrorKind::InvalidTensor, format!("expected a Map of {key} to {value}"));
    let entries = entries.dyn_ref::<js_sys::Map>().ok_or_else(wrong)?;
    let (keys, values) = (Array::from(&entries.keys()), Array::from(&entries.values()));
    let keys = match key {
        ElementType::Int64 => integers(&keys).map(Classes::Integers),
        _ => strings(&keys).map(Classes::Strings),
    };
    let data = match value {
        ElementType::Int64 => integers(&values).map(TensorData::Int64),
        ElementType::String => strings(&values).map(TensorData::String),
        ElementType::Float64 => numbers(&values).map(TensorData::Float64),
        _ => numbers(&values).map(|v| TensorData::Float32(v.into_iter().map(|value| value as f32).collect())),
    };
    let (keys, data) = keys.zip(data).ok_or_else(wrong)?;
    Ok(Map { keys, values: Tensor::new([data.len()].as_slice(), data)? })
}

fn integers(values: &Array) -> Option<Vec<i64>> {
    let whole = |value: JsValue| match value.as_f64() {
        Some(number) if number.fract() == 0.0 && number.abs() <= js_sys::Number::MAX_SAFE_INTEGER => {
            Some(number as i64)
        }
        Some(_) => None,
        None => i64::try_from(value).ok(),
    };
    values.iter().map(whole).collect()
}

fn numbers(values: &Array) -> Option<Vec<f64>> {
    values.iter().map(|value| value.as_f64()).collect()
}

fn strings(values: &Array) -> Option<Vec<String>> {
    values.iter().map(|value| value.as_string()).collect()
}

fn tensor(value: &JsValue) -> Result<Tensor> {
    let field = |name: &str| Reflect::get(value, &name.into()).unwrap_or(JsValue::UNDEFINED);
    let (array, kind) = (field("data"), field("type").as_string());
    let data = match kind.as_deref().and_then(ElementType::named) {
        Some(element) => named(&array, element).or_else(|| data(&array)),
        None => data(&array),
    };
    let data = data.ok_or_else(|| {
        let message = "expected { data, shape } with a typed array as data, or an array of strings";
        Error::new(ErrorKind::InvalidTensor, message)
    })?;
    let shape = shape(&field("shape")).ok_or_else(|| {
        let message = "expected { data, shape } with an array of whole numbers, 0 or more, as shape";
        Error::new(ErrorKind::InvalidTensor, message)
    })?;
    Tensor::new(shape, data)
}

fn shape(value: &JsValue) -> Option<Vec<usize>> {
    let dim = |value: JsValue| {
        let size = value.as_f64()?;
        (size.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&size)).then_some(size as usize)
    };
    value.dyn_ref::<Array>()?.iter().map(dim).collect()
}

/// The elements of a type that has no array of its own; `None` for other types,
/// and where `value` does not hold such elements.
fn named(value: &JsValue, element: ElementType) -> Option<TensorData> {
    match element {
        ElementType::Bool => {
            let bytes = value.dyn_ref::<Uint8Array>()?.to_vec();
            Some(TensorData::Bool(bytes.into_iter().map(|byte| byte != 0).collect()))
        }
        ElementType::Float16 => Some(TensorData::Float16(value.dyn_ref::<Uint16Array>()?.to_vec())),
        ElementType::BFloat16 => Some(TensorData::BFloat16(value.dyn_ref::<Uint16Array>()?.to_vec())),
        _ => {
            let small = SmallType::of(element)?;
            let bytes = match value.dyn_ref::<Int8Array>() {
                Some(signed) => signed.to_vec().into_iter().map(i8::cast_unsigned).collect(),
                None => value.dyn_ref::<Uint8Array>()?.to_vec(),
            };
            let fit = bytes.iter().all(|&byte| small.element_of(byte) == byte);
            fit.then_some(TensorData::Small(small, bytes))
        }
    }
}

fn data(value: &JsValue) -> Option<TensorData> {
    /// The first array type of the list that `value` is, as its tensor data.
    macro_rules! typed {
        ($($array:ty => $variant:ident),+) => {
            $(if let Some(array) = value.dyn_ref::<$array>() {
                return Some(TensorData::$variant(array.to_vec()));
            })+
        };
    }
    typed!(
        Float32Array => Float32, Float64Array => Float64,
        Int8Array => Int8, Int16Array => Int16, Int32Array => Int32, BigInt64Array => Int64,
        Uint8Array => UInt8, Uint8ClampedArray => UInt8, Uint16Array => UInt16, Uint32Array => UInt32,
        BigUint64Array => UInt64
    );
    strings(value.dyn_ref()?).map(TensorData::String)
}
