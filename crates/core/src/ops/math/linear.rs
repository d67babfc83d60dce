//! `edgeinfer.Linear`: `activation(X · weights + bias)`, what the compiler makes
//! of a product with a constant matrix and of what follows it.
//!
//! | attribute | |
//! |---|---|
//! | `weights` | float32 or float64 `[K, N]`, row-major as in `MatMul`; or float32 `[⌈N / 12⌉, K, 12]`, packed |
//! | `columns` | N, where the weights are packed |
//! | `bias` | `[N]`, of the weights' type; may be left out |
//! | `activation` | `Relu`, `Tanh` or `Sigmoid`; may be left out or empty |

use super::activation::{Activation, Smooth};
use super::packed_linear;
use crate::bytes::Weights;
use crate::native::Native;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::plan::Stored;
use crate::{ElementType, Result, Shape};
use edgeinfer_kernels::{Product, ROWS};

struct Linear<T> {
    weights: Weights<T>,
    /// Empty where there is none.
    bias: Weights<T>,
    activation: Activation,
    k: usize,
    n: usize,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    if packed_linear::is_for(node)? {
        return packed_linear::build(node);
    }
    match node.tensor("weights")?.map(|weights| weights.view().element_type()) {
        Some(ElementType::Float32) => Ok(Box::new(Linear::<f32>::new(node)?)),
        Some(ElementType::Float64) => Ok(Box::new(Linear::<f64>::new(node)?)),
        Some(other) => Err(node.invalid(format_args!("weights: expected float32 or float64, got {other}"))),
        None => Err(node.invalid("weights: expected a matrix")),
    }
}

impl<T: Stored> Linear<T> {
    fn new(node: &Node<'_>) -> Result<Self> {
        let [k, n] = *node.tensor("weights")?.map_or(&[][..], |weights| weights.view().shape) else {
            return Err(node.invalid("weights: expected a matrix"));
        };
        let (weights, bias) = (node.weights("weights")?, node.weights::<T>("bias")?);
        if node.has("bias") && bias.len() != n {
            return Err(node.invalid(format_args!("bias: expected N = {n} numbers, got {}", bias.len())));
        }
        Ok(Self { weights, bias, activation: Activation::of(node)?, k, n })
    }
}

impl<T: Stored + Native + Smooth> Operator for Linear<T> {
    /// X `[…, K]` of the weights' type to `[…, N]`.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let &Self { k, n, .. } = self;
        let (shape, rows) = shape(inputs.tensor(0)?.shape, k, n)?;
        let x = inputs.read::<T>(0)?;
        let mut y = scope.filled(rows * n, T::default())?;
        let mut panel = scope.filled(T::panel_length(rows, k), T::default())?;
        self.fill(x, &mut y, &mut panel);
        scope.keep(panel);
        one(shape, T::wrap(y))
    }
}

/// The shape `[…, N]` of the result for X `[…, K]`, and its rows.
pub(super) fn shape(x: &[usize], k: usize, n: usize) -> Result<(Shape, usize)> {
    let Some((_, dims)) = x.split_last().filter(|(last, _)| **last == k) else {
        return Err(failed(format!("expected rows of K = {k} numbers, got shape {x:?}")));
    };
    let rows = dims.iter().try_fold(1usize, |rows, dim| rows.checked_mul(*dim));
    let rows = rows.filter(|rows| rows.checked_mul(n).is_some());
    let mut shape = Shape::from_slice(dims);
    shape.push(n);
    Ok((shape, rows.ok_or_else(|| failed("the result has too many elements"))?))
}

impl<T: Stored + Smooth> Linear<T> {
    /// `y`, which is zero, by blocks that are finished while they are near.
    fn fill(&self, x: &[T], y: &mut [T], panel: &mut [T]) {
        let (k, n, w): (_, _, &[T]) = (self.k, self.n, &self.weights);
        let mut x = x.chunks(k.saturating_mul(ROWS).max(1));
        for y in y.chunks_mut(n.saturating_mul(ROWS).max(1)) {
            T::multiply(Product { x: x.next().unwrap_or_default(), w, k, n }, y, panel);
            if !self.bias.is_empty() {
                for y in y.chunks_exact_mut(n.max(1)) {
                    y.iter_mut().zip(self.bias.iter()).for_each(|(y, bias)| *y = *y + *bias);
                }
            }
            self.activation.apply(y);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i64s};
    use crate::{ErrorKind, Result, Tensor, TensorData};

    fn linear() -> Case {
        Case::new("edgeinfer", "Linear", 1)
    }

    /// `[x0 + x2, x1 + x2]`.
    fn weights() -> Tensor {
        f32s(&[3, 2], &[1.0, 0.0, 0.0, 1.0, 1.0, 1.0])
    }

    fn run(case: &Case, x: Tensor) -> Result<Tensor> {
        Ok(case.run(&[x])?.into_iter().next().unwrap())
    }

    #[test]
    fn multiplies_adds_and_activates() {
        let x = f32s(&[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let case = linear().tensor("weights", &weights());
        assert_eq!(run(&case, x.clone()).unwrap(), f32s(&[2, 2], &[4.0, 5.0, 10.0, 11.0]));
        let case = case.floats("bias", &[1.0, -6.0]);
        assert_eq!(run(&case, x.clone()).unwrap(), f32s(&[2, 2], &[5.0, -1.0, 11.0, 5.0]));
        let case = case.string("activation", "Relu");
        assert_eq!(run(&case, x).unwrap(), f32s(&[2, 2], &[5.0, 0.0, 11.0, 5.0]));
    }

    #[test]
    fn squashes_with_tanh_and_sigmoid() {
        let case = linear().tensor("weights", &f32s(&[1, 1], &[2.0]));
        let of = |case: Case| run(&case, f32s(&[1, 1], &[0.25])).unwrap().as_f32().unwrap()[0];
        assert!((of(case.string("activation", "Tanh")) - 0.462_117_2).abs() < 1e-6);
        let case = linear().tensor("weights", &f32s(&[1, 1], &[2.0])).string("activation", "Sigmoid");
        assert!((of(case) - 0.622_459_35).abs() < 1e-6);
    }

    #[test]
    fn rows_may_have_any_dimensions_before_them() {
        let case = linear().tensor("weights", &weights()).floats("bias", &[0.5, 0.5]);
        assert_eq!(run(&case, f32s(&[3], &[1.0, 2.0, 3.0])).unwrap(), f32s(&[2], &[4.5, 5.5]));
        let y = run(&case, f32s(&[2, 1, 3], &[1.0, 2.0, 3.0, 0.0, 0.0, 0.0])).unwrap();
        assert_eq!(y, f32s(&[2, 1, 2], &[4.5, 5.5, 0.5, 0.5]));
        assert_eq!(run(&case, f32s(&[0, 3], &[])).unwrap(), f32s(&[0, 2], &[]));
    }

    #[test]
    fn many_rows_are_each_as_one() {
        let (k, n, rows) = (9, 18, 150);
        let numbers = |length: usize| (0..length).map(|i| (i % 23) as f32 * 0.37 - 4.0).collect::<Vec<_>>();
        let case = linear().tensor("weights", &f32s(&[k, n], &numbers(k * n)));
        let case = case.floats("bias", &numbers(n)).string("activation", "Relu");
        let x = numbers(rows * k);
        let y = run(&case, f32s(&[rows, k], &x)).unwrap();
        let row = |x: &[f32]| run(&case, f32s(&[1, k], x)).unwrap().as_f32().unwrap().to_vec();
        assert_eq!(y.as_f32().unwrap(), x.chunks(k).flat_map(row).collect::<Vec<_>>());
    }

    #[test]
    fn float64_weights_take_float64() {
        let doubles = |shape: &[usize], v: &[f64]| Tensor::new(shape, TensorData::Float64(v.into())).unwrap();
        let case = linear()
            .tensor("weights", &doubles(&[2, 1], &[2.0, 3.0]))
            .tensor("bias", &doubles(&[1], &[0.25]));
        assert_eq!(run(&case, doubles(&[1, 2], &[0.5, 2.0])).unwrap(), doubles(&[1, 1], &[7.25]));
        let error = run(&case, f32s(&[1, 2], &[0.5, 2.0])).unwrap_err();
        assert_eq!(error.message(), "input 0: expected float64 elements, got float32");
    }

    #[test]
    fn without_features_it_is_the_bias() {
        let case = linear().tensor("weights", &f32s(&[0, 2], &[])).floats("bias", &[1.0, 2.0]);
        assert_eq!(run(&case, f32s(&[2, 0], &[])).unwrap(), f32s(&[2, 2], &[1.0, 2.0, 1.0, 2.0]));
        let case = linear().tensor("weights", &f32s(&[2, 0], &[]));
        assert_eq!(run(&case, f32s(&[1, 2], &[1.0, 2.0])).unwrap(), f32s(&[1, 0], &[]));
    }

    #[test]
    fn refuses_rows_of_another_width() {
        let case = linear().tensor("weights", &weights());
        let error = run(&case, f32s(&[1, 4], &[0.0; 4])).unwrap_err();
        assert_eq!(error.message(), "expected rows of K = 3 numbers, got shape [1, 4]");
        assert!(run(&case, f32s(&[], &[0.0])).is_err());
    }

    #[test]
    fn refuses_attributes_that_contradict_each_other() {
        let refused = |case: Case| {
            let error = run(&case, f32s(&[1, 3], &[0.0; 3])).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidModel);
            error.message().to_owned()
        };
        assert_eq!(refused(linear()), "weights: expected a matrix");
        assert_eq!(refused(linear().floats("weights", &[1.0])), "weights: expected a matrix");
        let integers = linear().tensor("weights", &i64s(&[3, 1], &[1, 2, 3]));
        assert_eq!(refused(integers), "weights: expected float32 or float64, got int64");
        let case = || linear().tensor("weights", &weights());
        assert_eq!(refused(case().floats("bias", &[1.0])), "bias: expected N = 2 numbers, got 1");
        assert_eq!(
            refused(case().string("activation", "Softplus")),
            r#"activation: expected Relu, Tanh or Sigmoid, got "Softplus""#
        );
    }
}
