//! `Cast`, `CastLike`: elements as another type.
//! <https://onnx.ai/onnx/operators/onnx__Cast.html>,
//! <https://onnx.ai/onnx/operators/onnx__CastLike.html>

use super::text::{parse_float, parse_int, text};
use super::whole::in_type;
use crate::ops::numbers::{doubles, floats, integers, ints_wrapping};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{ElementType, Result, TensorData};

struct Cast {
    to: ElementType,
}

struct CastLike;

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let to = if node.version() < 6 {
        by_name(node.string_or("to", "")?)
    } else {
        by_number(node.int_or("to", 0)?)
    };
    let to = to.ok_or_else(|| node.unsupported("to: this element type is not supported"))?;
    Ok(Box::new(Cast { to }))
}

pub(super) fn like(_: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(CastLike))
}

impl Operator for Cast {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        one(x.shape, cast(&x, self.to, scope)?)
    }
}

impl Operator for CastLike {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        one(x.shape, cast(&x, inputs.tensor(1)?.element_type(), scope)?)
    }
}

/// The numbers of ONNX's `TensorProto.DataType`.
const NUMBERS: [(i64, &str, ElementType); 12] = [
    (1, "FLOAT", ElementType::Float32),
    (2, "UINT8", ElementType::UInt8),
    (3, "INT8", ElementType::Int8),
    (4, "UINT16", ElementType::UInt16),
    (5, "INT16", ElementType::Int16),
    (6, "INT32", ElementType::Int32),
    (7, "INT64", ElementType::Int64),
    (8, "STRING", ElementType::String),
    (9, "BOOL", ElementType::Bool),
    (11, "DOUBLE", ElementType::Float64),
    (12, "UINT32", ElementType::UInt32),
    (13, "UINT64", ElementType::UInt64),
];

/// The element type with that number in ONNX.
pub(in crate::ops) fn by_number(number: i64) -> Option<ElementType> {
    NUMBERS.iter().find(|entry| entry.0 == number).map(|entry| entry.2)
}

fn by_name(name: &str) -> Option<ElementType> {
    NUMBERS.iter().find(|entry| entry.1 == name).map(|entry| entry.2)
}

/// Few loops for all pairs of types: through float64, where there are
/// fractions, otherwise through int64.
fn cast(x: &TensorRef<'_>, to: ElementType, scope: &mut Scope) -> Result<TensorData> {
    match (x.data, to) {
        (DataRef::String(texts), _) => from_texts(texts, to, scope),
        (_, ElementType::String) => texts(x, scope),
        (_, ElementType::Float32) => {
            let values = floats(x, scope)?;
            Ok(TensorData::Float32(scope.own(values)?))
        }
        (_, ElementType::Float64) => {
            let values = doubles(x, scope)?;
            Ok(TensorData::Float64(scope.own(values)?))
        }
        (DataRef::Float32(_) | DataRef::Float64(_), _) => {
            let values = doubles(x, scope)?;
            let values = scope.own(values)?;
            in_type(values, to, scope)
        }
        _ => {
            let values = ints_wrapping(x, scope)?;
            integers(values, to, scope)
        }
    }
}

fn texts(x: &TensorRef<'_>, scope: &mut Scope) -> Result<TensorData> {
    let mut y = scope.vec(x.len())?;
    match x.data {
        DataRef::Float32(_) | DataRef::Float64(_) => {
            let values = doubles(x, scope)?;
            y.extend(values.iter().map(|&x| text(x)));
            scope.keep_cow(values);
        }
        DataRef::UInt64(values) => y.extend(values.iter().map(u64::to_string)),
        _ => {
            let values = ints_wrapping(x, scope)?;
            y.extend(values.iter().map(i64::to_string));
            scope.keep_cow(values);
        }
    }
    Ok(TensorData::String(y))
}

fn from_texts(texts: &[String], to: ElementType, scope: &mut Scope) -> Result<TensorData> {
    match to {
        ElementType::String => Ok(TensorData::String(scope.copy(texts)?)),
        ElementType::Float32 | ElementType::Float64 => {
            let mut y = scope.vec(texts.len())?;
            for text in texts {
                y.push(parse_float(text)?);
            }
            in_type(y, to, scope)
        }
        _ => {
            let mut y = scope.vec(texts.len())?;
            for text in texts {
                y.push(parse_int(text, to == ElementType::UInt64)?);
            }
            integers(y.into(), to, scope)
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, bools, f32s, f64s, i64s, tensor, texts};
    use crate::{Result, Tensor, TensorData};

    const TEXT: i64 = 8;
    const TYPES: [i64; 12] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13];

    fn cast(x: Tensor, to: i64) -> Result<Tensor> {
        Ok(Case::new("", "Cast", 21).int("to", to).run(&[x])?.remove(0))
    }

    #[test]
    fn every_type_becomes_every_other_and_comes_back() {
        let one = texts(&[2], &["1", "0"]);
        for from in TYPES {
            for to in TYPES {
                let x = cast(one.clone(), from).unwrap();
                let there = cast(x.clone(), to).unwrap();
                assert_eq!(there, cast(one.clone(), to).unwrap(), "{from} to {to}");
                assert_eq!(cast(there, from).unwrap(), x, "{to} to {from}");
            }
        }
    }

    #[test]
    fn fractions_are_cut_off() {
        let x = f32s(&[4], &[1.7, -1.7, 0.5, 300.9]);
        assert_eq!(cast(x.clone(), 7).unwrap(), i64s(&[4], &[1, -1, 0, 300]));
        assert_eq!(cast(x.clone(), 2).unwrap(), tensor(&[4], TensorData::UInt8(vec![1, 255, 0, 44])));
        assert_eq!(cast(x, 9).unwrap(), bools(&[4], &[true; 4]));
    }

    #[test]
    fn integers_are_cut_to_their_low_bits() {
        let x = i64s(&[3], &[300, -1, 1 << 32]);
        assert_eq!(cast(x.clone(), 3).unwrap(), tensor(&[3], TensorData::Int8(vec![44, -1, 0])));
        assert_eq!(
            cast(x.clone(), 13).unwrap(),
            tensor(&[3], TensorData::UInt64(vec![300, u64::MAX, 1 << 32]))
        );
        assert_eq!(cast(x, 1).unwrap(), f32s(&[3], &[300.0, -1.0, 4_294_967_296.0]));
    }

    #[test]
    fn large_uint64_keep_their_value() {
        let x = tensor(&[1], TensorData::UInt64(vec![u64::MAX]));
        assert_eq!(cast(x.clone(), 11).unwrap(), f64s(&[1], &[18_446_744_073_709_551_615.0]));
        assert_eq!(cast(x.clone(), TEXT).unwrap(), texts(&[1], &["18446744073709551615"]));
        assert_eq!(cast(cast(x.clone(), TEXT).unwrap(), 13).unwrap(), x);
    }

    #[test]
    fn texts_are_read_as_numbers() {
        let x = texts(&[3], &["1.5", "-2", " 1e3"]);
        assert_eq!(cast(x.clone(), 1).unwrap(), f32s(&[3], &[1.5, -2.0, 1000.0]));
        assert_eq!(cast(x, 7).unwrap(), i64s(&[3], &[1, -2, 1]));
        let error = cast(texts(&[1], &["blue"]), 1).unwrap_err();
        assert_eq!(error.message(), "expected a number, got \"blue\"");
    }

    #[test]
    fn casts_like_the_second_input() {
        let y = Case::new("", "CastLike", 19).run(&[f32s(&[1], &[1.5]), i64s(&[0], &[])]).unwrap();
        assert_eq!(y, [i64s(&[1], &[1])]);
    }

    #[test]
    fn the_first_operator_set_names_the_type() {
        let y = Case::new("", "Cast", 1).string("to", "INT64").run(&[f32s(&[1], &[1.5])]).unwrap();
        assert_eq!(y, [i64s(&[1], &[1])]);
    }

    #[test]
    fn refuses_other_types() {
        let error = cast(f32s(&[1], &[1.0]), 14).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::UnsupportedModel);
        assert_eq!(error.message(), "to: this element type is not supported");
    }
}
