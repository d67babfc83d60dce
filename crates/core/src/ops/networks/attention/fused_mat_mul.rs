//! `com.microsoft.FusedMatMul`, `com.microsoft.TransposeMatMul`: `alpha · A · B` of
//! matrices that are transposed or not, without moving those of B.
//! <https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.FusedMatMul>

use edgeinfer_kernels::{Number, Product};

use crate::native::Native;
use crate::ops::math::matmul::{Sizes, wrong_types};
use crate::ops::math::matrix::{nth, place, transpose};
use crate::ops::tensor::layout::Layout;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor::element_count;
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{Result, Shape, Tensor, TensorData};

struct FusedMatMul {
    alpha: f32,
    transpose_a: bool,
    transpose_b: bool,
    /// Whether the first dimension of A and of B is the one before the last.
    moved: [bool; 2],
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(FusedMatMul {
        alpha: node.float_or("alpha", 1.0)?,
        transpose_a: node.flag("transA", false)?,
        transpose_b: node.flag("transB", false)?,
        moved: [node.flag("transBatchA", false)?, node.flag("transBatchB", false)?],
    }))
}

impl Operator for FusedMatMul {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let [a, b] = [(0, inputs.tensor(0)?), (1, inputs.tensor(1)?)]
            .map(|(index, tensor)| by_batch(tensor, self.moved.get(index) == Some(&true), scope));
        let (own_a, own_b) = (a?, b?);
        let (a, b) = (own_a.view(inputs.tensor(0)?), own_b.view(inputs.tensor(1)?));
        let (shape_a, shape_b) = (turned(a.shape, self.transpose_a), turned(b.shape, self.transpose_b));
        let sizes = if self.transpose_a { Sizes::apart } else { Sizes::of }(&shape_a, &shape_b)?;
        let data = match (a.data, b.data) {
            (DataRef::Float32(a), DataRef::Float32(b)) => {
                let mut y = self.product(a, b, &sizes, scope)?;
                y.iter_mut().for_each(|y| *y *= self.alpha);
                TensorData::Float32(y)
            }
            (DataRef::Float64(a), DataRef::Float64(b)) => {
                let mut y = self.product(a, b, &sizes, scope)?;
                y.iter_mut().for_each(|y| *y *= f64::from(self.alpha));
                TensorData::Float64(y)
            }
            (DataRef::Int32(a), DataRef::Int32(b)) if self.alpha == 1.0 => {
                TensorData::Int32(self.product(a, b, &sizes, scope)?)
            }
            (DataRef::Int64(a), DataRef::Int64(b)) if self.alpha == 1.0 => {
                TensorData::Int64(self.product(a, b, &sizes, scope)?)
            }
            _ => return Err(wrong_types(&a, &b)),
        };
        [own_a, own_b].into_iter().filter_map(|own| own.0).for_each(|own| scope.recycle(own.into()));
        one(sizes.shape, data)
    }
}

/// A tensor of its own, where the one that is given does not lie as it has to.
struct Own(Option<Tensor>);

impl Own {
    fn view<'a>(&'a self, given: TensorRef<'a>) -> TensorRef<'a> {
        self.0.as_ref().map_or(given, TensorRef::from)
    }
}

/// The tensor with its first dimension before its last one, where `moved` says so.
fn by_batch(tensor: TensorRef<'_>, moved: bool, scope: &mut Scope) -> Result<Own> {
    let Some(to) = tensor.shape.len().checked_sub(2).filter(|to| moved && *to > 0) else {
        return Ok(Own(None));
    };
    let mut layout = Layout::dense(tensor.shape);
    layout.move_axis(0, to);
    Ok(Own(Some(layout.tensor(tensor, scope)?)))
}

/// The shape with its last two dimensions turned round.
fn turned(shape: &[usize], transposed: bool) -> Shape {
    let mut shape = Shape::from_slice(shape);
    if let (true, [.., rows, columns]) = (transposed, shape.as_mut_slice()) {
        std::mem::swap(rows, columns);
    }
    shape
}

impl FusedMatMul {
    fn product<T: Number + Native>(
        &self,
        a: &[T],
        b: &[T],
        sizes: &Sizes,
        scope: &mut Scope,
    ) -> Result<Vec<T>> {
        let Sizes { m, k, n, .. } = *sizes;
        let length =
            element_count(&sizes.shape).ok_or_else(|| failed("the product has too many elements"))?;
        let mut y = scope.filled(length, T::default())?;
        let mut panel = scope.filled(T::panel_length(m, k), T::default())?;
        let mut rows = scope.vec(if self.transpose_a { m.saturating_mul(k) } else { 0 })?;
        if !a.is_empty() && !b.is_empty() {
            for (index, y) in y.chunks_exact_mut(m.saturating_mul(n).max(1)).enumerate() {
                let mut x = nth(a, m * k, place(index, &sizes.batch, &sizes.batch_a));
                let w = nth(b, k * n, place(index, &sizes.batch, &sizes.batch_b));
                if self.transpose_a {
                    rows.clear();
                    transpose(x, m, &mut rows);
                    x = &rows;
                }
                let multiply = if self.transpose_b { T::multiply_transposed } else { T::multiply };
                multiply(Product { x, w, k, n }, y, &mut panel);
            }
        }
        scope.keep(rows);
        scope.keep(panel);
        Ok(y)
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::ops::testing::{Case, f32s, f64s, i64s};

    fn fused(attributes: &[(&str, i64)], a: &Tensor, b: &Tensor) -> crate::Result<Tensor> {
        let case = Case::new("com.microsoft", "FusedMatMul", 1);
        let case = attributes.iter().fold(case, |case, (name, value)| case.int(name, *value));
        Ok(case.run(&[a.clone(), b.clone()])?.remove(0))
    }

    /// 0, 1, 2, … of `shape`.
    fn count(shape: &[usize]) -> Tensor {
        let numbers: Vec<_> = (0..shape.iter().product::<usize>()).map(|i| i as f32).collect();
        f32s(shape, &numbers)
    }

    /// The matrices of a tensor of three dimensions, transposed.
    fn across(tensor: &Tensor) -> Tensor {
        Case::new("", "Transpose", 13)
            .ints("perm", &[0, 2, 1])
            .run(std::slice::from_ref(tensor))
            .unwrap()
            .remove(0)
    }

    #[test]
    fn is_as_transposing_before() {
        for [batch_a, batch_b, m, k, n] in
            [[1, 1, 2, 3, 4], [3, 3, 9, 5, 17], [3, 1, 2, 4, 3], [1, 2, 3, 1, 2]]
        {
            let (a, b) = (count(&[batch_a, m, k]), count(&[batch_b, k, n]));
            let expected = Case::new("", "MatMul", 13).run(&[a.clone(), b.clone()]).unwrap().remove(0);
            let (across_a, across_b) = (across(&a), across(&b));
            assert_eq!(fused(&[], &a, &b).unwrap(), expected);
            assert_eq!(fused(&[("transB", 1)], &a, &across_b).unwrap(), expected);
            assert_eq!(fused(&[("transA", 1)], &across_a, &b).unwrap(), expected);
            assert_eq!(fused(&[("transA", 1), ("transB", 1)], &across_a, &across_b).unwrap(), expected);
        }
    }

    #[test]
    fn the_batch_may_lie_within() {
        let turned = |tensor: &Tensor| {
            let case = Case::new("", "Transpose", 13).ints("perm", &[1, 0, 2]);
            case.run(std::slice::from_ref(tensor)).unwrap().remove(0)
        };
        let (a, b) = (count(&[3, 2, 4]), count(&[3, 4, 5]));
        let expected = fused(&[], &a, &b).unwrap();
        assert_eq!(fused(&[("transBatchA", 1)], &turned(&a), &b).unwrap(), expected);
        assert_eq!(fused(&[("transBatchB", 1)], &a, &turned(&b)).unwrap(), expected);
        let both = [("transBatchA", 1), ("transA", 1)];
        assert_eq!(fused(&both, &turned(&across(&a)), &b).unwrap(), expected);
        // Of matrices alone there is no batch.
        assert_eq!(fused(&[("transBatchA", 1)], &count(&[1, 1]), &count(&[1, 1])).unwrap(), count(&[1, 1]));
    }

    #[test]
    fn multiplies_by_alpha_in_float64_too() {
        let case = Case::new("com.microsoft", "TransposeMatMul", 1).float("alpha", 0.5).int("transB", 1);
        let inputs = [f64s(&[1, 2], &[1.0, 2.0]), f64s(&[1, 2], &[3.0, 4.0])];
        assert_eq!(case.run(&inputs).unwrap(), [f64s(&[1, 1], &[5.5])]);
    }

    #[test]
    fn takes_whole_numbers() {
        let y = fused(&[("transB", 1)], &i64s(&[1, 2], &[3, 2]), &i64s(&[2, 2], &[2, 3, 1, 0])).unwrap();
        assert_eq!(y, i64s(&[1, 2], &[12, 3]));
    }

    #[test]
    fn takes_no_elements() {
        let y = fused(&[("transB", 1)], &count(&[2, 0]), &count(&[3, 0])).unwrap();
        assert_eq!(y, f32s(&[2, 3], &[0.0; 6]));
        assert_eq!(fused(&[("transA", 1)], &count(&[2, 0]), &count(&[2, 3])).unwrap(), f32s(&[0, 3], &[]));
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let error = fused(&[("transB", 1)], &count(&[2, 3]), &count(&[3, 2])).unwrap_err();
        assert_eq!(error.message(), "A of shape [2, 3] cannot be multiplied by B of shape [2, 3]");
        let error = fused(&[], &count(&[1, 1]), &i64s(&[1, 1], &[1])).unwrap_err();
        assert_eq!(
            error.message(),
            "expected A and B both of float32, float64, or integers of 32 or 64 bits, got float32 and int64"
        );
    }
}
