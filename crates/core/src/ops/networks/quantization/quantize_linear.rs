//! `QuantizeLinear`: numbers as steps of a scale. onnxruntime's own operator of
//! the same name is ONNX's with 16-bit types, which ONNX's has by now.
//! <https://onnx.ai/onnx/operators/onnx__QuantizeLinear.html>

use super::granularity::Granularity;
use super::scales::Scales;
use crate::ops::numbers::floats;
use crate::ops::types::numbered;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::{ElementType, Result};

struct QuantizeLinear {
    axis: i64,
    /// 0 where there are no blocks.
    block: usize,
    /// What the zero point does not say.
    element: Option<ElementType>,
    saturate: bool,
}

/// `precision` is not read: the division is one of float32, whatever it asks for.
pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let element = output_type(node)?;
    let saturate = node.flag("saturate", true)?;
    Ok(Box::new(QuantizeLinear { axis: node.int_or("axis", 1)?, block: block(node)?, element, saturate }))
}

/// The attribute `output_dtype`.
pub(super) fn output_type(node: &Node<'_>) -> Result<Option<ElementType>> {
    match node.int_or("output_dtype", 0)? {
        0 => Ok(None),
        number => match numbered(number) {
            None => Err(node.unsupported("output_dtype: this element type is not supported")),
            element => Ok(element),
        },
    }
}

/// The attribute `block_size`.
pub(super) fn block(node: &Node<'_>) -> Result<usize> {
    let size = node.int_or("block_size", 0)?;
    usize::try_from(size)
        .map_err(|_| node.invalid(format_args!("block_size: expected no less than 0, got {size}")))
}

impl Operator for QuantizeLinear {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (x, scale, zero) = (inputs.tensor(0)?, inputs.tensor(1)?, inputs.optional(2)?);
        let element = match (zero.map(|zero| zero.element_type()), self.element) {
            (Some(zero), Some(element)) if zero != element => {
                return Err(failed(format!("output_dtype is {element}, but the zero point is of {zero}")));
            }
            (zero, element) => zero.or(element).unwrap_or(ElementType::UInt8),
        };
        let granularity = Granularity::new(x.shape, scale.shape, self.axis, self.block)?;
        let scales = Scales::new(&scale, zero.as_ref(), granularity, scope)?;
        let numbers = floats(&x, scope)?;
        let y = scales.quantized(&numbers, element, self.saturate, scope)?;
        scope.keep_cow(numbers);
        scales.keep(scope);
        one(x.shape, y)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i32s, tensor};
    use crate::{Result, SmallType, Tensor, TensorData};

    fn run(case: &Case, inputs: &[Tensor]) -> Result<Tensor> {
        Ok(case.run(inputs)?.remove(0))
    }

    fn quantize() -> Case {
        Case::new("", "QuantizeLinear", 21)
    }

    fn bytes(shape: &[usize], values: &[u8]) -> Tensor {
        tensor(shape, TensorData::UInt8(values.to_vec()))
    }

    /// ONNX's test_quantizelinear.
    #[test]
    fn rounds_and_saturates() {
        let x = f32s(&[6], &[0.0, 2.0, 3.0, 1000.0, -254.0, -1000.0]);
        let y = run(&quantize(), &[x, f32s(&[], &[2.0]), bytes(&[], &[128])]).unwrap();
        assert_eq!(y, bytes(&[6], &[128, 129, 130, 255, 1, 0]));
    }

    #[test]
    fn without_a_zero_point_it_gives_uint8_or_what_the_node_asks_for() {
        let inputs = [f32s(&[2], &[-3.0, 5.0]), f32s(&[], &[2.0])];
        assert_eq!(run(&quantize(), &inputs).unwrap(), bytes(&[2], &[0, 2]));
        let y = run(&quantize().int("output_dtype", 5), &inputs).unwrap();
        assert_eq!(y, tensor(&[2], TensorData::Int16(vec![-2, 2])));
        let y = run(&quantize().int("output_dtype", 3), &[i32s(&[1], &[-400]), f32s(&[], &[2.0])]).unwrap();
        assert_eq!(y, tensor(&[1], TensorData::Int8(vec![-128])));
    }

    #[test]
    fn scales_go_along_an_axis_or_by_blocks() {
        let x = f32s(&[2, 4], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
        let y = run(&quantize().int("axis", 0), &[x.clone(), f32s(&[2], &[1.0, 0.5]), bytes(&[2], &[0, 1])]);
        assert_eq!(y.unwrap(), bytes(&[2, 4], &[1, 2, 3, 4, 11, 13, 15, 17]));
        let scales = f32s(&[2, 2], &[1.0, 0.5, 0.25, 2.0]);
        let y = run(&quantize().int("block_size", 2), &[x, scales]).unwrap();
        assert_eq!(y, bytes(&[2, 4], &[1, 2, 6, 8, 20, 24, 4, 4]));
    }

    /// Numbers of ONNX's test_quantizelinear_e4m3fn, _int4 and _float4e2m1.
    #[test]
    fn small_types_are_one_to_a_byte() {
        let x = || f32s(&[5], &[0.0, 1.0, 2.0, 100_000.0, -200.0]);
        let to = |small: SmallType, scale: f32| {
            let zero = tensor(&[1], TensorData::Small(small, vec![0]));
            match run(&quantize(), &[x(), f32s(&[1], &[scale]), zero]).unwrap().into_data() {
                TensorData::Small(_, elements) => elements,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(to(SmallType::Float8E4M3Fn, 2.0), [0, 0x30, 0x38, 0x7e, 0xec]);
        assert_eq!(to(SmallType::Int4, 2.0), [0, 0, 1, 7, 0xf8]);
        assert_eq!(to(SmallType::UInt2, 1.0), [0, 1, 2, 3, 0]);
        assert_eq!(to(SmallType::Float4E2M1, 2.0), [0, 1, 2, 7, 15]);
    }

    #[test]
    fn nothing_has_no_scale() {
        let y = run(&quantize(), &[f32s(&[1 << 40, 0], &[]), f32s(&[0], &[])]).unwrap();
        assert_eq!(y, bytes(&[1 << 40, 0], &[]));
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let refused = |case: Case, inputs: &[Tensor]| run(&case, inputs).unwrap_err().message().to_owned();
        let (x, scale) = (f32s(&[2], &[1.0, 2.0]), f32s(&[], &[1.0]));
        assert_eq!(
            refused(quantize().int("output_dtype", 3), &[x.clone(), scale.clone(), bytes(&[], &[0])]),
            "output_dtype is int8, but the zero point is of uint8"
        );
        assert_eq!(
            refused(quantize(), &[x.clone(), scale.clone(), bytes(&[2], &[0, 0])]),
            "1 scales, but 2 zero points"
        );
        assert_eq!(
            refused(quantize().int("block_size", -1), &[x.clone(), scale.clone()]),
            "block_size: expected no less than 0, got -1"
        );
        assert_eq!(refused(quantize(), &[x, scale, i32s(&[], &[0])]), "numbers cannot be quantised to int32");
    }
}
