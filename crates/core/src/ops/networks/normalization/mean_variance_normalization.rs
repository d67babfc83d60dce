//! `MeanVarianceNormalization`: the mean over some axes taken off, the rest
//! divided by its deviation.
//! <https://onnx.ai/onnx/operators/onnx__MeanVarianceNormalization.html>

use edgeinfer_kernels::Moments;

use super::rows::{Real, no_fractions};
use crate::ops::tensor::axis::axes;
use crate::ops::tensor::layout::Layout;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, only};
use crate::tensor::element_count;
use crate::tensor_ref::TensorRef;
use crate::{ElementType, Result, Shape, Tensor};

/// What the operator adds to a deviation before it divides.
const EPSILON: f32 = 1e-9;

struct MeanVarianceNormalization {
    axes: Vec<i64>,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let axes = if node.has("axes") { node.ints("axes")? } else { vec![0, 2, 3] };
    Ok(Box::new(MeanVarianceNormalization { axes }))
}

impl Operator for MeanVarianceNormalization {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let normalised = axes(&self.axes, x.shape.len())?;
        let mut order: Vec<usize> = (0..x.shape.len()).filter(|axis| !normalised.contains(axis)).collect();
        order.extend_from_slice(&normalised);
        let moved = permuted(x, &order, scope)?;
        let size = normalised.iter().filter_map(|axis| x.shape.get(*axis).copied()).collect::<Shape>();
        let size = element_count(&size).ok_or_else(|| failed("the tensor has too many elements"))?;
        let rows = match x.element_type() {
            ElementType::Float32 => rows::<f32>(&moved, size, scope)?,
            ElementType::Float64 => rows::<f64>(&moved, size, scope)?,
            _ => return Err(no_fractions(&x)),
        };
        let mut back = vec![0; order.len()];
        for (place, &axis) in order.iter().enumerate() {
            back.iter_mut().skip(axis).take(1).for_each(|from| *from = place);
        }
        let y = permuted((&rows).into(), &back, scope)?;
        scope.recycle(moved.into());
        scope.recycle(rows.into());
        Ok(only(y))
    }
}

/// `tensor` with its axes in another order.
fn permuted(tensor: TensorRef<'_>, order: &[usize], scope: &mut Scope) -> Result<Tensor> {
    let dense = Layout::dense(tensor.shape);
    let axes = order.iter().filter_map(|axis| dense.axes.get(*axis).copied()).collect();
    Layout { start: 0, axes }.tensor(tensor, scope)
}

fn rows<T: Real>(x: &Tensor, size: usize, scope: &mut Scope) -> Result<Tensor> {
    let values = TensorRef::from(x).read::<T>().unwrap_or_default();
    let mut y = scope.zeros(values.len())?;
    for (x, y) in values.chunks_exact(size.max(1)).zip(y.chunks_exact_mut(size.max(1))) {
        let Moments { mean, factor } = T::moments(x, true, T::default());
        T::by_row(x, Moments { mean, factor: factor.widened(EPSILON) }, 1.0.into(), T::default(), y);
    }
    Tensor::new(x.shape(), T::wrap(y))
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, assert_close, f32s, f64s, i64s};

    #[test]
    fn by_default_each_channel_is_normalised_over_the_batch() {
        let x: Vec<f32> = [1.0, 2.0, 5.0, 5.0, 3.0, 4.0, 5.0, 5.0].to_vec();
        let y = Case::new("", "MeanVarianceNormalization", 13).run(&[f32s(&[2, 2, 1, 2], &x)]).unwrap();
        let expected = [-1.341_640_8, -0.447_213_6, 0.0, 0.0, 0.447_213_6, 1.341_640_8, 0.0, 0.0];
        assert_close(y[0].as_f32().unwrap(), &expected);
    }

    #[test]
    fn takes_any_axes_and_float64() {
        let x = f64s(&[2, 2], &[1.0, 2.0, 3.0, 6.0]);
        let case = Case::new("", "MeanVarianceNormalization", 9);
        let y = case.ints("axes", &[-1]).run(&[x]).unwrap();
        assert_eq!(y[0].shape(), [2, 2]);
        let y: Vec<f32> = match y[0].data() {
            crate::TensorData::Float64(y) => y.iter().map(|y| *y as f32).collect(),
            other => panic!("{other:?}"),
        };
        assert_close(&y, &[-1.0, 1.0, -1.0, 1.0]);
    }

    #[test]
    fn refuses_axes_that_are_not_there_and_integers() {
        let case = || Case::new("", "MeanVarianceNormalization", 13);
        assert!(case().run(&[f32s(&[2], &[1.0; 2])]).is_err());
        assert!(case().ints("axes", &[0]).run(&[i64s(&[2], &[1; 2])]).is_err());
    }
}
