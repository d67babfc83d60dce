//! `MatMulIntegerToFloat`, `DynamicQuantizeMatMul`: products with a quantised
//! matrix, in float32. Of onnxruntime's own domain.
//! <https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md>

use edgeinfer_kernels::quantize;

use super::dynamic_quantize_linear::fitting;
use super::product::{Bytes, Sums, product};
use super::rescale::{multiplied, single};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{Result, TensorData};

struct MatMulIntegerToFloat;

struct DynamicQuantizeMatMul;

pub(super) fn build(_: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(MatMulIntegerToFloat))
}

pub(super) fn dynamic(_: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(DynamicQuantizeMatMul))
}

impl Operator for MatMulIntegerToFloat {
    /// A, B, their scales, their zero points, and a bias; the last three may be
    /// left out.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (a, b) = (Bytes::read(inputs, 0, 4, scope)?, Bytes::read(inputs, 1, 5, scope)?);
        let a_scale = single("a_scale", &inputs.tensor(2)?, scope)?;
        let sums = product(&a, &b, scope)?;
        numbers(sums, a_scale, &inputs.tensor(3)?, inputs.optional(6)?, scope)
    }
}

impl Operator for DynamicQuantizeMatMul {
    /// A of float32, which is quantised as `DynamicQuantizeLinear` does it; B,
    /// its scale, its zero point and a bias, of which the last two may be left
    /// out.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (shape, x, b) = (inputs.tensor(0)?.shape, inputs.read(0)?, Bytes::read(inputs, 1, 3, scope)?);
        let by = fitting(x);
        let mut a = scope.zeros(x.len())?;
        quantize(x, by, &mut a);
        let bytes = TensorRef { shape, data: DataRef::UInt8(&a) };
        let sums = product(&Bytes { tensor: bytes, zeros: [by.zero as i16].as_slice().into() }, &b, scope)?;
        scope.keep(a);
        numbers(sums, by.scale, &inputs.tensor(2)?, inputs.optional(4)?, scope)
    }
}

/// `sums · a_scale · b_scale + bias`.
fn numbers(
    sums: Sums,
    a_scale: f32,
    b_scale: &TensorRef<'_>,
    bias: Option<TensorRef<'_>>,
    scope: &mut Scope,
) -> Result<Outputs> {
    let scales = multiplied(a_scale, b_scale, scope)?;
    let n = sums.n;
    if scales.len() != 1 && scales.len() != n {
        return Err(failed(format!("b_scale: expected 1 or {n} numbers, got {}", scales.len())));
    }
    let bias = bias.map(|bias| bias.read::<f32>().filter(|bias| bias.len() == n).ok_or(bias));
    let bias = bias.transpose().map_err(|bias| {
        failed(format!(
            "expected a bias of {n} numbers of float32, got {} of {}",
            bias.len(),
            bias.element_type()
        ))
    })?;
    let mut y = scope.vec(sums.values.len())?;
    for row in sums.values.chunks_exact(n.max(1)) {
        match scales.as_slice() {
            &[scale] => y.extend(row.iter().map(|sum| *sum as f32 * scale)),
            scales => y.extend(row.iter().zip(scales).map(|(sum, scale)| *sum as f32 * scale)),
        }
    }
    if let Some(bias) = bias {
        for row in y.chunks_exact_mut(n.max(1)) {
            row.iter_mut().zip(bias).for_each(|(y, bias)| *y += bias);
        }
    }
    scope.keep(sums.values);
    one(sums.shape, TensorData::Float32(y))
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, assert_close, f32s, tensor};
    use crate::{Result, Tensor, TensorData, Value};

    fn u8s(shape: &[usize], values: &[u8]) -> Tensor {
        tensor(shape, TensorData::UInt8(values.to_vec()))
    }

    fn i8s(shape: &[usize], values: &[i8]) -> Tensor {
        tensor(shape, TensorData::Int8(values.to_vec()))
    }

    fn run(op: &str, inputs: &[Option<Tensor>]) -> Result<Tensor> {
        let inputs: Vec<_> = inputs.iter().cloned().map(|input| input.map(Value::Tensor)).collect();
        match Case::new("com.microsoft", op, 1).run_values(&inputs)?.remove(0) {
            Value::Tensor(tensor) => Ok(tensor),
            other => panic!("{other:?} is no tensor"),
        }
    }

    #[test]
    fn scales_the_sums_and_adds_a_bias() {
        let (a, b) = (u8s(&[2, 2], &[1, 2, 3, 4]), i8s(&[2, 2], &[1, -2, 3, -4]));
        let mut inputs = vec![
            Some(a),
            Some(b),
            Some(f32s(&[], &[0.5])),
            Some(f32s(&[2], &[2.0, 4.0])),
            Some(u8s(&[], &[1])),
            None,
            Some(f32s(&[2], &[0.25, 0.5])),
        ];
        // [0 1; 2 3] · [1 -2; 3 -4] = [3 -4; 11 -16]
        let y = run("MatMulIntegerToFloat", &inputs).unwrap();
        assert_eq!(y, f32s(&[2, 2], &[3.25, -7.5, 11.25, -31.5]));
        inputs[6] = Some(f32s(&[1], &[0.25]));
        let error = run("MatMulIntegerToFloat", &inputs).unwrap_err();
        assert_eq!(error.message(), "expected a bias of 2 numbers of float32, got 1 of float32");
        inputs[3] = Some(f32s(&[3], &[1.0; 3]));
        let error = run("MatMulIntegerToFloat", &inputs).unwrap_err();
        assert_eq!(error.message(), "b_scale: expected 1 or 2 numbers, got 3");
    }

    /// onnxruntime's numbers.
    #[test]
    fn quantises_a_as_it_comes() {
        let a = f32s(&[2, 3], &[0.5, -1.0, 2.0, 0.25, 1.5, -0.75]);
        let b = i8s(&[3, 2], &[10, -20, 30, 40, -50, 60]);
        let scale = f32s(&[2], &[0.1, 0.2]);
        let y = run(
            "DynamicQuantizeMatMul",
            &[Some(a), Some(b), Some(scale), None, Some(f32s(&[2], &[1.0, 2.0]))],
        );
        assert_close(y.unwrap().as_f32().unwrap(), &[-11.505_883, 16.023_53, 9.529_412, 4.023_529_5]);
    }
}
