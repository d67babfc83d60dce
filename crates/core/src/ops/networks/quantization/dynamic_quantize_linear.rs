//! `DynamicQuantizeLinear`: numbers as uint8, by a scale that fits them.
//! <https://onnx.ai/onnx/operators/onnx__DynamicQuantizeLinear.html>

use edgeinfer_kernels::{Quantization, quantize};

use crate::ops::{Inputs, Node, Operator, Outputs, Scope};
use crate::{Result, Tensor, TensorData};

struct DynamicQuantizeLinear;

pub(super) fn build(_: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(DynamicQuantizeLinear))
}

/// The scale and zero point under which uint8 reaches from the smallest to the
/// largest of `x`, and 0 is one of its steps.
pub(super) fn fitting(x: &[f32]) -> Quantization {
    let (low, high) = x.iter().fold((0f32, 0f32), |(low, high), x| (low.min(*x), high.max(*x)));
    let scale = if low == high { 1.0 } else { (high - low) / 255.0 };
    let zero = (0.0 - low / scale).clamp(0.0, 255.0).round_ties_even();
    Quantization { scale, zero, low: 0.0, high: 255.0 }
}

impl Operator for DynamicQuantizeLinear {
    /// X of float32 to Y, its scale and its zero point.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (shape, x) = (inputs.tensor(0)?.shape, inputs.read::<f32>(0)?);
        let by = fitting(x);
        let mut y = scope.zeros(x.len())?;
        quantize(x, by, &mut y);
        let (scale, zero) = (scope.filled(1, by.scale)?, scope.filled(1, by.zero as u8)?);
        let scalar: &[usize] = &[];
        let outputs = [
            Tensor::new(shape, TensorData::UInt8(y))?,
            Tensor::new(scalar, TensorData::Float32(scale))?,
            Tensor::new(scalar, TensorData::UInt8(zero))?,
        ];
        Ok(outputs.into_iter().map(Into::into).collect())
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, tensor};
    use crate::{Tensor, TensorData};

    fn quantized(x: &[f32]) -> (Vec<u8>, f32, u8) {
        let y = Case::new("", "DynamicQuantizeLinear", 11).run(&[f32s(&[x.len()], x)]).unwrap();
        match y.into_iter().map(Tensor::into_data).collect::<Vec<_>>().as_slice() {
            [TensorData::UInt8(y), TensorData::Float32(scale), TensorData::UInt8(zero)] => {
                (y.clone(), scale[0], zero[0])
            }
            other => panic!("unexpected outputs {other:?}"),
        }
    }

    /// ONNX's test_dynamicquantizelinear and its two neighbours.
    #[test]
    fn reaches_from_the_smallest_to_the_largest() {
        let (y, scale, zero) = quantized(&[0.0, 2.0, -3.0, -2.5, 1.34, 0.5]);
        assert_eq!((y.as_slice(), zero), (&[153, 255, 0, 26, 221, 179][..], 153));
        assert!((scale - 0.019_607_844).abs() < 1e-9);
        let (y, _, zero) = quantized(&[-1.0, -2.1, -1.3, -2.5, -3.34, -4.0]);
        assert_eq!((y.as_slice(), zero), (&[191, 121, 172, 96, 42, 0][..], 255));
        let (y, _, zero) = quantized(&[1.0, 2.1, 1.3, 2.5, 3.34, 4.0, 1.5, 2.6, 3.9, 4.0, 3.0, 2.345]);
        assert_eq!((y.as_slice(), zero), (&[64, 134, 83, 159, 213, 255, 96, 166, 249, 255, 191, 149][..], 0));
    }

    #[test]
    fn zeros_and_nothing_have_a_scale_too() {
        assert_eq!(quantized(&[0.0, 0.0]), (vec![0, 0], 1.0, 0));
        assert_eq!(quantized(&[]), (vec![], 1.0, 0));
        let wrong = tensor(&[1], TensorData::Int8(vec![1]));
        assert!(Case::new("", "DynamicQuantizeLinear", 11).run(&[wrong]).is_err());
    }
}
