//! `LpNormalization`: lanes divided by their norm.
//! <https://onnx.ai/onnx/operators/onnx__LpNormalization.html>

use super::axis::Lanes;
use super::binary::unsupported;
use super::number::Real;
use super::reduce::Fold;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::tensor_ref::DataRef;
use crate::{Result, TensorData};

struct LpNormalization {
    axis: i64,
    /// The sum of squares and its root; the sum of absolutes otherwise.
    squares: bool,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let squares = match node.int_or("p", 2)? {
        1 => false,
        2 => true,
        other => return Err(node.invalid(format_args!("p: expected 1 or 2, got {other}"))),
    };
    Ok(Box::new(LpNormalization { axis: node.int_or("axis", -1)?, squares }))
}

impl Operator for LpNormalization {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let lanes = Lanes::along(x.shape, self.axis)?;
        let data = match x.data {
            DataRef::Float32(x) => TensorData::Float32(self.apply(x, &lanes, scope)?),
            DataRef::Float64(x) => TensorData::Float64(self.apply(x, &lanes, scope)?),
            _ => return Err(unsupported(&x)),
        };
        one(x.shape, data)
    }
}

impl LpNormalization {
    fn apply<T: Real>(&self, x: &[T], lanes: &Lanes, scope: &mut Scope) -> Result<Vec<T>> {
        let (mut y, mut buffer) = (scope.copy(x)?, scope.vec(lanes.size)?);
        lanes.each(&mut y, &mut buffer, |lane| {
            let norm = self.norm(lane);
            // Zeros stay zeros.
            if norm != T::ZERO {
                lane.iter_mut().for_each(|x| *x = x.over(norm));
            }
        });
        scope.keep(buffer);
        Ok(y)
    }

    fn norm<T: Real>(&self, lane: &[T]) -> T {
        let step: fn(T, T) -> T =
            if self.squares { |sum, x| sum.plus(x.times(x)) } else { |sum, x| sum.plus(x.absolute()) };
        let sum = Fold { start: Some(T::ZERO), empty: T::ZERO, step, join: T::plus }.lane(lane);
        if self.squares { sum.root() } else { sum }
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
