//! `MatMulBnb4`: products with a matrix of sixteen values, as bitsandbytes makes them,
//! and a scale for each block. Of onnxruntime's own domain.
//! <https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.MatMulBnb4>

use super::by_columns::multiply;
use crate::ops::numbers::floats;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::{Result, Shape, TensorData};

/// The values of FP4: a sign, two bits of an exponent and one of a fraction, by the
/// largest of them.
const FP4: [f32; 16] = {
    const THIRD: f32 = 1.0 / 3.0;
    const SIXTH: f32 = 1.0 / 6.0;
    const LEAST: f32 = 1.0 / 192.0;
    let below = [-0.0, -LEAST, -2.0 * THIRD, -1.0, -THIRD, -0.5, -SIXTH, -0.25];
    let [a, b, c, d, e, f, g, h] = below;
    [0.0, LEAST, 2.0 * THIRD, 1.0, THIRD, 0.5, SIXTH, 0.25, a, b, c, d, e, f, g, h]
};

/// The values of NF4, with as many normal numbers between any two.
/// <https://arxiv.org/abs/2305.14314>
const NF4: [f32; 16] = [
    -1.0,
    -0.696_192_8,
    -0.525_073_05,
    -0.394_917_5,
    -0.284_441_38,
    -0.184_773_43,
    -0.091_050_036,
    0.0,
    0.079_580_3,
    0.160_930_2,
    0.246_112_3,
    0.337_915_24,
    0.440_709_83,
    0.562_617,
    0.722_956_84,
    1.0,
];

struct MatMulBnb4 {
    k: usize,
    n: usize,
    block: usize,
    values: &'static [f32; 16],
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let size = |name: &str| -> Result<usize> {
        let value = node.int_or(name, 0)?;
        let size = usize::try_from(value).ok().filter(|size| *size > 0);
        size.ok_or_else(|| node.invalid(format_args!("{name}: expected a number above 0, got {value}")))
    };
    if !node.flag("transB", true)? {
        return Err(node.unsupported("transB = 0 is for training, and not supported"));
    }
    let values = match node.int_or("quant_type", 1)? {
        0 => &FP4,
        1 => &NF4,
        other => return Err(node.invalid(format_args!("quant_type: expected 0 or 1, got {other}"))),
    };
    Ok(Box::new(MatMulBnb4 { k: size("K")?, n: size("N")?, block: size("block_size")?, values }))
}

impl Operator for MatMulBnb4 {
    /// A `[…, K]` of float32; B as uint8, two values in each byte, the first in its
    /// highest bits, column after column; the scales of their blocks.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (&Self { k, n, .. }, a) = (self, inputs.tensor(0)?);
        let Some((_, dims)) = a.shape.split_last().filter(|(last, _)| **last == k) else {
            return Err(failed(format!("expected rows of K = {k} numbers, got shape {:?}", a.shape)));
        };
        let (bytes, scales) = (inputs.read::<u8>(1)?, floats(&inputs.tensor(2)?, scope)?);
        let count = k.checked_mul(n).ok_or_else(|| failed("K and N are too large"))?;
        let (own, blocks) = (count.div_ceil(2), count.div_ceil(self.block));
        if (bytes.len(), scales.len()) != (own, blocks) {
            let (bytes, scales) = (bytes.len(), scales.len());
            return Err(failed(format!(
                "K = {k} and N = {n} take {own} bytes and {blocks} scales, got {bytes} and {scales}"
            )));
        }
        let x = floats(&a, scope)?;
        let length = (x.len() / k).checked_mul(n);
        let length = length.ok_or_else(|| failed("the product has too many elements"))?;
        let mut y = scope.zeros(length)?;
        multiply(&x, [k, n], &mut |column, w| self.numbers(bytes, &scales, column, w), &mut y, scope)?;
        scope.keep_cow(x);
        scope.keep_cow(scales);
        let mut shape = Shape::from_slice(dims);
        shape.push(n);
        one(shape, TensorData::Float32(y))
    }
}

impl MatMulBnb4 {
    /// The numbers of a column of B.
    fn numbers(&self, bytes: &[u8], scales: &[f32], column: usize, w: &mut [f32]) {
        for (w, index) in w.iter_mut().zip(column * self.k..) {
            let byte = bytes.get(index / 2).copied().unwrap_or_default();
            let code = byte >> (4 * (1 - index % 2)) & 15;
            let value = self.values.get(usize::from(code)).copied().unwrap_or_default();
            *w = value * scales.get(index / self.block).copied().unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{Case, assert_close, f32s, tensor};
    use crate::{ErrorKind, Tensor};

    fn run(kind: i64, k: usize, n: usize, inputs: &[Tensor]) -> Result<Tensor> {
        let case = Case::new("com.microsoft", "MatMulBnb4", 1).int("quant_type", kind).int("block_size", 16);
        Ok(case.int("K", k as i64).int("N", n as i64).run(inputs)?.remove(0))
    }

    fn u8s(values: Vec<u8>) -> Tensor {
        tensor(&[values.len()], TensorData::UInt8(values))
    }

    #[test]
    fn is_the_product_with_the_values() {
        // More columns than are made at a time, and blocks that begin in one and end in
        // the next.
        let (k, n) = (10, 67);
        let bytes: Vec<u8> = (0..335).map(|i| (i * 37 % 256) as u8).collect();
        let scales: Vec<f32> = (0..42).map(|i| 0.5 + i as f32 / 8.0).collect();
        let x: Vec<f32> = (0..2 * k).map(|i| (i % 7) as f32 - 3.0).collect();
        for (kind, values) in [(0, FP4), (1, NF4)] {
            let number =
                |i: usize| values[usize::from(bytes[i / 2] >> (4 * (1 - i % 2)) & 15)] * scales[i / 16];
            let sum = |row: usize, column: usize| -> f32 {
                (0..k).map(|i| x[row * k + i] * number(column * k + i)).sum()
            };
            let expected: Vec<_> =
                (0..2).flat_map(|row| (0..n).map(move |column| sum(row, column))).collect();
            let inputs = [f32s(&[2, k], &x), u8s(bytes.clone()), f32s(&[42], &scales)];
            assert_close(run(kind, k, n, &inputs).unwrap().as_f32().unwrap(), &expected);
        }
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let inputs = [f32s(&[1, 16], &[1.0; 16]), u8s(vec![0; 7]), f32s(&[1], &[1.0])];
        let error = run(1, 16, 1, &inputs).unwrap_err();
        assert_eq!(error.message(), "K = 16 and N = 1 take 8 bytes and 1 scales, got 7 and 1");
        let error = run(1, 8, 1, &inputs).unwrap_err();
        assert_eq!(error.message(), "expected rows of K = 8 numbers, got shape [1, 16]");
        assert_eq!(run(2, 16, 1, &inputs).unwrap_err().kind(), ErrorKind::InvalidModel);
    }
}
