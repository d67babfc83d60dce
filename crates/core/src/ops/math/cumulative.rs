//! `CumSum`, `CumProd`: sums and products of all numbers up to each along an
//! axis.
//! <https://onnx.ai/onnx/operators/onnx__CumSum.html>,
//! <https://onnx.ai/onnx/operators/onnx__CumProd.html>

use std::borrow::Cow;

use super::axis::Lanes;
use super::binary::unsupported;
use super::number::Number;
use super::whole::in_type;
use crate::Result;
use crate::ops::numbers::{doubles, integers, ints};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::DataRef;

struct Cumulative {
    product: bool,
    /// Whether a number is left out of its own result.
    exclusive: bool,
    /// Whether the last number comes first.
    reverse: bool,
}

pub(super) fn sum(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    build(node, false)
}

pub(super) fn product(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    build(node, true)
}

fn build(node: &Node<'_>, product: bool) -> Result<Box<dyn Operator>> {
    let (exclusive, reverse) = (node.flag("exclusive", false)?, node.flag("reverse", false)?);
    Ok(Box::new(Cumulative { product, exclusive, reverse }))
}

impl Operator for Cumulative {
    /// In float64 or int64.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let axis = match inputs.tensor(1)?.data {
            DataRef::Int64([axis]) => *axis,
            DataRef::Int32([axis]) => i64::from(*axis),
            _ => return Err(failed("axis: expected one int32 or int64")),
        };
        let lanes = Lanes::along(x.shape, axis)?;
        let element = x.element_type();
        let data = if element.is_float() {
            let numbers = doubles(&x, scope)?;
            let y = self.apply(numbers, &lanes, scope)?;
            in_type(y, element, scope)?
        } else if element.is_integer() {
            let numbers = ints(&x, scope)?;
            let y = self.apply(numbers, &lanes, scope)?;
            integers(y.into(), element, scope)?
        } else {
            return Err(unsupported(&x));
        };
        one(x.shape, data)
    }
}

impl Cumulative {
    fn apply<T: Number>(&self, x: Cow<'_, [T]>, lanes: &Lanes, scope: &mut Scope) -> Result<Vec<T>> {
        let (mut y, mut buffer) = (scope.own(x)?, scope.vec(lanes.size)?);
        lanes.each(&mut y, &mut buffer, &mut |lane| match self.reverse {
            false => self.lane(lane.iter_mut()),
            true => self.lane(lane.iter_mut().rev()),
        });
        scope.keep(buffer);
        Ok(y)
    }

    fn lane<'a, T: Number>(&self, lane: impl Iterator<Item = &'a mut T>) {
        let mut so_far = if self.product { T::ONE } else { T::ZERO };
        for x in lane {
            let next = if self.product { so_far.times(*x) } else { so_far.plus(*x) };
            *x = if self.exclusive { so_far } else { next };
            so_far = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::TensorData;
    use crate::ops::testing::{Case, bools, f32s, f64s, i64s, tensor};

    #[test]
    fn adds_up_along_the_axis() {
        let x = f32s(&[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let y = Case::new("", "CumSum", 14).run(&[x.clone(), i64s(&[], &[1])]).unwrap();
        assert_eq!(y, [f32s(&[2, 3], &[1.0, 3.0, 6.0, 4.0, 9.0, 15.0])]);
        let axis = tensor(&[1], TensorData::Int32(vec![-2]));
        let y = Case::new("", "CumSum", 14).run(&[x, axis]).unwrap();
        assert_eq!(y, [f32s(&[2, 3], &[1.0, 2.0, 3.0, 5.0, 7.0, 9.0])]);
    }

    #[test]
    fn leaves_the_number_out_and_begins_at_the_end_as_asked() {
        let inputs = [f64s(&[3], &[1.0, 2.0, 3.0]), i64s(&[], &[0])];
        for (exclusive, reverse, expected) in
            [(1, 0, [0.0, 1.0, 3.0]), (0, 1, [6.0, 5.0, 3.0]), (1, 1, [5.0, 3.0, 0.0])]
        {
            let case = Case::new("", "CumSum", 14).int("exclusive", exclusive).int("reverse", reverse);
            assert_eq!(case.run(&inputs).unwrap(), [f64s(&[3], &expected)]);
        }
    }

    #[test]
    fn multiplies() {
        let y = Case::new("", "CumProd", 26).run(&[i64s(&[3], &[2, 3, 4]), i64s(&[], &[0])]).unwrap();
        assert_eq!(y, [i64s(&[3], &[2, 6, 24])]);
    }

    #[test]
    fn refuses_scalars_and_other_axes() {
        let run = |x, axis| Case::new("", "CumSum", 14).run(&[x, axis]).unwrap_err();
        run(f32s(&[], &[1.0]), i64s(&[], &[0]));
        run(f32s(&[1], &[1.0]), i64s(&[], &[1]));
        run(bools(&[1], &[true]), i64s(&[], &[0]));
        let error = run(f32s(&[1], &[1.0]), f32s(&[], &[0.0]));
        assert_eq!(error.message(), "axis: expected one int32 or int64");
    }
}
