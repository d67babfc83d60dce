//! `And`, `Or`, `Xor`, `Not`.
//! <https://onnx.ai/onnx/operators/onnx__And.html>,
//! <https://onnx.ai/onnx/operators/onnx__Or.html>,
//! <https://onnx.ai/onnx/operators/onnx__Xor.html>,
//! <https://onnx.ai/onnx/operators/onnx__Not.html>

use super::binary::{axis, pair};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::{Result, TensorData};

struct Connective {
    f: fn(&bool, &bool) -> bool,
    axis: Option<i64>,
}

pub(super) fn and(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Connective { f: |a, b| *a && *b, axis: axis(node)? }))
}

pub(super) fn or(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Connective { f: |a, b| *a || *b, axis: axis(node)? }))
}

pub(super) fn xor(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Connective { f: bool::ne, axis: axis(node)? }))
}

pub(super) fn not(_: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Not))
}

impl Operator for Connective {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let broadcast = pair(&inputs.tensor(0)?, &inputs.tensor(1)?, self.axis)?;
        let mut y = scope.vec(broadcast.len())?;
        broadcast.zip(inputs.read::<bool>(0)?, inputs.read::<bool>(1)?, &mut y, self.f);
        one(broadcast.shape, TensorData::Bool(y))
    }
}

struct Not;

impl Operator for Not {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.read::<bool>(0)?;
        let mut y = scope.vec(x.len())?;
        y.extend(x.iter().map(|x| !x));
        one(inputs.tensor(0)?.shape, TensorData::Bool(y))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, bools, i64s};

    #[test]
    fn connects_truth_values() {
        let (a, b) = (bools(&[2, 1], &[false, true]), bools(&[2], &[false, true]));
        for (op, expected) in [
            ("And", [false, false, false, true]),
            ("Or", [false, true, true, true]),
            ("Xor", [false, true, true, false]),
        ] {
            let y = Case::new("", op, 7).run(&[a.clone(), b.clone()]).unwrap();
            assert_eq!(y, [bools(&[2, 2], &expected)], "{op}");
        }
    }

    #[test]
    fn negates_truth_values() {
        let y = Case::new("", "Not", 1).run(&[bools(&[2], &[false, true])]).unwrap();
        assert_eq!(y, [bools(&[2], &[true, false])]);
    }

    #[test]
    fn takes_nothing_but_truth_values() {
        let error = Case::new("", "Not", 1).run(&[i64s(&[1], &[1])]).unwrap_err();
        assert_eq!(error.message(), "input 0: expected bool elements, got int64");
    }
}
