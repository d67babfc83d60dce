//! Named tensors from JavaScript: `{ name: { data, shape } }`.

use edgeinfer_core::{ElementType, Error, ErrorKind, Result, Tensor, TensorData, Value};
use js_sys::{
    Array, BigInt64Array, BigUint64Array, Float32Array, Float64Array, Int8Array, Int16Array, Int32Array,
    Object, Reflect, Uint8Array, Uint8ClampedArray, Uint16Array, Uint32Array,
};
use wasm_bindgen::{JsCast as _, JsValue};

use crate::error::invalid;

/// The tensors in `inputs`, one copy each.
pub(crate) fn inputs(inputs: &JsValue) -> Result<Vec<(String, Tensor)>> {
    let inputs =
        inputs.dyn_ref::<Object>().ok_or_else(|| invalid("expected an object of tensors").at("inputs"))?;
    let input = |entry: JsValue| {
        let entry = Array::from(&entry);
        let name = entry.get(0).as_string().unwrap_or_default();
        let tensor = tensor(&entry.get(1)).map_err(|error| error.at(format!("inputs[{name:?}]")))?;
        Ok((name, tensor))
    };
    Object::entries(inputs).iter().map(input).collect()
}

/// The elements of a value that are strings.
pub(crate) fn strings(value: &Value) -> Option<Vec<String>> {
    let tensor = match value {
        Value::Tensor(tensor) => tensor,
        Value::MapSequence(maps) => &maps.values,
        Value::Map(_) | Value::Sequence(_) => return None,
    };
    if let TensorData::String(strings) = tensor.data() { Some(strings.clone()) } else { None }
}

fn tensor(value: &JsValue) -> Result<Tensor> {
    let field = |name: &str| Reflect::get(value, &name.into()).unwrap_or(JsValue::UNDEFINED);
    let data = data(&field("data"), field("type") == ElementType::Bool.name()).ok_or_else(|| {
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

fn data(value: &JsValue, is_bool: bool) -> Option<TensorData> {
    /// The first array type of the list that `value` is, as its tensor data.
    macro_rules! typed {
        ($($array:ty => $variant:ident),+) => {
            $(if let Some(array) = value.dyn_ref::<$array>() {
                return Some(TensorData::$variant(array.to_vec()));
            })+
        };
    }
    if let Some(bytes) = value.dyn_ref::<Uint8Array>().filter(|_| is_bool) {
        return Some(TensorData::Bool(bytes.to_vec().into_iter().map(|byte| byte != 0).collect()));
    }
    typed!(
        Float32Array => Float32, Float64Array => Float64,
        Int8Array => Int8, Int16Array => Int16, Int32Array => Int32, BigInt64Array => Int64,
        Uint8Array => UInt8, Uint8ClampedArray => UInt8, Uint16Array => UInt16, Uint32Array => UInt32,
        BigUint64Array => UInt64
    );
    let strings = value.dyn_ref::<Array>()?.iter().map(|item| item.as_string());
    strings.collect::<Option<_>>().map(TensorData::String)
}
