//! `ai.onnx.ml.CastMap`: a map from integers as a tensor.
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_CastMap.html>

use super::lookup::whole;
use crate::native::Native;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, ValueRef, failed, one};
use crate::{Classes, Result, Shape, TensorData};

struct CastMap {
    cast: Cast,
    /// The length of the output where a value's place is its key.
    sparse: Option<usize>,
}

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
            let length = usize::try_from(node.int_or("max_map", 1)?).ok().filter(|&length| length > 0);
            Some(length.ok_or_else(|| node.invalid("max_map: expected a length of one or more"))?)
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
        let mut entries: Vec<(i64, From<'_>)> = match map.values.data() {
            TensorData::Float32(values) => {
                keys.iter().copied().zip(values.iter().map(|&x| From::Float(x))).collect()
            }
            TensorData::String(values) => {
                keys.iter().copied().zip(values.iter().map(|x| From::String(x))).collect()
            }
            other => return Err(failed(format!("unexpected values of type {}", other.element_type()))),
        };
        entries.sort_by_key(|entry| entry.0);
        let data = match self.cast {
            Cast::Float => self.cast(&entries, float, 0.0, scope)?,
            Cast::Integer => self.cast(&entries, integer, 0, scope)?,
            // What onnxruntime has for a string that is not there.
            Cast::String => self.cast(&entries, |value| Ok(string(value)), "0.f".to_owned(), scope)?,
        };
        one(Shape::from_slice(&[1, data.len()]), data)
    }
}

impl CastMap {
    fn cast<T: Native>(
        &self,
        entries: &[(i64, From<'_>)],
        convert: impl Fn(From<'_>) -> Result<T>,
        missing: T,
        scope: &mut Scope,
    ) -> Result<TensorData> {
        let Some(length) = self.sparse else {
            let mut y = scope.vec(entries.len())?;
            for (_, value) in entries {
                y.push(convert(*value)?);
            }
            return Ok(T::wrap(y));
        };
        let mut y = scope.filled(length, missing)?;
        for &(key, value) in entries {
            let Ok(place) = usize::try_from(key) else {
                return Err(failed(format!("expected no negative keys in a sparse map, got {key}")));
            };
            if let Some(y) = y.get_mut(place) {
                *y = convert(value)?;
            }
        }
        Ok(T::wrap(y))
    }
}

fn float(value: From<'_>) -> Result<f32> {
    match value {
        From::Float(x) => Ok(x),
        From::String(x) => x.trim().parse().map_err(|_| failed(format!("expected a number, got {x:?}"))),
    }
}

fn integer(value: From<'_>) -> Result<i64> {
    match value {
        From::Float(x) => Ok(whole(f64::from(x))),
        From::String(x) => x.trim().parse().map_err(|_| failed(format!("expected an integer, got {x:?}"))),
    }
}

/// Six digits after the point, as C++ has it.
fn string(value: From<'_>) -> String {
    match value {
        From::Float(x) if x.is_nan() => if x.is_sign_negative() { "-nan" } else { "nan" }.to_owned(),
        From::Float(x) => format!("{x:.6}"),
        From::String(x) => x.to_owned(),
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
        let words = texts(&[3], &["1", "two", "3"]);
        assert_eq!(run(&cast("TO_FLOAT"), words).unwrap_err().message(), "expected a number, got \"two\"");
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        let message = |case: &Case| run(case, floats()).unwrap_err().message().to_owned();
        let expected = "cast_to: expected TO_FLOAT, TO_STRING or TO_INT64, got TO_BOOL";
        assert_eq!(message(&cast("TO_BOOL")), expected);
        assert_eq!(
            message(&sparse("TO_FLOAT").int("max_map", 0)),
            "max_map: expected a length of one or more"
        );
        let expected = "map_form: expected DENSE or SPARSE, got THICK";
        assert_eq!(message(&cast("TO_FLOAT").string("map_form", "THICK")), expected);
        let negative = Map { keys: Classes::Integers(vec![-1]), values: f32s(&[1], &[1.0]) };
        let error = sparse("TO_FLOAT").run_values(&[Some(Value::Map(negative))]).unwrap_err();
        assert_eq!(error.message(), "expected no negative keys in a sparse map, got -1");
    }
}
