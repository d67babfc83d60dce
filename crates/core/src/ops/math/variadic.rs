//! `Max`, `Min`, `Sum`, `Mean` of any number of tensors.
//! <https://onnx.ai/onnx/operators/onnx__Max.html>,
//! <https://onnx.ai/onnx/operators/onnx__Min.html>,
//! <https://onnx.ai/onnx/operators/onnx__Sum.html>,
//! <https://onnx.ai/onnx/operators/onnx__Mean.html>

use super::arithmetic::ADD;
use super::binary::{Pairwise, same_type};
use crate::ops::broadcast::Broadcast;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed};
use crate::tensor_ref::TensorRef;
use crate::{Result, Tensor, TensorData, Value};

/// NaN is more than every number.
const MAX: Pairwise = Pairwise {
    float32: None,
    float64: Some(|a, b| if a > b || a.is_nan() { a } else { b }),
    int: Some(|a, b| a.max(b)),
    divides: false,
};

/// NaN is less than every number.
const MIN: Pairwise = Pairwise {
    float32: None,
    float64: Some(|a, b| if a < b || a.is_nan() { a } else { b }),
    int: Some(|a, b| a.min(b)),
    divides: false,
};

struct Variadic {
    pairwise: Pairwise,
    mean: bool,
}

pub(super) fn max(_: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Variadic { pairwise: MAX, mean: false }))
}

pub(super) fn min(_: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Variadic { pairwise: MIN, mean: false }))
}

pub(super) fn sum(_: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Variadic { pairwise: ADD, mean: false }))
}

pub(super) fn mean(_: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Variadic { pairwise: ADD, mean: true }))
}

impl Operator for Variadic {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let first = inputs.tensor(0)?;
        let mut result: Option<Tensor> = None;
        for index in 1..inputs.len() {
            let so_far = result.as_ref().map_or(first, TensorRef::from);
            let next = self.with(&so_far, &inputs.tensor(index)?, scope)?;
            if let Some(before) = result.replace(next) {
                scope.recycle(Value::Tensor(before));
            }
        }
        let result = match result {
            Some(result) => result,
            None => first.to_tensor()?,
        };
        let result = if self.mean { divided(result, inputs.len())? } else { result };
        Ok(Outputs::from_iter([Value::Tensor(result)]))
    }
}

impl Variadic {
    fn with(&self, a: &TensorRef<'_>, b: &TensorRef<'_>, scope: &mut Scope) -> Result<Tensor> {
        same_type(a, b)?;
        let broadcast = Broadcast::new(&[a.shape, b.shape])?;
        let y = self.pairwise.apply(&broadcast, a, b, scope)?;
        Tensor::new(broadcast.shape, y)
    }
}

fn divided(sum: Tensor, by: usize) -> Result<Tensor> {
    let shape = crate::Shape::from_slice(sum.shape());
    let mut data = sum.into_data();
    match &mut data {
        TensorData::Float32(v) => v.iter_mut().for_each(|x| *x /= by as f32),
        TensorData::Float64(v) => v.iter_mut().for_each(|x| *x /= by as f64),
        other => return Err(failed(format!("expected fractions, got {}", other.element_type()))),
    }
    Tensor::new(shape, data)
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, f64s, i64s, texts};

    #[test]
    fn takes_tensors_of_different_shapes() {
        let inputs = [f32s(&[3], &[1.0, 2.0, 6.0]), f32s(&[2, 1], &[3.0, 0.0]), f32s(&[], &[2.0])];
        for (op, expected) in [
            ("Max", [3.0, 3.0, 6.0, 2.0, 2.0, 6.0]),
            ("Min", [1.0, 2.0, 2.0, 0.0, 0.0, 0.0]),
            ("Sum", [6.0, 7.0, 11.0, 3.0, 4.0, 8.0]),
            ("Mean", [2.0, 7.0 / 3.0, 11.0 / 3.0, 1.0, 4.0 / 3.0, 8.0 / 3.0]),
        ] {
            let y = Case::new("", op, 13).run(&inputs).unwrap();
            assert_eq!(y, [f32s(&[2, 3], &expected)], "{op}");
        }
    }

    #[test]
    fn one_tensor_is_its_own_result() {
        for op in ["Max", "Min", "Sum", "Mean"] {
            let x = f64s(&[2], &[1.0, 2.0]);
            assert_eq!(Case::new("", op, 13).run(std::slice::from_ref(&x)).unwrap(), [x], "{op}");
        }
    }

    #[test]
    fn nan_wins() {
        let inputs = [f32s(&[2], &[f32::NAN, 1.0]), f32s(&[2], &[1.0, f32::NAN])];
        for op in ["Max", "Min"] {
            let y = Case::new("", op, 13).run(&inputs).unwrap();
            assert!(y[0].as_f32().unwrap().iter().all(|y| y.is_nan()), "{op}");
        }
    }

    #[test]
    fn takes_integers_but_no_texts() {
        let y = Case::new("", "Max", 13).run(&[i64s(&[2], &[1, 5]), i64s(&[2], &[3, 4])]).unwrap();
        assert_eq!(y, [i64s(&[2], &[3, 5])]);
        assert!(Case::new("", "Max", 13).run(&[texts(&[1], &["a"]), texts(&[1], &["a"])]).is_err());
        assert!(Case::new("", "Max", 13).run(&[]).is_err());
    }
}
