use std::sync::Arc;

use edgeinfer_core::{Classes, FeatureValue, Features, MapSequence, Tensor, TensorData, Value};
use serde_json::Value as Json;

use super::Named;

/// The value that `named` is.
pub(crate) fn value(named: &Named) -> Value {
    match &named.keys {
        Some(keys) => {
            let element = named.element.trim_end_matches(')').rsplit(',').next().unwrap();
            Value::MapSequence(MapSequence {
                keys: Arc::new(classes(keys)),
                values: tensor(element, &named.shape, &named.data),
            })
        }
        None => match named.element.strip_prefix("sequence(") {
            Some(element) => {
                let length: usize = named.shape[1..].iter().product();
                let items = named.data.chunks(length.max(1));
                let item = |data| tensor(element.trim_end_matches(')'), &named.shape[1..], data);
                Value::Sequence(items.map(item).collect())
            }
            None => Value::Tensor(tensor(&named.element, &named.shape, &named.data)),
        },
    }
}

fn classes(keys: &[Json]) -> Classes {
    match keys.iter().map(Json::as_i64).collect::<Option<Vec<_>>>() {
        Some(keys) => Classes::Integers(keys),
        None => Classes::Strings(keys.iter().map(|key| key.as_str().unwrap().to_owned()).collect()),
    }
}

fn tensor(element: &str, shape: &[usize], data: &[Json]) -> Tensor {
    let data = match element {
        "float32" => TensorData::Float32(data.iter().map(|value| number(value) as f32).collect()),
        "float64" => TensorData::Float64(data.iter().map(number).collect()),
        "int64" => TensorData::Int64(data.iter().map(|value| value.as_i64().unwrap()).collect()),
        "int32" => TensorData::Int32(data.iter().map(|value| value.as_i64().unwrap() as i32).collect()),
        "int16" => TensorData::Int16(data.iter().map(|value| value.as_i64().unwrap() as i16).collect()),
        "int8" => TensorData::Int8(data.iter().map(|value| value.as_i64().unwrap() as i8).collect()),
        "uint8" => TensorData::UInt8(data.iter().map(|value| value.as_i64().unwrap() as u8).collect()),
        "bool" => TensorData::Bool(data.iter().map(|value| value.as_bool().unwrap()).collect()),
        "string" => TensorData::String(data.iter().map(|value| value.as_str().unwrap().to_owned()).collect()),
        other => panic!("{other} is not read here"),
    };
    Tensor::new(shape, data).unwrap()
}

/// JSON has no NaN and no infinities.
fn number(value: &Json) -> f64 {
    match value {
        Json::Null => f64::NAN,
        Json::String(text) => text.parse().unwrap(),
        value => value.as_f64().unwrap(),
    }
}

/// The rows of `inputs`, each with the columns of all inputs that have that row.
pub(crate) fn rows(inputs: &[Named]) -> Vec<Features> {
    let count = inputs[0].shape[0];
    let columns = |row: usize| {
        inputs.iter().flat_map(move |input| {
            let width: usize = input.shape.iter().skip(1).product();
            input.data.iter().skip(row * width).take(width).map(feature)
        })
    };
    (0..count).map(|row| Features::Positional(columns(row).collect())).collect()
}

fn feature(value: &Json) -> FeatureValue {
    match value {
        Json::Null => FeatureValue::Null,
        Json::Bool(value) => FeatureValue::Bool(*value),
        Json::String(value) => FeatureValue::String(value.clone()),
        Json::Number(value) => match value.as_i64() {
            Some(whole) => FeatureValue::Integer(whole),
            None => FeatureValue::Number(value.as_f64().unwrap()),
        },
        other => panic!("{other} is no feature"),
    }
}
