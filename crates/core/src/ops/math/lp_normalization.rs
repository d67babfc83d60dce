//! `LpNormalization`: lanes divided by their norm.
//! <https://onnx.ai/onnx/operators/onnx__LpNormalization.html>

use super::axis::Lanes;
use super::binary::unsupported;
use super::reduce::{Kind, total};
use super::whole::in_type;
use crate::Result;
use crate::ops::numbers::doubles;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};

struct LpNormalization {
    axis: i64,
    /// The norm is the root of the sum of squares, or the sum of absolutes.
    kind: Kind,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let kind = match node.int_or("p", 2)? {
        1 => Kind::SumOfAbsolutes,
        2 => Kind::SumOfSquares,
        other => return Err(node.invalid(format_args!("p: expected 1 or 2, got {other}"))),
    };
    Ok(Box::new(LpNormalization { axis: node.int_or("axis", -1)?, kind }))
}

impl Operator for LpNormalization {
    /// In float64, whatever the type.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let lanes = Lanes::along(x.shape, self.axis)?;
        if !x.element_type().is_float() {
            return Err(unsupported(&x));
        }
        let y = doubles(&x, scope)?;
        let (mut y, mut buffer) = (scope.own(y)?, scope.vec(lanes.size)?);
        lanes.each(&mut y, &mut buffer, &mut |lane| {
            let sum = total(self.kind, lane);
            let norm = if matches!(self.kind, Kind::SumOfSquares) { sum.sqrt() } else { sum };
            // Zeros stay zeros.
            if norm != 0.0 {
                lane.iter_mut().for_each(|x| *x /= norm);
            }
        });
        scope.keep(buffer);
        one(x.shape, in_type(y, x.element_type(), scope)?)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, f64s, i64s};

    #[test]
    fn divides_by_either_norm() {
        let x = [f32s(&[2, 2], &[3.0, -4.0, 0.0, 0.0])];
        let y = Case::new("", "LpNormalization", 1).run(&x).unwrap();
        assert_eq!(y, [f32s(&[2, 2], &[0.6, -0.8, 0.0, 0.0])]);
        let y = Case::new("", "LpNormalization", 22).int("p", 1).int("axis", 0).run(&x).unwrap();
        assert_eq!(y, [f32s(&[2, 2], &[1.0, -1.0, 0.0, 0.0])]);
    }

    #[test]
    fn takes_float64_but_no_integers_and_no_other_norm() {
        let y = Case::new("", "LpNormalization", 1).run(&[f64s(&[2], &[3.0, 4.0])]).unwrap();
        assert_eq!(y, [f64s(&[2], &[0.6, 0.8])]);
        assert!(Case::new("", "LpNormalization", 1).run(&[i64s(&[1], &[1])]).is_err());
        let error = Case::new("", "LpNormalization", 1).int("p", 3).run(&[]).unwrap_err();
        assert_eq!(error.message(), "p: expected 1 or 2, got 3");
    }
}
