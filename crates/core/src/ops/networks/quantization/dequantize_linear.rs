//! `DequantizeLinear`: steps of a scale as numbers. onnxruntime's own operator
//! of the same name is the same.
//! <https://onnx.ai/onnx/operators/onnx__DequantizeLinear.html>

use super::granularity::Granularity;
use super::quantize_linear::{block, output_type};
use super::scales::Scales;
use crate::ops::numbers::from_floats;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::small::Rounding;
use crate::{ElementType, Result};

struct DequantizeLinear {
    axis: i64,
    block: usize,
    /// Without, the type of the scale.
    element: Option<ElementType>,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let element = output_type(node)?;
    Ok(Box::new(DequantizeLinear { axis: node.int_or("axis", 1)?, block: block(node)?, element }))
}

impl Operator for DequantizeLinear {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (x, scale, zero) = (inputs.tensor(0)?, inputs.tensor(1)?, inputs.optional(2)?);
        if let Some(zero) = zero.filter(|zero| zero.element_type() != x.element_type()) {
            let (x, zero) = (x.element_type(), zero.element_type());
            return Err(failed(format!("the elements are of {x}, but the zero point is of {zero}")));
        }
        let granularity = Granularity::new(x.shape, scale.shape, self.axis, self.block)?;
        let scales = Scales::new(&scale, zero.as_ref(), granularity, scope)?;
        let y = scales.dequantized(&x, scope)?;
        scales.keep(scope);
        let element = self.element.unwrap_or_else(|| match scale.element_type() {
            half @ (ElementType::Float16 | ElementType::BFloat16) => half,
            _ => ElementType::Float32,
        });
        one(x.shape, from_floats(y, element, Rounding::default(), scope)?)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i32s, tensor};
    use crate::{Result, Tensor, TensorData};

    fn run(case: &Case, inputs: &[Tensor]) -> Result<Tensor> {
        Ok(case.run(inputs)?.remove(0))
    }

    fn dequantize() -> Case {
        Case::new("", "DequantizeLinear", 21)
    }

    /// ONNX's test_dequantizelinear.
    #[test]
    fn takes_off_the_zero_point_and_scales() {
        let x = tensor(&[4], TensorData::UInt8(vec![0, 3, 128, 255]));
        let zero = tensor(&[], TensorData::UInt8(vec![128]));
        let y = run(&dequantize(), &[x, f32s(&[], &[2.0]), zero]).unwrap();
        assert_eq!(y, f32s(&[4], &[-256.0, -250.0, 0.0, 254.0]));
    }

    #[test]
    fn takes_every_type() {
        let y = run(&dequantize(), &[i32s(&[2], &[-100_000, 7]), f32s(&[], &[0.5])]).unwrap();
        assert_eq!(y, f32s(&[2], &[-50_000.0, 3.5]));
        let x = tensor(&[1, 2], TensorData::Int16(vec![-300, 300]));
        let zero = tensor(&[2], TensorData::Int16(vec![0, 100]));
        let y = run(&dequantize(), &[x, f32s(&[2], &[0.5, 2.0]), zero]).unwrap();
        assert_eq!(y, f32s(&[1, 2], &[-150.0, 400.0]));
        let x = tensor(&[2, 3], TensorData::Int8(vec![-128, 0, 127, 1, 2, 3]));
        let y = run(&dequantize().int("axis", 0), &[x.clone(), f32s(&[2], &[1.0, 2.0])]).unwrap();
        assert_eq!(y, f32s(&[2, 3], &[-128.0, 0.0, 127.0, 2.0, 4.0, 6.0]));
        let scales = f32s(&[2, 2], &[1.0, 2.0, 3.0, 4.0]);
        let y = run(&dequantize().int("block_size", 2), &[x, scales]).unwrap();
        assert_eq!(y, f32s(&[2, 3], &[-128.0, 0.0, 254.0, 3.0, 6.0, 12.0]));
    }

    #[test]
    fn refuses_a_zero_point_of_another_type() {
        let x = tensor(&[1], TensorData::UInt8(vec![1]));
        let zero = tensor(&[], TensorData::Int8(vec![1]));
        let error = run(&dequantize(), &[x, f32s(&[], &[1.0]), zero]).unwrap_err();
        assert_eq!(error.message(), "the elements are of uint8, but the zero point is of int8");
    }
}
