//! `Where`: elements of one tensor or of another.
//! <https://onnx.ai/onnx/operators/onnx__Where.html>

use std::borrow::Cow;

use super::binary::same_type;
use crate::native::Native;
use crate::ops::broadcast::Broadcast;
use crate::ops::numbers::{integers, ints_wrapping};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::tensor_ref::DataRef;
use crate::{Result, TensorData};

struct Where;

pub(super) fn build(_: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Where))
}

impl Operator for Where {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (condition, x, y) = (inputs.tensor(0)?, inputs.tensor(1)?, inputs.tensor(2)?);
        same_type(&x, &y)?;
        let broadcast = Broadcast::new(&[condition.shape, x.shape, y.shape])?;
        let condition = inputs.read(0)?;
        let data = match (x.data, y.data) {
            (DataRef::Float32(x), DataRef::Float32(y)) => chosen(&broadcast, condition, x, y, scope)?,
            (DataRef::Float64(x), DataRef::Float64(y)) => chosen(&broadcast, condition, x, y, scope)?,
            (DataRef::String(x), DataRef::String(y)) => chosen(&broadcast, condition, x, y, scope)?,
            _ => {
                let element = x.element_type();
                let (x, y) = (ints_wrapping(&x, scope)?, ints_wrapping(&y, scope)?);
                let data = choose(&broadcast, condition, &x, &y, scope)?;
                scope.keep_cow(x);
                scope.keep_cow(y);
                integers(Cow::Owned(data), element, scope)?
            }
        };
        one(broadcast.shape, data)
    }
}

fn chosen<T: Native>(
    broadcast: &Broadcast,
    condition: &[bool],
    x: &[T],
    y: &[T],
    scope: &mut Scope,
) -> Result<TensorData> {
    choose(broadcast, condition, x, y, scope).map(T::wrap)
}

fn choose<T: Native>(
    broadcast: &Broadcast,
    condition: &[bool],
    x: &[T],
    y: &[T],
    scope: &mut Scope,
) -> Result<Vec<T>> {
    let mut chosen = scope.vec(broadcast.len())?;
    let [condition_step, x_step, y_step] = broadcast.steps;
    for [c, i, j] in broadcast.runs() {
        let element = |at: usize| match condition.get(c + at * condition_step) {
            Some(true) => x.get(i + at * x_step),
            _ => y.get(j + at * y_step),
        };
        chosen.extend((0..broadcast.run).map(|at| element(at).cloned().unwrap_or_default()));
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, bools, f32s, i64s, texts};

    #[test]
    fn chooses_element_by_element() {
        let condition = bools(&[2, 2], &[true, false, false, true]);
        let inputs = [condition, f32s(&[2, 2], &[1.0, 2.0, 3.0, 4.0]), f32s(&[2, 2], &[5.0, 6.0, 7.0, 8.0])];
        let y = Case::new("", "Where", 16).run(&inputs).unwrap();
        assert_eq!(y, [f32s(&[2, 2], &[1.0, 6.0, 7.0, 4.0])]);
    }

    #[test]
    fn broadcasts_all_three() {
        let inputs = [bools(&[2, 1], &[true, false]), i64s(&[3], &[1, 2, 3]), i64s(&[], &[9])];
        let y = Case::new("", "Where", 16).run(&inputs).unwrap();
        assert_eq!(y, [i64s(&[2, 3], &[1, 2, 3, 9, 9, 9])]);
    }

    #[test]
    fn takes_texts_and_truth_values() {
        let condition = bools(&[2], &[false, true]);
        let inputs = [condition.clone(), texts(&[1], &["a"]), texts(&[2], &["b", "c"])];
        assert_eq!(Case::new("", "Where", 16).run(&inputs).unwrap(), [texts(&[2], &["b", "a"])]);
        let inputs = [condition, bools(&[], &[true]), bools(&[], &[false])];
        assert_eq!(Case::new("", "Where", 16).run(&inputs).unwrap(), [bools(&[2], &[false, true])]);
    }

    #[test]
    fn refuses_elements_of_two_types() {
        let inputs = [bools(&[1], &[true]), f32s(&[1], &[1.0]), i64s(&[1], &[1])];
        let error = Case::new("", "Where", 16).run(&inputs).unwrap_err();
        assert_eq!(error.message(), "expected elements of one type, got float32 and int64");
    }
}
