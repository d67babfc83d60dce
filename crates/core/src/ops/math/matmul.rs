//! `MatMul`: products of matrices as `numpy.matmul` has them.
//! <https://onnx.ai/onnx/operators/onnx__MatMul.html>

use super::matrix;
use crate::native::Native;
use crate::ops::numbers::{integers, ints_wrapping};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor::element_count;
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{Result, Shape};
use edgeinfer_kernels::{Number, Product};

struct MatMul;

pub(super) fn build(_: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(MatMul))
}

impl Operator for MatMul {
    /// A `[…, m, k]` and B `[…, k, n]` to `[…, m, n]`; a single dimension is a
    /// row of A, a column of B, and is not in the result.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (a, b) = (inputs.tensor(0)?, inputs.tensor(1)?);
        let sizes = Sizes::of(a.shape, b.shape)?;
        match (a.data, b.data) {
            (DataRef::Float32(a), DataRef::Float32(b)) => of_type(a, b, &sizes, scope),
            (DataRef::Float64(a), DataRef::Float64(b)) => of_type(a, b, &sizes, scope),
            (DataRef::Int32(a), DataRef::Int32(b)) => of_type(a, b, &sizes, scope),
            (DataRef::Int64(a), DataRef::Int64(b)) => of_type(a, b, &sizes, scope),
            (DataRef::UInt32(_), DataRef::UInt32(_)) | (DataRef::UInt64(_), DataRef::UInt64(_)) => {
                unsigned(&a, &b, &sizes, scope)
            }
            _ => Err(wrong_types(&a, &b)),
        }
    }
}

#[cold]
pub(in crate::ops) fn wrong_types(a: &TensorRef<'_>, b: &TensorRef<'_>) -> crate::Error {
    let (a, b) = (a.element_type(), b.element_type());
    failed(format!(
        "expected A and B both of float32, float64, or integers of 32 or 64 bits, got {a} and {b}"
    ))
}

/// What is multiplied by what.
#[derive(Debug)]
pub(in crate::ops) struct Sizes {
    /// The dimensions before the last two: of A, of B and of the result.
    pub(in crate::ops) batch_a: Shape,
    pub(in crate::ops) batch_b: Shape,
    pub(in crate::ops) batch: Shape,
    /// The rows of one matrix of A.
    pub(in crate::ops) m: usize,
    pub(in crate::ops) k: usize,
    pub(in crate::ops) n: usize,
    /// The shape of the result.
    pub(in crate::ops) shape: Shape,
}

impl Sizes {
    /// Of tensors of these shapes.
    pub(in crate::ops) fn of(a: &[usize], b: &[usize]) -> Result<Self> {
        Ok(Self::apart(a, b)?.with_one_b_for_all())
    }

    /// As [`Sizes::of`], but with every matrix of A by itself.
    #[inline(never)]
    pub(in crate::ops) fn apart(a: &[usize], b: &[usize]) -> Result<Self> {
        let misfit = || failed(format!("A of shape {a:?} cannot be multiplied by B of shape {b:?}"));
        let (batch_a, m, k) = match a {
            [] => return Err(misfit()),
            [k] => (Shape::new(), None, *k),
            [batch @ .., m, k] => (batch.into(), Some(*m), *k),
        };
        let (batch_b, height, n) = match b {
            [] => return Err(misfit()),
            [k] => (Shape::new(), *k, None),
            [batch @ .., k, n] => (batch.into(), *k, Some(*n)),
        };
        let batch = matrix::broadcast(&batch_a, &batch_b).filter(|_| k == height).ok_or_else(misfit)?;
        let mut shape = batch.clone();
        shape.extend(m.into_iter().chain(n));
        let (m, n) = (m.unwrap_or(1), n.unwrap_or(1));
        Ok(Self { batch_a, batch_b, batch, m, k, n, shape })
    }

    /// Where there is but one matrix B, all rows of A are one matrix.
    fn with_one_b_for_all(mut self) -> Self {
        let rows = self.batch_a.iter().try_fold(self.m, |rows, dim| rows.checked_mul(*dim));
        if let Some(rows) = rows.filter(|_| self.batch_b.iter().all(|dim| *dim == 1)) {
            self.m = rows;
            [&mut self.batch_a, &mut self.batch_b, &mut self.batch].into_iter().for_each(Shape::clear);
        }
        self
    }
}

fn of_type<T: Number + Native>(a: &[T], b: &[T], sizes: &Sizes, scope: &mut Scope) -> Result<Outputs> {
    one(sizes.shape.clone(), T::wrap(product(a, b, sizes, scope)?))
}

/// What does not fit the type wraps around, as in int64.
fn unsigned(a: &TensorRef<'_>, b: &TensorRef<'_>, sizes: &Sizes, scope: &mut Scope) -> Result<Outputs> {
    let element = a.element_type();
    let (a, b) = (ints_wrapping(a, scope)?, ints_wrapping(b, scope)?);
    let y = product(&a, &b, sizes, scope)?;
    scope.keep_cow(a);
    scope.keep_cow(b);
    one(sizes.shape.clone(), integers(y.into(), element, scope)?)
}

fn product<T: Number + Native>(a: &[T], b: &[T], sizes: &Sizes, scope: &mut Scope) -> Result<Vec<T>> {
    let Sizes { m, k, n, .. } = *sizes;
    let length = element_count(&sizes.shape).ok_or_else(|| failed("the product has too many elements"))?;
    let mut y = scope.filled(length, T::default())?;
    if length > 0 && k > 0 {
        let mut panel = scope.filled(T::panel_length(m, k), T::default())?;
        for (index, y) in y.chunks_exact_mut(m * n).enumerate() {
            let x = matrix::nth(a, m * k, matrix::place(index, &sizes.batch, &sizes.batch_a));
            let w = matrix::nth(b, k * n, matrix::place(index, &sizes.batch, &sizes.batch_b));
            T::multiply(Product { x, w, k, n }, y, &mut panel);
        }
        scope.keep(panel);
    }
    Ok(y)
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i64s};
    use crate::{Result, Tensor, TensorData};

    fn matmul(a: Tensor, b: Tensor) -> Result<Tensor> {
        let y = Case::new("", "MatMul", 13).run(&[a, b])?;
        Ok(y.into_iter().next().unwrap())
    }

    /// 0, 1, 2, … of `shape`.
    fn count(shape: &[usize]) -> Tensor {
        let numbers: Vec<_> = (0..shape.iter().product::<usize>()).map(|i| i as f32).collect();
        f32s(shape, &numbers)
    }

    #[test]
    fn multiplies_two_matrices() {
        let y = matmul(count(&[2, 3]), count(&[3, 2])).unwrap();
        assert_eq!(y, f32s(&[2, 2], &[10.0, 13.0, 28.0, 40.0]));
    }

    #[test]
    fn a_single_dimension_is_a_row_of_a_and_a_column_of_b() {
        assert_eq!(matmul(count(&[3]), count(&[3])).unwrap(), f32s(&[], &[5.0]));
        assert_eq!(matmul(count(&[2, 3]), count(&[3])).unwrap(), f32s(&[2], &[5.0, 14.0]));
        assert_eq!(matmul(count(&[3]), count(&[3, 2])).unwrap(), f32s(&[2], &[10.0, 13.0]));
    }

    #[test]
    fn one_b_serves_all_matrices_of_a_and_one_a_all_of_b() {
        let y = matmul(count(&[4, 2, 3]), count(&[3])).unwrap();
        assert_eq!(y, f32s(&[4, 2], &[5.0, 14.0, 23.0, 32.0, 41.0, 50.0, 59.0, 68.0]));
        let y = matmul(count(&[3]), count(&[4, 3, 2])).unwrap();
        assert_eq!(y, f32s(&[4, 2], &[10.0, 13.0, 28.0, 31.0, 46.0, 49.0, 64.0, 67.0]));
    }

    #[test]
    fn dimensions_before_the_last_two_are_broadcast() {
        let y = matmul(count(&[5, 1, 2, 3]), count(&[4, 3, 2])).unwrap();
        assert_eq!(y.shape(), [5, 4, 2, 2]);
        let y = y.as_f32().unwrap();
        assert_eq!(y[..8], [10.0, 13.0, 28.0, 40.0, 28.0, 31.0, 100.0, 112.0]);
        // A's last matrix with B's last: [24 25 26; 27 28 29] · [18 19; 20 21; 22 23].
        assert_eq!(y[76..], [1504.0, 1579.0, 1684.0, 1768.0]);
    }

    #[test]
    fn takes_float64_and_whole_numbers() {
        let y = matmul(i64s(&[1, 2], &[3, 2]), i64s(&[2, 1], &[2, 3])).unwrap();
        assert_eq!(y, i64s(&[1, 1], &[12]));
        let doubles = |shape: &[usize], v: &[f64]| Tensor::new(shape, TensorData::Float64(v.into())).unwrap();
        let y = matmul(doubles(&[1, 2], &[0.5, 2.0]), doubles(&[2, 1], &[2.0, 3.0])).unwrap();
        assert_eq!(y, doubles(&[1, 1], &[7.0]));
        let ints = |shape: &[usize], v: &[i32]| Tensor::new(shape, TensorData::Int32(v.into())).unwrap();
        let y = matmul(ints(&[1, 2], &[i32::MAX, 2]), ints(&[2, 1], &[2, 3])).unwrap();
        assert_eq!(y, ints(&[1, 1], &[4]));
    }

    #[test]
    fn without_elements_sums_are_zero() {
        assert_eq!(matmul(count(&[2, 0]), count(&[0, 3])).unwrap(), f32s(&[2, 3], &[0.0; 6]));
        assert_eq!(matmul(count(&[0, 3]), count(&[3, 2])).unwrap(), f32s(&[0, 2], &[]));
        assert_eq!(matmul(count(&[2, 3]), count(&[3, 0])).unwrap(), f32s(&[2, 0], &[]));
        assert_eq!(matmul(count(&[0, 2, 3]), count(&[1, 3, 2])).unwrap(), f32s(&[0, 2, 2], &[]));
    }

    #[test]
    fn refuses_shapes_and_types_that_do_not_fit() {
        let refused = |a: &[usize], b: &[usize]| matmul(count(a), count(b)).unwrap_err().message().to_owned();
        assert_eq!(refused(&[2, 3], &[4, 2]), "A of shape [2, 3] cannot be multiplied by B of shape [4, 2]");
        assert!(refused(&[2, 2, 3], &[3, 3, 2]).starts_with("A of shape"));
        assert!(refused(&[], &[3]).starts_with("A of shape"));
        assert!(refused(&[1 << 20, 0], &[0, 1 << 20]).contains("does not fit into memory"));
        let error = matmul(count(&[1, 1]), i64s(&[1, 1], &[1])).unwrap_err();
        assert!(error.message().ends_with("got float32 and int64"), "{error}");
    }

    #[test]
    fn unsigned_products_wrap_around() {
        let a = Tensor::new(vec![1, 2], TensorData::UInt32(vec![u32::MAX, 2])).unwrap();
        let b = Tensor::new(vec![2, 1], TensorData::UInt32(vec![3, 4])).unwrap();
        assert_eq!(matmul(a, b).unwrap().data(), &TensorData::UInt32(vec![5]));
    }
}
