//! `ArgMax`, `ArgMin`: where along an axis the largest or smallest number is.
//! <https://onnx.ai/onnx/operators/onnx__ArgMax.html>,
//! <https://onnx.ai/onnx/operators/onnx__ArgMin.html>

use super::axis::{Lanes, axis};
use crate::ops::numbers::ints;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::DataRef;
use crate::{Result, Shape, TensorData};

struct Arg {
    axis: i64,
    keep: bool,
    /// Whether a number is better than the best before it.
    better: Better,
}

#[derive(Clone, Copy)]
struct Better {
    float32: fn(f32, f32) -> bool,
    float64: fn(f64, f64) -> bool,
    int: fn(i64, i64) -> bool,
}

macro_rules! better {
    ($operator:tt) => {
        Better { float32: |a, b| a $operator b, float64: |a, b| a $operator b, int: |a, b| a $operator b }
    };
}

pub(super) fn max(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    build(node, better!(>), better!(>=))
}

pub(super) fn min(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    build(node, better!(<), better!(<=))
}

/// `first` picks the first of equal numbers, `last` the last.
fn build(node: &Node<'_>, first: Better, last: Better) -> Result<Box<dyn Operator>> {
    let better = if node.flag("select_last_index", false)? { last } else { first };
    Ok(Box::new(Arg { axis: node.int_or("axis", 0)?, keep: node.flag("keepdims", true)?, better }))
}

impl Operator for Arg {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let lanes = Lanes::along(x.shape, self.axis)?;
        if lanes.size == 0 {
            return Err(failed("the largest or smallest of no elements"));
        }
        let mut y = scope.vec(lanes.count())?;
        match x.data {
            DataRef::Float32(x) => places(x, &lanes, self.better.float32, &mut y),
            DataRef::Float64(x) => places(x, &lanes, self.better.float64, &mut y),
            _ => {
                let x = ints(&x, scope)?;
                places(&x, &lanes, self.better.int, &mut y);
                scope.keep_cow(x);
            }
        }
        let mut shape = Shape::from_slice(x.shape);
        let axis = axis(self.axis, shape.len())?;
        if self.keep {
            shape.iter_mut().skip(axis).take(1).for_each(|dim| *dim = 1);
        } else {
            shape.remove(axis);
        }
        one(shape, TensorData::Int64(y))
    }
}

fn places<T: Copy>(x: &[T], lanes: &Lanes, better: fn(T, T) -> bool, y: &mut Vec<i64>) {
    for block in x.chunks_exact((lanes.size * lanes.inner).max(1)) {
        y.extend((0..lanes.inner).map(|start| place(block, start, lanes.inner, better)));
    }
}

/// Where the best element is of those at `start` and every `step` elements on.
/// A first number that is NaN is never bettered, another NaN never better.
fn place<T: Copy>(block: &[T], start: usize, step: usize, better: fn(T, T) -> bool) -> i64 {
    let Some(&(mut best)) = block.get(start) else { return 0 };
    let (mut place, mut index, mut at) = (0, 1, start + step);
    while let Some(&x) = block.get(at) {
        if better(x, best) {
            (best, place) = (x, index);
        }
        index += 1;
        at += step;
    }
    place
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, f64s, i64s, texts};

    const NAN: f32 = f32::NAN;

    #[test]
    fn finds_the_largest_and_the_smallest_along_each_axis() {
        let x = [f32s(&[2, 3], &[3.0, 1.0, 2.0, 0.0, 5.0, 4.0])];
        assert_eq!(Case::new("", "ArgMax", 13).int("axis", 1).run(&x).unwrap(), [i64s(&[2, 1], &[0, 1])]);
        assert_eq!(Case::new("", "ArgMin", 13).int("axis", -1).run(&x).unwrap(), [i64s(&[2, 1], &[1, 0])]);
        assert_eq!(Case::new("", "ArgMax", 13).run(&x).unwrap(), [i64s(&[1, 3], &[0, 1, 1])]);
        let y = Case::new("", "ArgMax", 13).int("keepdims", 0).run(&x).unwrap();
        assert_eq!(y, [i64s(&[3], &[0, 1, 1])]);
    }

    #[test]
    fn picks_the_first_or_as_asked_the_last_of_equal_numbers() {
        let x = [i64s(&[4], &[1, 7, 7, 1])];
        assert_eq!(Case::new("", "ArgMax", 12).run(&x).unwrap(), [i64s(&[1], &[1])]);
        let last = |op| Case::new("", op, 12).int("select_last_index", 1);
        assert_eq!(last("ArgMax").run(&x).unwrap(), [i64s(&[1], &[2])]);
        assert_eq!(last("ArgMin").run(&x).unwrap(), [i64s(&[1], &[3])]);
    }

    #[test]
    fn nan_is_passed_over_save_where_it_is_first() {
        for (x, expected) in [([1.0, NAN, 2.0], 2), ([NAN, 1.0, 2.0], 0), ([1.0, 2.0, NAN], 1)] {
            assert_eq!(
                Case::new("", "ArgMax", 13).run(&[f32s(&[3], &x)]).unwrap(),
                [i64s(&[1], &[expected])]
            );
        }
    }

    #[test]
    fn refuses_no_elements_and_texts() {
        let error = Case::new("", "ArgMax", 13).int("axis", 1).run(&[f64s(&[2, 0], &[])]).unwrap_err();
        assert_eq!(error.message(), "the largest or smallest of no elements");
        assert!(Case::new("", "ArgMax", 13).run(&[texts(&[1], &["a"])]).is_err());
        assert!(Case::new("", "ArgMax", 13).run(&[f32s(&[], &[1.0])]).is_err());
    }

    #[test]
    fn lanes_of_no_lanes_are_none() {
        let y = Case::new("", "ArgMax", 13).int("axis", 1).run(&[f64s(&[0, 2], &[])]).unwrap();
        assert_eq!(y, [i64s(&[0, 1], &[])]);
        let y = Case::new("", "ArgMax", 13).int("axis", 0).run(&[f64s(&[2, 0], &[])]).unwrap();
        assert_eq!(y, [i64s(&[1, 0], &[])]);
    }
}
