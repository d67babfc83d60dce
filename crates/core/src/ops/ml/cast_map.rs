//! `ai.onnx.ml.CastMap`: a map from integers as a tensor.
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_CastMap.html>

use super::whole::whole;
use serde_json::{Number, Value};

use crate::native::Native;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, ValueRef, failed, one};
use crate::{Classes, Result, Shape, TensorData};

struct CastMap {
    cast: Cast,
    /// The length of the output where a value's place is its key.
    sparse: Option<usize>,
}

/// No sparse map is longer.
const LONGEST: usize = 1 << 24;

enum Cast {
    Float,
    String,
    Integer,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let cast = match node.string_or("cast_to", "TO_FLOAT")? {
        "TO_FLOAT" => Cast::Float,
        "TO_STRING" => Cast::String,
        "TO_INT64" => Cast::Integer,
        other => {
            let known = "TO_FLOAT, TO_STRING or TO_INT64";
            return Err(node.invalid(format_args!("cast_to: expected {known}, got {other}")));
        }
    };
    let sparse = match node.string_or("map_form", "DENSE")? {
        "DENSE" => None,
        "SPARSE" => {
            let length = usize::try_from(node.int_or("max_map", 1)?).ok();
            let length = length.filter(|length| (1..=LONGEST).contains(length));
            Some(
                length
                    .ok_or_else(|| node.invalid("max_map: expected a length that is not 0, nor endless"))?,
            )
        }
        other => return Err(node.invalid(format_args!("map_form: expected DENSE or SPARSE, got {other}"))),
    };
    Ok(Box::new(CastMap { cast, sparse }))
}

/// A value of the map, which is of one of two types.
#[derive(Clone, Copy)]
enum From<'a> {
    Float(f32),
    String(&'a str),
}

impl Operator for CastMap {
    /// A map from int64 to float32 or strings, to `[1, values]` in the order of
    /// the keys.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let Some(ValueRef::Map(map)) = inputs.value(0) else {
            return Err(failed("expected a map"));
        };
        let Classes::Integers(keys) = &map.keys else {
            return Err(failed("expected integers as the keys of the map"));
        };
        let values: Vec<From<'_>> = match map.values.data() {
            TensorData::Float32(values) => values.iter().map(|&x| From::Float(x)).collect(),
            TensorData::String(values) => values.iter().map(|x| From::String(x)).collect(),
            other => return Err(failed(format!("unexpected values of type {}", other.element_type()))),
        };
        let slots = self.slots(keys, &values)?;
        let data = match self.cast {
            Cast::Float => cast(&slots, float, 0.0, scope)?,
            Cast::Integer => cast(&slots, integer, 0, scope)?,
            // What onnxruntime has for a string that is not there.
            Cast::String => cast(&slots, |value| Ok(string(value)), "0.f".to_owned(), scope)?,
        };
        one(Shape::from_slice(&[1, data.len()]), data)
    }
}

impl CastMap {
    /// The value in each place of the output.
    fn slots<'a>(&self, keys: &[i64], values: &[From<'a>]) -> Result<Vec<Option<From<'a>>>> {
        let entries = keys.iter().copied().zip(values.iter().copied());
        let Some(length) = self.sparse else {
            let mut entries: Vec<_> = entries.collect();
            entries.sort_unstable_by_key(|entry| entry.0);
            return Ok(entries.into_iter().map(|(_, value)| Some(value)).collect());
        };
        let mut slots = vec![None; length];
        for (key, value) in entries {
            let Ok(place) = usize::try_from(key) else {
                return Err(failed(format!("expected no negative keys in a sparse map, got {key}")));
            };
            if let Some(slot) = slots.get_mut(place) {
                *slot = Some(value);
            }
        }
        Ok(slots)
    }
}

fn cast<T: Native>(
    slots: &[Option<From<'_>>],
    convert: impl Fn(From<'_>) -> Result<T>,
    missing: T,
    scope: &mut Scope,
) -> Result<TensorData> {
    let mut y = scope.vec(slots.len())?;
    for slot in slots {
        y.push(match slot {
            Some(value) => convert(*value)?,
            None => missing.clone(),
        });
    }
    Ok(T::wrap(y))
}

fn float(value: From<'_>) -> Result<f32> {
    match value {
        From::Float(x) => Ok(x),
        From::String(x) => number(x, |number| Some(number.as_f64()? as f32)),
    }
}

fn integer(value: From<'_>) -> Result<i64> {
    match value {
        From::Float(x) => Ok(whole(f64::from(x))),
        From::String(x) => number(x, Number::as_i64),
    }
}

/// A number as JSON writes it. (That there is a reader of JSON anyway keeps the
/// runtime small.)
fn number<T>(text: &str, read: impl Fn(&Number) -> Option<T>) -> Result<T> {
    let number = match serde_json::from_str(text) {
        Ok(Value::Number(number)) => read(&number),
        _ => None,
    };
    number.ok_or_else(|| failed(format!("expected a number, got {text:?}")))
}

fn string(value: From<'_>) -> String {
    match value {
        From::Float(x) => fixed(x),
        From::String(x) => x.to_owned(),
    }
}

/// `x` with six digits after the point, as C++'s `std::to_string` writes it.
fn fixed(x: f32) -> String {
    /// From here on all numbers are whole.
    const WHOLE: f32 = 16_777_216.0;
    let sign = if x.is_sign_negative() { "-" } else { "" };
    let size = x.abs();
    if size.is_nan() {
        format!("{sign}nan")
    } else if size.is_infinite() {
        format!("{sign}inf")
    } else if size >= WHOLE {
        format!("{sign}{}.000000", size as u128)
    } else {
        // The product is exact: 24 bits by 20.
        let millionths = (f64::from(size) * 1e6).round_ties_even() as u64;
        format!("{sign}{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{Case, f32s, i64s, texts};
    use crate::{Map, Tensor, Value};

    fn cast(to: &str) -> Case {
        Case::new("ai.onnx.ml", "CastMap", 1).string("cast_to", to)
    }

    fn sparse(to: &str) -> Case {
        cast(to).string("map_form", "SPARSE").int("max_map", 5)
    }

    fn run(case: &Case, values: Tensor) -> Result<Tensor> {
        let map = Map { keys: Classes::Integers(vec![3, 1, 7]), values };
        match case.run_values(&[Some(Value::Map(map))])?.remove(0) {
            Value::Tensor(tensor) => Ok(tensor),
            other => panic!("{other:?}"),
        }
    }

    fn floats() -> Tensor {
        f32s(&[3], &[1.5, -2.75, 1e10])
    }

    #[test]
    fn dense_values_are_in_the_order_of_their_keys() {
        assert_eq!(run(&cast("TO_FLOAT"), floats()).unwrap(), f32s(&[1, 3], &[-2.75, 1.5, 1e10]));
        assert_eq!(run(&cast("TO_INT64"), floats()).unwrap(), i64s(&[1, 3], &[-2, 1, 10_000_000_000]));
        let expected = texts(&[1, 3], &["-2.750000", "1.500000", "10000000000.000000"]);
        assert_eq!(run(&cast("TO_STRING"), floats()).unwrap(), expected);
    }

    #[test]
    fn sparse_values_are_at_their_keys() {
        assert_eq!(run(&sparse("TO_FLOAT"), floats()).unwrap(), f32s(&[1, 5], &[0.0, -2.75, 0.0, 1.5, 0.0]));
        assert_eq!(run(&sparse("TO_INT64"), floats()).unwrap(), i64s(&[1, 5], &[0, -2, 0, 1, 0]));
        let expected = texts(&[1, 5], &["0.f", "-2.750000", "0.f", "1.500000", "0.f"]);
        assert_eq!(run(&sparse("TO_STRING"), floats()).unwrap(), expected);
    }

    #[test]
    fn numbers_are_written_as_in_cpp() {
        let texts_of = |values: [f32; 3]| run(&cast("TO_STRING"), f32s(&[3], &values)).unwrap();
        let expected = texts(&[1, 3], &["0.100000", "inf", "nan"]);
        assert_eq!(texts_of([f32::INFINITY, 0.1, f32::NAN]), expected);
        let expected =
            texts(&[1, 3], &["123456.789062", "-0.000000", "339999995214436424907732413799364296704.000000"]);
        assert_eq!(texts_of([-0.0, 123_456.79, 3.4e38]), expected);
    }

    #[test]
    fn reads_numbers_from_texts() {
        let numbers = || texts(&[3], &["15", " -2 ", "7"]);
        assert_eq!(run(&cast("TO_FLOAT"), numbers()).unwrap(), f32s(&[1, 3], &[-2.0, 15.0, 7.0]));
        assert_eq!(run(&cast("TO_INT64"), numbers()).unwrap(), i64s(&[1, 3], &[-2, 15, 7]));
        assert_eq!(run(&cast("TO_STRING"), numbers()).unwrap(), texts(&[1, 3], &[" -2 ", "15", "7"]));
        let words = texts(&[3], &["1", "two", "3.5"]);
        assert_eq!(run(&cast("TO_FLOAT"), words).unwrap_err().message(), "expected a number, got \"two\"");
        let fraction = texts(&[3], &["1", "2", "3.5"]);
        assert_eq!(run(&cast("TO_INT64"), fraction).unwrap_err().message(), "expected a number, got \"3.5\"");
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        let message = |case: &Case| run(case, floats()).unwrap_err().message().to_owned();
        let expected = "cast_to: expected TO_FLOAT, TO_STRING or TO_INT64, got TO_BOOL";
        assert_eq!(message(&cast("TO_BOOL")), expected);
        for length in [0, i64::MAX] {
            let expected = "max_map: expected a length that is not 0, nor endless";
            assert_eq!(message(&sparse("TO_FLOAT").int("max_map", length)), expected);
        }
        let expected = "map_form: expected DENSE or SPARSE, got THICK";
        assert_eq!(message(&cast("TO_FLOAT").string("map_form", "THICK")), expected);
        let negative = Map { keys: Classes::Integers(vec![-1]), values: f32s(&[1], &[1.0]) };
        let error = sparse("TO_FLOAT").run_values(&[Some(Value::Map(negative))]).unwrap_err();
        assert_eq!(error.message(), "expected no negative keys in a sparse map, got -1");
    }
}
