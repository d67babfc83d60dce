//! `Cast`, `CastLike`: elements as another type.
//! <https://onnx.ai/onnx/operators/onnx__Cast.html>,
//! <https://onnx.ai/onnx/operators/onnx__CastLike.html>

use super::text::{parse_float, parse_int, text};
use super::whole::in_type;
use crate::ops::numbers::{doubles, floats, from_floats, integers, ints_wrapping};
use crate::ops::tensor::bits::copied;
use crate::ops::types::{named, numbered};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::small::{Power, Rounding};
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{ElementType, Result, TensorData};

struct Cast {
    /// Without, the type of input 1.
    to: Option<ElementType>,
    rounding: Rounding,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let to =
        if node.version() < 6 { named(node.string_or("to", "")?) } else { numbered(node.int_or("to", 0)?) };
    let to = to.ok_or_else(|| node.unsupported("to: this element type is not supported"))?;
    Ok(Box::new(Cast { to: Some(to), rounding: rounding(node)? }))
}

pub(super) fn like(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Cast { to: None, rounding: rounding(node)? }))
}

fn rounding(node: &Node<'_>) -> Result<Rounding> {
    let power = match node.string_or("round_mode", "up")? {
        "up" => Power::Up,
        "down" => Power::Down,
        "nearest" => Power::Nearest,
        other => return Err(node.invalid(format_args!("round_mode: there is no {other:?}"))),
    };
    Ok(Rounding { saturate: node.flag("saturate", true)?, power })
}

impl Operator for Cast {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let to = match self.to {
            Some(to) => to,
            None => inputs.tensor(1)?.element_type(),
        };
        let data = if x.element_type() == to { copied(x.data, scope)? } else { self.cast(&x, to, scope)? };
        one(x.shape, data)
    }
}

impl Cast {
    /// Few loops for all pairs of types: through float32 to small floating-point
    /// types, through float64 from all where there are fractions, otherwise
    /// through int64.
    fn cast(&self, x: &TensorRef<'_>, to: ElementType, scope: &mut Scope) -> Result<TensorData> {
        match (x.data, to) {
            (DataRef::String(texts), _) => self.read(texts, to, scope),
            (_, ElementType::String) => texts(x, scope),
            (_, ElementType::Float64) => {
                let values = doubles(x, scope)?;
                Ok(TensorData::Float64(scope.own(values)?))
            }
            _ if to.is_float() => {
                let values = floats(x, scope)?;
                let values = scope.own(values)?;
                from_floats(values, to, self.rounding, scope)
            }
            _ if x.element_type().is_float() => {
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

    fn read(&self, texts: &[String], to: ElementType, scope: &mut Scope) -> Result<TensorData> {
        if to.is_float() {
            let mut y = scope.vec(texts.len())?;
            for text in texts {
                y.push(parse_float(text)?);
            }
            return self.rounded(y, to, scope);
        }
        let mut y = scope.vec(texts.len())?;
        for text in texts {
            y.push(parse_int(text, to == ElementType::UInt64)?);
        }
        integers(y.into(), to, scope)
    }

    fn rounded(&self, values: Vec<f64>, to: ElementType, scope: &mut Scope) -> Result<TensorData> {
        if to == ElementType::Float64 {
            return Ok(TensorData::Float64(values));
        }
        let mut singles = scope.vec(values.len())?;
        singles.extend(values.iter().map(|&x| x as f32));
        scope.keep(values);
        from_floats(singles, to, self.rounding, scope)
    }
}

fn texts(x: &TensorRef<'_>, scope: &mut Scope) -> Result<TensorData> {
    let mut y = scope.vec(x.len())?;
    match x.data {
        _ if x.element_type().is_float() => {
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

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, bools, f32s, f64s, i64s, tensor, texts};
    use crate::{Result, SmallType, Tensor, TensorData};

    const TEXT: i64 = 8;
    /// All but float8e8m0, which has no zero.
    const TYPES: [i64; 23] =
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 17, 18, 19, 20, 21, 22, 23, 25, 26];

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
    fn small_floats_are_rounded_as_the_node_says() {
        let x = f32s(&[3], &[1.3, 1e9, f32::INFINITY]);
        let eight = |case: Case| case.int("to", 19).run(std::slice::from_ref(&x)).unwrap().remove(0);
        let elements = |bits: [u8; 3]| tensor(&[3], TensorData::Small(SmallType::Float8E5M2, bits.to_vec()));
        assert_eq!(eight(Case::new("", "Cast", 19)), elements([0x3d, 0x7b, 0x7b]));
        assert_eq!(eight(Case::new("", "Cast", 19).int("saturate", 0)), elements([0x3d, 0x7c, 0x7c]));
        let power = |mode| {
            let case = Case::new("", "Cast", 24).int("to", 24).string("round_mode", mode);
            case.run(&[f32s(&[1], &[1.3])]).unwrap().remove(0)
        };
        let element = |bits| tensor(&[1], TensorData::Small(SmallType::Float8E8M0, vec![bits]));
        assert_eq!(
            [power("up"), power("down"), power("nearest")],
            [element(128), element(127), element(127)]
        );
    }

    #[test]
    fn refuses_other_types() {
        let error = cast(f32s(&[1], &[1.0]), 14).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::UnsupportedModel);
        assert_eq!(error.message(), "to: this element type is not supported");
    }
}
