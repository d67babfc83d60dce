//! `com.microsoft.SkipLayerNormalization`,
//! `com.microsoft.SkipSimplifiedLayerNormalization`: the sum of two tensors,
//! normalised by rows, as onnxruntime's optimiser writes the ends of a
//! transformer's blocks.
//! <https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.SkipLayerNormalization>

use super::rows::{Rows, stretched};
use crate::ops::broadcast::Broadcast;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, only};
use crate::tensor_ref::TensorRef;
use crate::{Result, Shape, Tensor, TensorData};

struct SkipLayerNormalization {
    /// Whether the mean is taken off, and a shift is among the inputs.
    centred: bool,
    epsilon: f32,
    /// How many outputs somebody may take.
    outputs: usize,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    of(node, true)
}

pub(super) fn root_mean_square(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    of(node, false)
}

fn of(node: &Node<'_>, centred: bool) -> Result<Box<dyn Operator>> {
    let epsilon = node.float_or("epsilon", 1e-12)?;
    Ok(Box::new(SkipLayerNormalization { centred, epsilon, outputs: node.step().outputs.len() }))
}

impl Operator for SkipLayerNormalization {
    /// In float32: the input `[…, H]`, what is added to it, gamma, beta where the
    /// mean is taken off, and a bias to add to the sum. The outputs are the rows,
    /// their means and factors, and the sum.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let columns = x.shape.get(x.shape.len().saturating_sub(1)..).unwrap_or_default();
        let mut sum = self.sum(&x, inputs, scope)?;
        if let Some(bias) = inputs.optional(if self.centred { 4 } else { 3 })? {
            let bias = stretched::<f32>("bias", &bias, columns, scope)?;
            for row in sum.chunks_exact_mut(bias.len().max(1)) {
                row.iter_mut().zip(bias.iter()).for_each(|(sum, bias)| *sum += bias);
            }
            scope.keep_cow(bias);
        }
        let scale = stretched::<f32>("gamma", &inputs.tensor(2)?, columns, scope)?;
        let bias = match inputs.optional(3)?.filter(|_| self.centred) {
            Some(beta) => stretched::<f32>("beta", &beta, columns, scope)?,
            None => (&[]).into(),
        };
        let rows = Rows { centred: self.centred, epsilon: self.epsilon, scale: &scale, bias: &bias };
        let (mut means, mut factors) = (scope.vec(0)?, scope.vec(0)?);
        let mut keep = |moments: edgeinfer_kernels::Moments<f32>| {
            if self.outputs > 1 {
                means.push(moments.mean);
                factors.push(moments.factor);
            }
        };
        let y = rows.of(&sum, &mut keep, scope)?;
        scope.keep_cow(scale);
        scope.keep_cow(bias);
        self.outputs(&x, y, [means, factors], sum)
    }
}

impl SkipLayerNormalization {
    /// The sum of the input and of what is stretched to it.
    fn sum(&self, x: &TensorRef<'_>, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Vec<f32>> {
        let (first, skip) = (inputs.read::<f32>(0)?, inputs.tensor(1)?);
        let broadcast = Broadcast::new(&[x.shape, skip.shape])?;
        if broadcast.shape.as_slice() != x.shape {
            return Err(failed(format!(
                "a skip of shape {:?} cannot be stretched to {:?}",
                skip.shape, x.shape
            )));
        }
        let mut sum = scope.vec(first.len())?;
        broadcast.zip(first, inputs.read::<f32>(1)?, &mut sum, |a, b| a + b);
        Ok(sum)
    }

    fn outputs(
        &self,
        x: &TensorRef<'_>,
        y: Vec<f32>,
        [means, factors]: [Vec<f32>; 2],
        sum: Vec<f32>,
    ) -> Result<Outputs> {
        let mut outputs = only(Tensor::new(x.shape, TensorData::Float32(y))?);
        if self.outputs > 1 {
            let mut shape = Shape::from_slice(x.shape);
            shape.iter_mut().rev().take(1).for_each(|last| *last = 1);
            outputs.push(Tensor::new(shape.clone(), TensorData::Float32(means))?.into());
            outputs.push(Tensor::new(shape, TensorData::Float32(factors))?.into());
            outputs.push(Tensor::new(x.shape, TensorData::Float32(sum))?.into());
        }
        Ok(outputs)
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::ops::testing::{Case, assert_close, f32s};

    fn case(op: &str) -> Case {
        Case::new("com.microsoft", op, 1).float("epsilon", 0.0).outputs(4)
    }

    fn inputs() -> [Tensor; 3] {
        let x = f32s(&[1, 2, 2], &[1.0, 2.0, 3.0, 4.0]);
        [x, f32s(&[2, 2], &[0.0, 1.0, 0.0, 3.0]), f32s(&[2], &[1.0, 2.0])]
    }

    #[test]
    fn adds_and_normalises() {
        let [x, skip, gamma] = inputs();
        let (beta, bias) = (f32s(&[2], &[0.5, 0.0]), f32s(&[2], &[1.0, 0.0]));
        let y = case("SkipLayerNormalization").run(&[x, skip, gamma, beta, bias]).unwrap();
        assert_close(y[0].as_f32().unwrap(), &[-0.5, 2.0, -0.5, 2.0]);
        assert_eq!(y[1], f32s(&[1, 2, 1], &[2.5, 5.5]));
        assert_close(y[2].as_f32().unwrap(), &[2.0, 2.0 / 3.0]);
        assert_eq!(y[3], f32s(&[1, 2, 2], &[2.0, 3.0, 4.0, 7.0]));
    }

    #[test]
    fn without_the_mean_there_is_no_beta() {
        let [x, skip, gamma] = inputs();
        let bias = f32s(&[2], &[2.0, 1.0]);
        let y = case("SkipSimplifiedLayerNormalization").run(&[x, skip, gamma, bias]).unwrap();
        assert_eq!(y[3], f32s(&[1, 2, 2], &[3.0, 4.0, 5.0, 8.0]));
        assert_close(y[0].as_f32().unwrap(), &[0.848_528_1, 2.262_741_7, 0.749_531_7, 2.398_501_4]);
    }

    #[test]
    fn refuses_a_skip_that_does_not_fit() {
        let [x, _, gamma] = inputs();
        let skip = f32s(&[2, 1, 2], &[0.0; 4]);
        let error = case("SkipSimplifiedLayerNormalization").run(&[x, skip, gamma]).unwrap_err();
        assert_eq!(error.message(), "a skip of shape [2, 1, 2] cannot be stretched to [1, 2, 2]");
    }
}
