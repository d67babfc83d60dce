//! `Equal`, `Greater`, `GreaterOrEqual`, `Less`, `LessOrEqual`.
//! <https://onnx.ai/onnx/operators/onnx__Equal.html>,
//! <https://onnx.ai/onnx/operators/onnx__Greater.html>,
//! <https://onnx.ai/onnx/operators/onnx__GreaterOrEqual.html>,
//! <https://onnx.ai/onnx/operators/onnx__Less.html>,
//! <https://onnx.ai/onnx/operators/onnx__LessOrEqual.html>

use super::binary::{axis, operands, pair, unsupported};
use crate::ops::numbers::ints;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::tensor_ref::DataRef;
use crate::{Result, TensorData};

/// How two elements of each type compare.
struct Relation {
    float32: fn(&f32, &f32) -> bool,
    float64: fn(&f64, &f64) -> bool,
    int: fn(&i64, &i64) -> bool,
    /// Also of truth values.
    string: Option<fn(&String, &String) -> bool>,
}

const EQUAL: Relation =
    Relation { float32: f32::eq, float64: f64::eq, int: i64::eq, string: Some(String::eq) };

const GREATER: Relation = Relation { float32: f32::gt, float64: f64::gt, int: i64::gt, string: None };

const GREATER_OR_EQUAL: Relation =
    Relation { float32: f32::ge, float64: f64::ge, int: i64::ge, string: None };

const LESS: Relation = Relation { float32: f32::lt, float64: f64::lt, int: i64::lt, string: None };

const LESS_OR_EQUAL: Relation = Relation { float32: f32::le, float64: f64::le, int: i64::le, string: None };

struct Comparison {
    relation: &'static Relation,
    axis: Option<i64>,
}

pub(super) fn equal(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    build(node, &EQUAL)
}

pub(super) fn greater(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    build(node, &GREATER)
}

pub(super) fn greater_or_equal(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    build(node, &GREATER_OR_EQUAL)
}

pub(super) fn less(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    build(node, &LESS)
}

pub(super) fn less_or_equal(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    build(node, &LESS_OR_EQUAL)
}

fn build(node: &Node<'_>, relation: &'static Relation) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Comparison { relation, axis: axis(node)? }))
}

impl Operator for Comparison {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (a, b) = operands(inputs)?;
        let broadcast = pair(&a, &b, self.axis)?;
        let mut y = scope.vec(broadcast.len())?;
        match (a.data, b.data) {
            (DataRef::Float32(a), DataRef::Float32(b)) => {
                broadcast.zip(a, b, &mut y, self.relation.float32);
            }
            (DataRef::Float64(a), DataRef::Float64(b)) => {
                broadcast.zip(a, b, &mut y, self.relation.float64);
            }
            (DataRef::String(strings), DataRef::String(b)) => {
                let compare = self.relation.string.ok_or_else(|| unsupported(&a))?;
                broadcast.zip(strings, b, &mut y, compare);
            }
            (DataRef::Bool(_), _) if self.relation.string.is_none() => return Err(unsupported(&a)),
            _ => {
                let (a, b) = (ints(&a, scope)?, ints(&b, scope)?);
                broadcast.zip(&a, &b, &mut y, self.relation.int);
                scope.keep_cow(a);
                scope.keep_cow(b);
            }
        }
        one(broadcast.shape, TensorData::Bool(y))
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::ops::testing::{Case, bools, f32s, f64s, i64s, texts};

    fn compared(op: &str, a: Tensor, b: Tensor) -> Tensor {
        Case::new("", op, 19).run(&[a, b]).unwrap().remove(0)
    }

    #[test]
    fn each_relation_is_its_own() {
        for (op, expected) in [
            ("Equal", [false, true, false]),
            ("Greater", [true, false, false]),
            ("GreaterOrEqual", [true, true, false]),
            ("Less", [false, false, true]),
            ("LessOrEqual", [false, true, true]),
        ] {
            let y = compared(op, f32s(&[3], &[3.0, 2.0, 1.0]), f32s(&[], &[2.0]));
            assert_eq!(y, bools(&[3], &expected), "{op}");
            let y = compared(op, f64s(&[3], &[3.0, 2.0, 1.0]), f64s(&[], &[2.0]));
            assert_eq!(y, bools(&[3], &expected), "{op}");
            let y = compared(op, i64s(&[3], &[3, 2, 1]), i64s(&[], &[2]));
            assert_eq!(y, bools(&[3], &expected), "{op}");
        }
    }

    #[test]
    fn nan_is_neither_equal_nor_more_nor_less() {
        for op in ["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"] {
            let y = compared(op, f32s(&[2], &[f32::NAN, 1.0]), f32s(&[1], &[f32::NAN]));
            assert_eq!(y, bools(&[2], &[false, false]), "{op}");
        }
    }

    #[test]
    fn texts_and_truth_values_are_equal_or_not() {
        let y = compared("Equal", texts(&[2], &["a", "b"]), texts(&[1], &["b"]));
        assert_eq!(y, bools(&[2], &[false, true]));
        let y = compared("Equal", bools(&[2], &[true, false]), bools(&[2], &[true, true]));
        assert_eq!(y, bools(&[2], &[true, false]));
        for input in [texts(&[1], &["a"]), bools(&[1], &[true])] {
            assert!(Case::new("", "Less", 13).run(&[input.clone(), input]).is_err());
        }
    }
}
