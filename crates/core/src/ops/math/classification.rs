//! `IsNaN`, `IsInf`.
//! <https://onnx.ai/onnx/operators/onnx__IsNaN.html>,
//! <https://onnx.ai/onnx/operators/onnx__IsInf.html>

use super::binary::unsupported;
use crate::ops::numbers::doubles;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::{Result, TensorData};

/// What of a number is looked for.
struct Is {
    nan: bool,
    negative_infinity: bool,
    positive_infinity: bool,
}

pub(super) fn is_nan(_: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Is { nan: true, negative_infinity: false, positive_infinity: false }))
}

pub(super) fn is_inf(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let negative_infinity = node.flag("detect_negative", true)?;
    let positive_infinity = node.flag("detect_positive", true)?;
    Ok(Box::new(Is { nan: false, negative_infinity, positive_infinity }))
}

impl Operator for Is {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        if !x.element_type().is_float() {
            return Err(unsupported(&x));
        }
        let numbers = doubles(&x, scope)?;
        let mut y = scope.vec(numbers.len())?;
        y.extend(numbers.iter().map(|&x| self.holds(x)));
        scope.keep_cow(numbers);
        one(x.shape, TensorData::Bool(y))
    }
}

impl Is {
    fn holds(&self, x: f64) -> bool {
        let negative = self.negative_infinity && x == f64::NEG_INFINITY;
        let positive = self.positive_infinity && x == f64::INFINITY;
        negative || positive || (self.nan && x.is_nan())
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, bools, f32s, f64s, i64s};

    const X: [f32; 4] = [f32::NAN, f32::NEG_INFINITY, f32::INFINITY, 1.0];

    #[test]
    fn finds_nan() {
        let y = Case::new("", "IsNaN", 20).run(&[f32s(&[4], &X)]).unwrap();
        assert_eq!(y, [bools(&[4], &[true, false, false, false])]);
        let y = Case::new("", "IsNaN", 9).run(&[f64s(&[1], &[f64::NAN])]).unwrap();
        assert_eq!(y, [bools(&[1], &[true])]);
    }

    #[test]
    fn finds_infinities_of_the_sign_that_is_asked_for() {
        for (negative, positive) in [(1, 1), (1, 0), (0, 1), (0, 0)] {
            let case =
                Case::new("", "IsInf", 20).int("detect_negative", negative).int("detect_positive", positive);
            let expected = [false, negative == 1, positive == 1, false];
            assert_eq!(case.run(&[f32s(&[4], &X)]).unwrap(), [bools(&[4], &expected)]);
        }
    }

    #[test]
    fn refuses_integers() {
        assert!(Case::new("", "IsNaN", 20).run(&[i64s(&[1], &[1])]).is_err());
    }
}
