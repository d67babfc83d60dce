//! `LayerNormalization`, `RMSNormalization`, and the latter as exporters wrote it
//! before there was one, `SimplifiedLayerNormalization`: rows of all dimensions
//! from an axis on, divided by their root mean square, with the mean taken off
//! before or not.
//! <https://onnx.ai/onnx/operators/onnx__LayerNormalization.html>,
//! <https://onnx.ai/onnx/operators/onnx__RMSNormalization.html>,
//! <https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md>

use smallvec::SmallVec;

use super::rows::{Real, Rows, no_fractions, stretched};
use crate::ops::tensor::axis::axis;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, only};
use crate::tensor_ref::DataRef;
use crate::{Result, Shape, Tensor, TensorData};

struct LayerNormalization {
    axis: i64,
    epsilon: f32,
    /// Whether the mean is taken off.
    centred: bool,
    /// How many outputs somebody may take.
    outputs: usize,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    of(node, true)
}

/// Without the mean, which is not among the outputs either.
pub(super) fn root_mean_square(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    of(node, false)
}

/// `stash_type` is not read: nothing is calculated with fewer digits than those
/// of float32.
fn of(node: &Node<'_>, centred: bool) -> Result<Box<dyn Operator>> {
    let (axis, epsilon) = (node.int_or("axis", -1)?, node.float_or("epsilon", 1e-5)?);
    Ok(Box::new(LayerNormalization { axis, epsilon, centred, outputs: node.step().outputs.len() }))
}

impl Operator for LayerNormalization {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        match x.data {
            DataRef::Float32(data) => self.apply(data, x.shape, inputs, scope),
            DataRef::Float64(data) => self.apply(data, x.shape, inputs, scope),
            _ => Err(no_fractions(&x)),
        }
    }
}

impl LayerNormalization {
    fn apply<T: Real>(
        &self,
        x: &[T],
        shape: &[usize],
        inputs: &Inputs<'_>,
        scope: &mut Scope,
    ) -> Result<Outputs> {
        let axis = axis(self.axis, shape.len())?;
        let (outer, dims) = shape.split_at_checked(axis).ok_or_else(|| failed("expected dimensions"))?;
        let scale = stretched::<T>("scale", &inputs.tensor(1)?, dims, scope)?;
        let bias = match inputs.optional(2)? {
            Some(bias) => stretched::<T>("bias", &bias, dims, scope)?,
            None => (&[]).into(),
        };
        let rows = Rows { centred: self.centred, epsilon: self.epsilon.into(), scale: &scale, bias: &bias };
        let (mut means, mut factors) = (scope.vec::<f32>(0)?, scope.vec::<f32>(0)?);
        let y = rows.of(
            x,
            &mut |moments| {
                if self.outputs > 1 {
                    means.push(moments.mean.narrow());
                    factors.push(moments.factor.narrow());
                }
            },
            scope,
        )?;
        scope.keep_cow(scale);
        scope.keep_cow(bias);
        let mut outputs = only(Tensor::new(shape, T::wrap(y))?);
        self.add_moments(outer, dims.len(), [means, factors], &mut outputs, scope)?;
        Ok(outputs)
    }

    /// Appends the moments of rows that are somebody's inputs: in float32, with
    /// dimensions of 1 in place of those that are normalised.
    fn add_moments(
        &self,
        outer: &[usize],
        normalised: usize,
        moments: [Vec<f32>; 2],
        outputs: &mut Outputs,
        scope: &mut Scope,
    ) -> Result<()> {
        let mut shape = Shape::from_slice(outer);
        shape.extend(std::iter::repeat_n(1, normalised));
        let mut moments: SmallVec<[Vec<f32>; 2]> = moments.into_iter().collect();
        if !self.centred {
            moments.drain(..1).for_each(|means| scope.keep(means));
        }
        for values in moments {
            if outputs.len() < self.outputs {
                outputs.push(Tensor::new(shape.clone(), TensorData::Float32(values))?.into());
            } else {
                scope.keep(values);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, assert_close, f32s, f64s, i64s};
    use crate::{Tensor, TensorData};

    fn x() -> Tensor {
        f32s(&[2, 3], &[1.0, 2.0, 6.0, -1.0, 0.5, 0.5])
    }

    fn close(case: &Case, inputs: &[Tensor], expected: &[f32]) {
        assert_close(case.run(inputs).unwrap()[0].as_f32().unwrap(), expected);
    }

    #[test]
    fn takes_the_mean_off_and_divides_by_the_deviation() {
        let case = Case::new("", "LayerNormalization", 17).outputs(3);
        let y = case.run(&[x(), f32s(&[3], &[1.0, 2.0, 0.5]), f32s(&[3], &[0.0, 1.0, -1.0])]).unwrap();
        let expected = [-0.925_819_1, 0.074_180_9, -0.305_635_7, -1.414_199_4, 2.414_199_4, -0.646_450_16];
        assert_close(y[0].as_f32().unwrap(), &expected);
        assert_eq!((y[1].shape(), y[1].as_f32().unwrap()), (&[2, 1][..], &[3.0, 0.0][..]));
        assert_close(y[2].as_f32().unwrap(), &[0.462_909_55, 1.414_199_4]);
    }

    #[test]
    fn a_row_is_all_from_the_axis_on() {
        let case = Case::new("", "LayerNormalization", 17).int("axis", 0).float("epsilon", 0.0);
        let one = f32s(&[1], &[1.0]);
        close(
            &case,
            &[x(), one],
            &[-0.227_429_4, 0.227_429_4, 2.046_864_7, -1.137_147_1, -0.454_858_8, -0.454_858_8],
        );
    }

    #[test]
    fn the_root_mean_square_keeps_the_mean() {
        for op in ["RMSNormalization", "SimplifiedLayerNormalization"] {
            let case = Case::new("", op, 23).float("epsilon", 0.0).outputs(2);
            let y = case.run(&[f32s(&[1, 2], &[3.0, 4.0]), f32s(&[2], &[1.0, 10.0])]).unwrap();
            assert_close(y[0].as_f32().unwrap(), &[0.848_528_1, 11.313_708]);
            assert_close(y[1].as_f32().unwrap(), &[0.282_842_7]);
        }
    }

    #[test]
    fn takes_float64_and_gives_its_moments_in_float32() {
        let inputs = [f64s(&[1, 2], &[1.0, 3.0]), f64s(&[2], &[1.0, 2.0])];
        let y =
            Case::new("", "LayerNormalization", 17).float("epsilon", 0.0).outputs(2).run(&inputs).unwrap();
        assert_eq!(y, [f64s(&[1, 2], &[-1.0, 2.0]), f32s(&[1, 1], &[2.0])]);
    }

    #[test]
    fn takes_no_rows_and_rows_of_nothing() {
        let case = Case::new("", "LayerNormalization", 17);
        let nothing = f32s(&[0, 3], &[]);
        assert_eq!(case.run(&[nothing.clone(), f32s(&[3], &[1.0; 3])]).unwrap(), [nothing]);
        let nothing = f32s(&[2, 0], &[]);
        assert_eq!(case.run(&[nothing.clone(), f32s(&[0], &[])]).unwrap(), [nothing]);
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let message = |inputs: &[Tensor]| {
            Case::new("", "LayerNormalization", 17).run(inputs).unwrap_err().message().to_owned()
        };
        assert_eq!(message(&[i64s(&[1], &[1])]), "expected float32 or float64 elements, got int64");
        assert_eq!(message(&[x(), f32s(&[2], &[1.0; 2])]), "scale of shape [2] cannot be stretched to [3]");
        let wide = Tensor::new(vec![3], TensorData::Float64(vec![1.0; 3])).unwrap();
        assert_eq!(message(&[x(), wide]), "scale: expected float32 elements, got float64");
        assert!(message(&[f32s(&[], &[1.0]), f32s(&[], &[1.0])]).contains("axis -1"));
    }
}
