//! `QLinearConv`: convolutions of quantised tensors, quantised.
//! <https://onnx.ai/onnx/operators/onnx__QLinearConv.html>

use edgeinfer_kernels::{Quantization, Quantum, requantize};

use super::convolution::Convolution;
use super::granularity::Granularity;
use super::laid::length;
use super::product::Bytes;
use super::rescale::{multiplied, range, single};
use crate::native::Native;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::DataRef;
use crate::{Result, TensorData};

struct QLinearConv(Convolution);

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(QLinearConv(Convolution::of(node)?)))
}

impl Operator for QLinearConv {
    /// X, W and Y, each with its scale and its zero point, and a bias of int32 by
    /// the product of X's and W's scales. W may have a scale and a zero point for
    /// each output channel.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (x, w) = (Bytes::read(inputs, 0, 2, scope)?, Bytes::read(inputs, 3, 5, scope)?);
        let (x_scale, y_scale) = (inputs.tensor(1)?, inputs.tensor(6)?);
        let (x_scale, y_scale) = (single("x_scale", &x_scale, scope)?, single("y_scale", &y_scale, scope)?);
        let mut scales = multiplied(x_scale, &inputs.tensor(4)?, scope)?;
        scales.iter_mut().for_each(|scale| *scale /= y_scale);
        let bias = match inputs.optional(8)? {
            Some(bias) => bias
                .read::<i32>()
                .ok_or_else(|| failed(format!("expected a bias of int32, got {}", bias.element_type())))?,
            None => &[],
        };
        let shape = self.0.shape(x.tensor.shape, w.tensor.shape)?;
        Granularity::new(&shape, &[scales.len()], 1, 0)?;
        let zero = inputs.tensor(7)?;
        let by = range(&zero, scope)?;
        let quantised = Quantised { convolution: &self.0, x, w, bias, scales: &scales, by };
        let y = match zero.data {
            DataRef::Int8(_) => quantised.quanta::<i8>(&shape, scope)?,
            _ => quantised.quanta::<u8>(&shape, scope)?,
        };
        one(shape, y)
    }
}

/// What is laid on what, and how its sums are quantised.
struct Quantised<'a> {
    convolution: &'a Convolution,
    x: Bytes<'a>,
    w: Bytes<'a>,
    bias: &'a [i32],
    /// One, or one for each channel of the result.
    scales: &'a [f32],
    by: Quantization,
}

impl Quantised<'_> {
    fn quanta<Q: Quantum + Native>(&self, shape: &[usize], scope: &mut Scope) -> Result<TensorData> {
        let mut y = scope.any::<Q>(length(shape)?)?;
        let places = shape.iter().skip(2).product::<usize>();
        let channels = shape.get(1).map_or(1, |channels| *channels).max(1);
        self.convolution.each(&self.x, &self.w, self.bias, scope, &mut |plane, first, sums| {
            let scale =
                self.scales.get(plane % channels).or(self.scales.first()).copied().unwrap_or_default();
            let y = y.get_mut(plane * places + first..).unwrap_or_default();
            requantize(sums, Quantization { scale, ..self.by }, y);
        })?;
        Ok(Q::wrap(y))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i32s, tensor};
    use crate::{Result, Tensor, TensorData};

    fn u8s(shape: &[usize], values: &[u8]) -> Tensor {
        tensor(shape, TensorData::UInt8(values.to_vec()))
    }

    fn run(inputs: &[Tensor]) -> Result<Tensor> {
        Ok(Case::new("", "QLinearConv", 10).run(inputs)?.remove(0))
    }

    fn inputs() -> Vec<Tensor> {
        vec![
            u8s(&[1, 1, 2, 2], &[10, 20, 30, 40]),
            f32s(&[], &[0.5]),
            u8s(&[], &[10]),
            tensor(&[2, 1, 1, 1], TensorData::Int8(vec![2, -4])),
            f32s(&[2], &[0.25, 0.5]),
            tensor(&[2], TensorData::Int8(vec![0, 0])),
            f32s(&[], &[2.0]),
            u8s(&[], &[100]),
            i32s(&[2], &[16, -8]),
        ]
    }

    #[test]
    fn channels_have_scales_of_their_own() {
        // Sums [16 36 56 76; -8 -48 -88 -128], by 1/16 and by 1/8.
        let y = run(&inputs()).unwrap();
        assert_eq!(y, u8s(&[1, 2, 2, 2], &[101, 102, 104, 105, 99, 94, 89, 84]));
        let without_bias = &inputs()[..8];
        let y = run(without_bias).unwrap();
        assert_eq!(y, u8s(&[1, 2, 2, 2], &[100, 101, 102, 104, 100, 95, 90, 85]));
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let refused = |place: usize, with: Tensor| {
            let mut inputs = inputs();
            inputs[place] = with;
            run(&inputs).unwrap_err().message().to_owned()
        };
        assert_eq!(refused(8, f32s(&[2], &[1.0, 2.0])), "expected a bias of int32, got float32");
        assert_eq!(refused(8, i32s(&[1], &[1])), "expected a bias of 2 numbers, got 1");
        assert_eq!(
            refused(4, f32s(&[3], &[1.0; 3])),
            "scales of shape [3] do not fit elements of shape [1, 2, 2, 2]"
        );
    }
}
