//! `TopK`: the largest or smallest numbers along an axis, and where they are.
//! <https://onnx.ai/onnx/operators/onnx__TopK.html>

use std::collections::BinaryHeap;

use super::axis::{Lanes, axis};
use super::binary::unsupported;
use crate::native::Native;
use crate::ops::numbers::{integers, ints};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed};
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{Result, Shape, Tensor, TensorData, Value};

struct TopK {
    axis: i64,
    /// Of the first operator set; an input today.
    k: Option<i64>,
    largest: bool,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(TopK {
        axis: node.int_or("axis", -1)?,
        k: node.int("k")?,
        largest: node.flag("largest", true)?,
    }))
}

impl Operator for TopK {
    /// In order, whether that is asked for or not; of equal numbers those that
    /// come first; and NaN is more than every number.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let lanes = Lanes::along(x.shape, self.axis)?;
        let k = self.k(inputs, lanes.size)?;
        let mut keys = keys(&x, scope)?;
        if self.largest {
            keys.iter_mut().for_each(|key| *key = !*key);
        }
        let found = places(&mut keys, &lanes, k, scope)?;
        scope.keep(keys);
        let mut shape = Shape::from_slice(x.shape);
        let axis = axis(self.axis, shape.len())?;
        shape.iter_mut().skip(axis).take(1).for_each(|dim| *dim = k);
        let values = Tensor::new(shape.clone(), elements(&x, &lanes, k, &found, scope)?)?;
        let indices = Tensor::new(shape, TensorData::Int64(found))?;
        Ok(Outputs::from_iter([values, indices].map(Value::Tensor)))
    }
}

impl TopK {
    fn k(&self, inputs: &Inputs<'_>, size: usize) -> Result<usize> {
        let k = match (inputs.optional(1)?, self.k) {
            (None, Some(k)) => k,
            _ => match inputs.read(1)? {
                [k] => *k,
                other => return Err(failed(format!("K: expected one number, got {}", other.len()))),
            },
        };
        let valid = usize::try_from(k).ok().filter(|k| *k <= size);
        valid.ok_or_else(|| failed(format!("K: expected at most the {size} numbers along the axis, got {k}")))
    }
}

/// Integers in the order of the elements.
fn keys(x: &TensorRef<'_>, scope: &mut Scope) -> Result<Vec<i64>> {
    match x.data {
        DataRef::Float32(x) => {
            let mut keys = scope.vec(x.len())?;
            keys.extend(x.iter().map(|&x| i64::from(key32(x))));
            Ok(keys)
        }
        DataRef::Float64(x) => {
            let mut keys = scope.vec(x.len())?;
            keys.extend(x.iter().map(|&x| key64(x)));
            Ok(keys)
        }
        DataRef::Bool(_) => Err(unsupported(x)),
        _ => {
            let x = ints(x, scope)?;
            scope.own(x)
        }
    }
}

/// The bits of negative numbers count backwards; both zeros are one, and so is
/// NaN of every kind.
fn key32(x: f32) -> i32 {
    let bits = if x.is_nan() { i32::MAX } else { (x + 0.0).to_bits().cast_signed() };
    bits ^ ((bits >> 31) & i32::MAX)
}

fn key64(x: f64) -> i64 {
    let bits = if x.is_nan() { i64::MAX } else { (x + 0.0).to_bits().cast_signed() };
    bits ^ ((bits >> 63) & i64::MAX)
}

/// The places of the `k` least keys of each lane, `[outer, k, inner]`.
fn places(keys: &mut [i64], lanes: &Lanes, k: usize, scope: &mut Scope) -> Result<Vec<i64>> {
    let count = lanes.count().checked_mul(k).ok_or_else(|| failed("K times the lanes are too many"))?;
    let (mut places, mut buffer) = (scope.filled(count, 0)?, scope.vec(lanes.size)?);
    let mut best = Vec::with_capacity(k.min(keys.len()));
    let mut lane = 0;
    lanes.each(keys, &mut buffer, &mut |keys| {
        select(keys, k, &mut best);
        let block = lane / lanes.inner * lanes.inner * k;
        let column = places.iter_mut().skip(block + lane % lanes.inner).step_by(lanes.inner);
        column.zip(&best).for_each(|(place, (_, index))| *place = *index);
        lane += 1;
    });
    scope.keep(buffer);
    Ok(places)
}

/// The `k` least keys with their places, in order: a heap of the best so far,
/// which most keys are not good enough for.
fn select(keys: &[i64], k: usize, best: &mut Vec<(i64, i64)>) {
    best.clear();
    best.extend(keys.iter().copied().zip(0..).take(k));
    let mut heap = BinaryHeap::from(std::mem::take(best));
    let mut worst = heap.peek().map_or(i64::MIN, |worst| worst.0);
    for (&key, index) in keys.iter().zip(0..).skip(k) {
        if key < worst {
            if let Some(mut top) = heap.peek_mut() {
                *top = (key, index);
            }
            worst = heap.peek().map_or(i64::MIN, |worst| worst.0);
        }
    }
    *best = heap.into_sorted_vec();
}

fn elements(
    x: &TensorRef<'_>,
    lanes: &Lanes,
    k: usize,
    found: &[i64],
    scope: &mut Scope,
) -> Result<TensorData> {
    match x.data {
        DataRef::Float32(x) => picked(x, lanes, k, found, scope).map(TensorData::Float32),
        DataRef::Float64(x) => picked(x, lanes, k, found, scope).map(TensorData::Float64),
        _ => {
            let numbers = ints(x, scope)?;
            let y = picked(&numbers, lanes, k, found, scope)?;
            scope.keep_cow(numbers);
            integers(y.into(), x.element_type(), scope)
        }
    }
}

/// The elements at the places that were found.
fn picked<T: Native + Copy>(
    x: &[T],
    lanes: &Lanes,
    k: usize,
    found: &[i64],
    scope: &mut Scope,
) -> Result<Vec<T>> {
    let mut y = scope.vec(found.len())?;
    let blocks = found.chunks_exact((k * lanes.inner).max(1));
    for (found, x) in blocks.zip(x.chunks_exact((lanes.size * lanes.inner).max(1))) {
        for row in found.chunks_exact(lanes.inner) {
            let at = row.iter().zip(0..).map(|(place, column)| *place as usize * lanes.inner + column);
            y.extend(at.map(|at| x.get(at).copied().unwrap_or_default()));
        }
    }
    Ok(y)
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, bools, f32s, f64s, i64s, tensor};
    use crate::{Tensor, TensorData};

    fn top(case: &Case, x: Tensor, k: i64) -> Vec<Tensor> {
        case.run(&[x, i64s(&[1], &[k])]).unwrap()
    }

    fn largest() -> Case {
        Case::new("", "TopK", 11)
    }

    fn smallest() -> Case {
        largest().int("largest", 0)
    }

    #[test]
    fn finds_the_largest_and_the_smallest_in_order() {
        let x = f32s(&[2, 4], &[1.0, 4.0, -2.0, 3.0, 5.0, 8.0, 7.0, 6.0]);
        let y = top(&largest(), x.clone(), 2);
        assert_eq!(y, [f32s(&[2, 2], &[4.0, 3.0, 8.0, 7.0]), i64s(&[2, 2], &[1, 3, 1, 2])]);
        let y = top(&smallest(), x, 3);
        assert_eq!(y, [f32s(&[2, 3], &[-2.0, 1.0, 3.0, 5.0, 6.0, 7.0]), i64s(&[2, 3], &[2, 0, 3, 0, 3, 2])]);
    }

    #[test]
    fn takes_any_axis() {
        let x = f64s(&[1, 3, 2], &[1.0, 6.0, 3.0, 4.0, 2.0, 5.0]);
        let y = top(&largest().int("axis", 1), x, 2);
        assert_eq!(y, [f64s(&[1, 2, 2], &[3.0, 6.0, 2.0, 5.0]), i64s(&[1, 2, 2], &[1, 0, 2, 2])]);
    }

    #[test]
    fn of_equal_numbers_the_first_come_first() {
        let x = f32s(&[6], &[1.0, 2.0, 2.0, 1.0, 1.0, 2.0]);
        assert_eq!(top(&largest(), x.clone(), 4)[1], i64s(&[4], &[1, 2, 5, 0]));
        assert_eq!(top(&smallest(), x, 4)[1], i64s(&[4], &[0, 3, 4, 1]));
        assert_eq!(top(&smallest(), f32s(&[2], &[0.0, -0.0]), 2)[1], i64s(&[2], &[0, 1]));
    }

    #[test]
    fn nan_is_more_than_every_number() {
        let x = f32s(&[6], &[f32::NAN, 1.0, f32::INFINITY, -f32::NAN, 0.0, f32::NEG_INFINITY]);
        assert_eq!(top(&largest(), x.clone(), 4)[1], i64s(&[4], &[0, 3, 2, 1]));
        assert_eq!(top(&smallest(), x, 4)[1], i64s(&[4], &[5, 4, 1, 2]));
    }

    #[test]
    fn agrees_with_a_sort_for_every_k() {
        let x: Vec<_> = (0..40i64).map(|i| i * 7919 % 23).collect();
        let mut sorted: Vec<_> = x.iter().copied().zip(0i64..).collect();
        sorted.sort_unstable();
        for k in 0..=40usize {
            let (numbers, places): (Vec<_>, Vec<_>) = sorted.iter().copied().take(k).unzip();
            let y = top(&smallest(), i64s(&[40], &x), k as i64);
            assert_eq!(y, [i64s(&[k], &numbers), i64s(&[k], &places)]);
        }
    }

    #[test]
    fn integers_keep_their_type() {
        let y = top(&largest(), tensor(&[3], TensorData::Int32(vec![1, 5, 3])), 1);
        assert_eq!(y, [tensor(&[1], TensorData::Int32(vec![5])), i64s(&[1], &[1])]);
    }

    #[test]
    fn the_first_operator_set_has_k_as_attribute() {
        let y = Case::new("", "TopK", 1).int("k", 1).run(&[f32s(&[2], &[1.0, 2.0])]).unwrap();
        assert_eq!(y, [f32s(&[1], &[2.0]), i64s(&[1], &[1])]);
    }

    #[test]
    fn refuses_more_than_there_are() {
        let run = |x, k| largest().run(&[x, k]).unwrap_err();
        let error = run(f32s(&[2], &[1.0; 2]), i64s(&[1], &[3]));
        assert_eq!(error.message(), "K: expected at most the 2 numbers along the axis, got 3");
        run(f32s(&[2], &[1.0; 2]), i64s(&[1], &[-1]));
        run(f32s(&[2], &[1.0; 2]), i64s(&[2], &[1, 1]));
        run(bools(&[1], &[true]), i64s(&[1], &[1]));
        run(f32s(&[], &[1.0]), i64s(&[1], &[1]));
    }

    #[test]
    fn nothing_has_nothing_at_the_top() {
        let y = top(&largest(), f32s(&[0, 2], &[]), 1);
        assert_eq!(y, [f32s(&[0, 1], &[]), i64s(&[0, 1], &[])]);
        let y = top(&largest().int("axis", 0), f32s(&[2, 0], &[]), 1);
        assert_eq!(y, [f32s(&[1, 0], &[]), i64s(&[1, 0], &[])]);
        let y = top(&largest(), f32s(&[2, 2], &[1.0; 4]), 0);
        assert_eq!(y, [f32s(&[2, 0], &[]), i64s(&[2, 0], &[])]);
    }
}
