//! `Softmax`, `LogSoftmax`, `Hardmax`.
//! <https://onnx.ai/onnx/operators/onnx__Softmax.html>,
//! <https://onnx.ai/onnx/operators/onnx__LogSoftmax.html>,
//! <https://onnx.ai/onnx/operators/onnx__Hardmax.html>

use super::axis::{Lanes, axis};
use super::binary::unsupported;
use super::number::Real;
use super::reduce::largest;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::tensor_ref::DataRef;
use crate::{Result, TensorData};

#[derive(Clone, Copy)]
enum Kind {
    Soft,
    LogSoft,
    Hard,
}

struct Softmax {
    kind: Kind,
    axis: i64,
    /// Before operator set 13, a lane is all from the axis on.
    flat: bool,
}

pub(super) fn soft(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    build(node, Kind::Soft)
}

pub(super) fn log_soft(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    build(node, Kind::LogSoft)
}

pub(super) fn hard(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    build(node, Kind::Hard)
}

fn build(node: &Node<'_>, kind: Kind) -> Result<Box<dyn Operator>> {
    let flat = node.version() < 13;
    Ok(Box::new(Softmax { kind, axis: node.int_or("axis", if flat { 1 } else { -1 })?, flat }))
}

impl Operator for Softmax {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let start = axis(self.axis, x.shape.len())?;
        let lanes = Lanes::new(x.shape, start, if self.flat { x.shape.len() } else { start + 1 })?;
        let data = match x.data {
            DataRef::Float32(x) => TensorData::Float32(self.apply(x, &lanes, scope)?),
            DataRef::Float64(x) => TensorData::Float64(self.apply(x, &lanes, scope)?),
            _ => return Err(unsupported(&x)),
        };
        one(x.shape, data)
    }
}

impl Softmax {
    fn apply<T: Real>(&self, x: &[T], lanes: &Lanes, scope: &mut Scope) -> Result<Vec<T>> {
        let mut lane: fn(&mut [T]) = match self.kind {
            Kind::Soft => T::softmax,
            Kind::LogSoft => log_softmax,
            Kind::Hard => hardmax,
        };
        let (mut y, mut buffer) = (scope.copy(x)?, scope.vec(lanes.size)?);
        lanes.each(&mut y, &mut buffer, &mut lane);
        scope.keep(buffer);
        Ok(y)
    }
}

/// The largest number is taken off first, so that no power overflows.
fn log_softmax<T: Real>(lane: &mut [T]) {
    let most = largest(lane);
    let sum = lane.iter().fold(T::ZERO, |sum, x| sum.plus(x.minus(most).exp()));
    let log = sum.log();
    lane.iter_mut().for_each(|x| *x = x.minus(most).minus(log));
}

/// 1 for the first of the largest numbers, 0 for all others.
fn hardmax<T: Real>(lane: &mut [T]) {
    let most = largest(lane);
    let place = lane.iter().position(|x| *x == most);
    lane.fill(T::ZERO);
    lane.iter_mut().skip(place.unwrap_or(usize::MAX)).take(1).for_each(|x| *x = T::ONE);
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::ops::testing::{Case, f32s, f64s, i64s};

    fn assert_close(y: &Tensor, expected: &[f32]) {
        let y = y.as_f32().unwrap();
        assert_eq!(y.len(), expected.len());
        for (y, expected) in y.iter().zip(expected) {
            assert!((y - expected).abs() <= 1e-6 * expected.abs(), "expected {expected}, got {y}");
        }
    }

    #[test]
    fn shares_add_up_to_1_along_the_axis() {
        let x = [f32s(&[2, 2], &[0.0, 1.0, 2.0, 4.0])];
        let y = Case::new("", "Softmax", 13).run(&x).unwrap();
        assert_close(&y[0], &[0.26894143, 0.7310586, 0.11920292, 0.880797]);
        let y = Case::new("", "Softmax", 13).int("axis", 0).run(&x).unwrap();
        assert_close(&y[0], &[0.11920292, 0.04742587, 0.880797, 0.95257413]);
    }

    #[test]
    fn old_operator_sets_take_all_from_the_axis_on() {
        let x = [f32s(&[1, 2, 2], &[0.0, 1.0, 2.0, 4.0])];
        let y = Case::new("", "Softmax", 11).run(&x).unwrap();
        assert_close(&y[0], &[0.015219429, 0.041370697, 0.112457216, 0.83095266]);
    }

    #[test]
    fn large_numbers_do_not_overflow() {
        let x = [f32s(&[2], &[1000.0, 999.0])];
        assert_close(&Case::new("", "Softmax", 13).run(&x).unwrap()[0], &[0.7310586, 0.26894143]);
        assert_close(&Case::new("", "LogSoftmax", 13).run(&x).unwrap()[0], &[-0.31326166, -1.3132617]);
    }

    #[test]
    fn infinities_and_nan_give_nan() {
        for x in [[f32::INFINITY, 1.0], [f32::NEG_INFINITY; 2], [1.0, f32::NAN]] {
            for op in ["Softmax", "LogSoftmax"] {
                let y = Case::new("", op, 13).run(&[f32s(&[2], &x)]).unwrap();
                assert!(y[0].as_f32().unwrap().iter().all(|y| y.is_nan()), "{op}");
            }
        }
    }

    #[test]
    fn hardmax_marks_the_first_of_the_largest() {
        let x = [f32s(&[3, 2], &[1.0, 2.0, 3.0, 3.0, f32::NEG_INFINITY, f32::NEG_INFINITY])];
        let y = Case::new("", "Hardmax", 13).run(&x).unwrap();
        assert_eq!(y, [f32s(&[3, 2], &[0.0, 1.0, 1.0, 0.0, 1.0, 0.0])]);
    }

    #[test]
    fn takes_float64_and_nothing_at_all() {
        let y = Case::new("", "Softmax", 13).run(&[f64s(&[2], &[3.0, 3.0])]).unwrap();
        assert_eq!(y, [f64s(&[2], &[0.5, 0.5])]);
        let nothing = f32s(&[2, 0], &[]);
        assert_eq!(Case::new("", "Softmax", 13).run(std::slice::from_ref(&nothing)).unwrap(), [nothing]);
        assert!(Case::new("", "Softmax", 13).run(&[i64s(&[1], &[1])]).is_err());
        assert!(Case::new("", "Softmax", 13).run(&[f32s(&[], &[1.0])]).is_err());
    }
}
