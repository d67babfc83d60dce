use edgeinfer_core::{Error, FeatureValue, Features, Result};
use js_sys::{Array, ArrayBuffer, Object, Reflect, Symbol};
use wasm_bindgen::{JsCast as _, JsValue};

use super::error::invalid;

/// One row: an array, a typed array, or an object by feature name.
pub(crate) fn row(given: JsValue) -> Result<Features> {
    if ArrayBuffer::is_view(&given) {
        return positional(&Array::from(&given));
    }
    match given.dyn_ref::<Array>() {
        Some(values) => positional(values),
        None if is_plain(&given) => named(&Object::from(given)),
        None => {
            let expected = "an array of values in the model's order, or an object by feature name";
            let kind = if given.is_null() { "null".into() } else { given.js_typeof() };
            let kind = kind.as_string().unwrap_or_default();
            Err(invalid(format_args!("expected {expected}, got {kind}")).at("features"))
        }
    }
}

fn positional(values: &Array) -> Result<Features> {
    values.iter().map(value).collect::<Result<_>>().map(Features::Positional)
}

fn named(values: &Object) -> Result<Features> {
    let entry = |entry: JsValue| {
        let entry = Array::from(&entry);
        Ok((entry.get(0).as_string().unwrap_or_default(), value(entry.get(1))?))
    };
    Object::entries(values).iter().map(entry).collect::<Result<_>>().map(Features::Named)
}

/// Whether it is an object that is none of the kinds that hold a list.
fn is_plain(value: &JsValue) -> bool {
    value.is_object() && !Reflect::has(value, &Symbol::iterator()).unwrap_or(true)
}

fn value(value: JsValue) -> Result<FeatureValue> {
    if let Some(number) = value.as_f64() {
        return Ok(from_number(number));
    }
    if value.is_bigint() {
        return from_bigint(value);
    }
    let other = if Array::is_array(&value) { FeatureValue::Array } else { FeatureValue::Object };
    Ok(match (value.as_bool(), value.as_string()) {
        (Some(value), _) => FeatureValue::Bool(value),
        (_, Some(value)) => FeatureValue::String(value),
        _ if value.is_null() || value.is_undefined() => FeatureValue::Null,
        _ => other,
    })
}

/// Whole where it is so for certain.
fn from_number(number: f64) -> FeatureValue {
    /// As `Number.MAX_SAFE_INTEGER`.
    const MOST: f64 = 9_007_199_254_740_991.0;
    if number.fract() == 0.0 && number.abs() <= MOST {
        FeatureValue::Integer(number as i64)
    } else {
        FeatureValue::Number(number)
    }
}

fn from_bigint(value: JsValue) -> Result<FeatureValue> {
    let unsigned = |value| u64::try_from(value).map(|value| FeatureValue::Number(value as f64));
    i64::try_from(value)
        .map(FeatureValue::Integer)
        .or_else(unsigned)
        .map_err(|_| invalid("a BigInt does not fit 64 bits").at("features"))
}

/// Rows: an array of what [`row`] takes.
pub(crate) fn rows(value: JsValue) -> Result<Vec<Features>> {
    let rows = value.dyn_into::<Array>().map_err(|_| invalid("expected an array of rows").at("rows"))?;
    let parse = |(index, value)| row(value).map_err(|error: Error| error.within(format_args!("[{index}]")));
    rows.iter().enumerate().map(parse).collect::<Result<_>>().map_err(in_rows)
}

/// Places an error of a batch within the argument `rows`.
pub(crate) fn in_rows(error: Error) -> Error {
    if error.place().is_some() { error.within("rows") } else { error.at("rows") }
}
