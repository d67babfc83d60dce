//! `QLinearMatMul`: products of quantised matrices, quantised.
//! <https://onnx.ai/onnx/operators/onnx__QLinearMatMul.html>

use super::granularity::Granularity;
use super::product::{Bytes, product};
use super::rescale::{multiplied, requantized, single};
use crate::Result;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};

struct QLinearMatMul;

pub(super) fn build(_: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(QLinearMatMul))
}

impl Operator for QLinearMatMul {
    /// A, B and Y, each with its scale and its zero point; B may have one for
    /// each column.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (a, b) = (Bytes::read(inputs, 0, 2, scope)?, Bytes::read(inputs, 3, 5, scope)?);
        let (a_scale, y_scale) = (inputs.tensor(1)?, inputs.tensor(6)?);
        let (a_scale, y_scale) = (single("a_scale", &a_scale, scope)?, single("y_scale", &y_scale, scope)?);
        let mut scales = multiplied(a_scale, &inputs.tensor(4)?, scope)?;
        scales.iter_mut().for_each(|scale| *scale /= y_scale);
        let sums = product(&a, &b, scope)?;
        let rows = sums.values.len() / sums.n.max(1);
        let granularity = Granularity::new(&[rows, sums.n], &[scales.len()], 1, 0)?;
        let y = requantized(&sums.values, &scales, &granularity, &inputs.tensor(7)?, scope)?;
        scope.keep(sums.values);
        one(sums.shape, y)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i32s, tensor};
    use crate::{Result, Tensor, TensorData};

    fn run(inputs: &[Tensor]) -> Result<Tensor> {
        Ok(Case::new("", "QLinearMatMul", 10).run(inputs)?.remove(0))
    }

    fn u8s(shape: &[usize], values: &[u8]) -> Tensor {
        tensor(shape, TensorData::UInt8(values.to_vec()))
    }

    /// ONNX's test_qlinearmatmul_2D_uint8_float32.
    fn inputs() -> [Tensor; 8] {
        [
            u8s(&[2, 4], &[208, 236, 0, 238, 3, 214, 255, 29]),
            f32s(&[1], &[0.0066]),
            u8s(&[1], &[113]),
            u8s(&[4, 3], &[152, 51, 244, 60, 26, 255, 0, 127, 246, 127, 254, 247]),
            f32s(&[1], &[0.00705]),
            u8s(&[1], &[114]),
            f32s(&[1], &[0.0107]),
            u8s(&[1], &[118]),
        ]
    }

    #[test]
    fn multiplies_and_quantises() {
        assert_eq!(run(&inputs()).unwrap(), u8s(&[2, 3], &[168, 115, 255, 1, 66, 151]));
    }

    #[test]
    fn b_may_have_a_scale_for_each_column() {
        let mut by_column = inputs();
        by_column[4] = f32s(&[3], &[0.00705, 0.0141, 0.00705]);
        by_column[5] = u8s(&[3], &[114, 114, 114]);
        assert_eq!(run(&by_column).unwrap(), u8s(&[2, 3], &[168, 111, 255, 1, 15, 151]));
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let refused = |place: usize, with: Tensor| {
            let mut inputs = inputs();
            inputs[place] = with;
            run(&inputs).unwrap_err().message().to_owned()
        };
        assert_eq!(refused(1, f32s(&[2], &[1.0, 2.0])), "a_scale: expected one number, got 2");
        assert_eq!(
            refused(4, f32s(&[2], &[1.0, 2.0])),
            "scales of shape [2] do not fit elements of shape [2, 3]"
        );
        assert_eq!(refused(7, i32s(&[], &[1])), "expected a zero point of int8 or uint8, got int32");
    }
}
