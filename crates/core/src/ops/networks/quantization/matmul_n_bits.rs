//! `MatMulNBits`: products with a matrix whose numbers have 2, 4 or 8 bits and a
//! scale for each block. Of onnxruntime's own domain.
//! <https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.MatMulNBits>

use edgeinfer_kernels::{dequantize, dequantize_halves};

use super::by_columns::multiply;
use crate::ops::numbers::floats;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{Result, Shape, TensorData};

struct MatMulNBits {
    k: usize,
    n: usize,
    bits: usize,
    block: usize,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let size = |name: &str| -> Result<usize> {
        let value = node.int_or(name, 0)?;
        let size = usize::try_from(value).ok().filter(|size| *size > 0);
        size.ok_or_else(|| node.invalid(format_args!("{name}: expected a number above 0, got {value}")))
    };
    let bits = node.int_or("bits", 4)?;
    if node.int_or("weight_prepacked", 0)? != 0 {
        return Err(node.unsupported("weights that are packed for another device are not supported"));
    }
    match (bits, size("block_size")?) {
        (2 | 4 | 8, block) if block % 8 == 0 => {
            Ok(Box::new(MatMulNBits { k: size("K")?, n: size("N")?, bits: bits as usize, block }))
        }
        (2 | 4 | 8, block) => {
            Err(node.invalid(format_args!("block_size: expected a multiple of 8, got {block}")))
        }
        (bits, _) => Err(node.unsupported(format_args!("bits: expected 2, 4 or 8, got {bits}"))),
    }
}

/// The columns of B as rows: their bytes, scales and zero points.
struct Columns<'a> {
    bytes: &'a [u8],
    scales: &'a [f32],
    zeros: Zeros<'a>,
}

enum Zeros<'a> {
    None,
    Packed(&'a [u8]),
    Numbers(&'a [f32]),
}

impl Operator for MatMulNBits {
    /// A `[…, K]` of float32; B `[N, blocks, bytes]` of uint8; scales
    /// `[N, blocks]`; zero points, packed as B is or of float32; no group
    /// indices; a bias `[N]`.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (&Self { k, n, .. }, a) = (self, inputs.tensor(0)?);
        let Some((_, dims)) = a.shape.split_last().filter(|(last, _)| **last == k) else {
            return Err(failed(format!("expected rows of K = {k} numbers, got shape {:?}", a.shape)));
        };
        if inputs.optional(4)?.is_some() {
            return Err(failed("group indices are not supported"));
        }
        let (x, scales) = (floats(&a, scope)?, floats(&inputs.tensor(2)?, scope)?);
        let columns = self.columns(inputs.read(1)?, &scales, inputs.optional(3)?)?;
        let length =
            (x.len() / k).checked_mul(n).ok_or_else(|| failed("the product has too many elements"))?;
        let mut y = scope.zeros(length)?;
        multiply(&x, [k, n], &mut |column, w| self.numbers(&columns, column, w), &mut y, scope)?;
        if let Some(bias) = inputs.optional(5)? {
            let bias = floats(&bias, scope)?;
            for y in y.chunks_exact_mut(n) {
                y.iter_mut().zip(bias.iter()).for_each(|(y, bias)| *y += bias);
            }
            scope.keep_cow(bias);
        }
        scope.keep_cow(x);
        scope.keep_cow(scales);
        let mut shape = Shape::from_slice(dims);
        shape.push(n);
        one(shape, TensorData::Float32(y))
    }
}

impl MatMulNBits {
    /// The number of blocks in a column.
    fn blocks(&self) -> usize {
        self.k.div_ceil(self.block)
    }

    /// The bytes of a column's packed zero points.
    fn zero_bytes(&self) -> usize {
        (self.blocks() * self.bits).div_ceil(8)
    }

    fn columns<'a>(
        &self,
        bytes: &'a [u8],
        scales: &'a [f32],
        zeros: Option<TensorRef<'a>>,
    ) -> Result<Columns<'a>> {
        let fits = |name: &str, length: usize, each: Option<usize>| match each
            .and_then(|each| each.checked_mul(self.n))
        {
            Some(expected) if expected == length => Ok(()),
            _ => {
                Err(failed(format!("{name}: {length} elements do not fit K = {} and N = {}", self.k, self.n)))
            }
        };
        fits("B", bytes.len(), self.blocks().checked_mul(self.block / 8 * self.bits))?;
        fits("scales", scales.len(), Some(self.blocks()))?;
        let zeros = match zeros.map(|zeros| (zeros.data, zeros.element_type())) {
            None => Zeros::None,
            Some((DataRef::UInt8(zeros), _)) => {
                fits("zero_points", zeros.len(), Some(self.zero_bytes()))?;
                Zeros::Packed(zeros)
            }
            Some((DataRef::Float32(zeros), _)) => {
                fits("zero_points", zeros.len(), Some(self.blocks()))?;
                Zeros::Numbers(zeros)
            }
            Some((_, other)) => {
                return Err(failed(format!("zero_points: expected uint8 or float32, got {other}")));
            }
        };
        Ok(Columns { bytes, scales, zeros })
    }

    /// The numbers of a column of B.
    fn numbers(&self, columns: &Columns<'_>, column: usize, w: &mut [f32]) {
        let (blocks, size) = (self.blocks(), self.block / 8 * self.bits);
        for (place, w) in w.chunks_mut(self.block).enumerate() {
            let block = column * blocks + place;
            let bytes = columns.bytes.get(block * size..).unwrap_or_default();
            let scale = columns.scales.get(block).copied().unwrap_or_default();
            let zero = match columns.zeros {
                Zeros::None => (1u16 << (self.bits - 1)).into(),
                Zeros::Numbers(zeros) => zeros.get(block).copied().unwrap_or_default(),
                Zeros::Packed(zeros) => {
                    let zeros = zeros.get(column * self.zero_bytes()..).unwrap_or_default();
                    f32::from(packed(zeros, self.bits, place))
                }
            };
            match self.bits {
                8 => dequantize(bytes, scale, zero, w),
                4 => dequantize_halves(bytes, scale, zero, w),
                bits => {
                    let number = |(index, w): (usize, &mut f32)| {
                        *w = (f32::from(packed(bytes, bits, index)) - zero) * scale;
                    };
                    w.iter_mut().enumerate().for_each(number);
                }
            }
        }
    }
}

/// Number `index` of those that are packed into `bytes`, the first in a byte's
/// lowest bits.
fn packed(bytes: &[u8], bits: usize, index: usize) -> u8 {
    let each = 8 / bits;
    let byte = bytes.get(index / each).copied().unwrap_or_default();
    byte >> (index % each * bits) & (u8::MAX >> (8 - bits))
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, assert_close, f32s, tensor};
    use crate::{Result, Tensor, TensorData, Value};

    fn case(bits: i64, k: i64, n: i64) -> Case {
        let case = Case::new("com.microsoft", "MatMulNBits", 1).int("bits", bits).int("block_size", 16);
        case.int("K", k).int("N", n)
    }

    fn run(case: &Case, inputs: &[Option<Tensor>]) -> Result<Tensor> {
        let inputs: Vec<_> = inputs.iter().cloned().map(|input| input.map(Value::Tensor)).collect();
        match case.run_values(&inputs)?.remove(0) {
            Value::Tensor(tensor) => Ok(tensor),
            other => panic!("{other:?} is no tensor"),
        }
    }

    fn u8s(shape: &[usize], values: &[u8]) -> Tensor {
        tensor(shape, TensorData::UInt8(values.to_vec()))
    }

    /// Bytes that are all different, and the numbers of `bits` in them.
    fn weights(count: usize, bits: usize) -> (Vec<u8>, Vec<f32>) {
        let bytes: Vec<u8> = (0..count).map(|i| (i * 37 + 11) as u8).collect();
        let numbers = bytes.iter().flat_map(|byte| {
            (0..8 / bits).map(move |place| f32::from(byte >> (place * bits) & (0xff >> (8 - bits))))
        });
        (bytes.clone(), numbers.collect())
    }

    #[test]
    fn is_the_product_with_the_numbers_of_each_width() {
        // More columns than are made at a time, and a last block that is not full.
        let (k, n, rows) = (20, 67, 3);
        for bits in [2, 4, 8] {
            let (bytes, numbers) = weights(n * 2 * 16 * bits / 8, bits);
            let scales: Vec<f32> = (0..n * 2).map(|i| 0.5 + i as f32 / 8.0).collect();
            let zeros: Vec<f32> = (0..n * 2).map(|i| (i % 3) as f32).collect();
            let x: Vec<f32> = (0..rows * k).map(|i| (i % 7) as f32 - 3.0).collect();
            let mut expected = Vec::new();
            for (row, column) in (0..rows).flat_map(|row| (0..n).map(move |column| (row, column))) {
                expected.push((0..k).fold(1.0, |sum, i| {
                    let block = column * 2 + i / 16;
                    sum + x[row * k + i] * (numbers[block * 16 + i % 16] - zeros[block]) * scales[block]
                }));
            }
            let inputs = [
                Some(f32s(&[rows, k], &x)),
                Some(u8s(&[n, 2, 16 * bits / 8], &bytes)),
                Some(f32s(&[n * 2], &scales)),
                Some(f32s(&[n * 2], &zeros)),
                None,
                Some(f32s(&[n], &vec![1.0; n])),
            ];
            let y = run(&case(bits as i64, k as i64, n as i64), &inputs).unwrap();
            assert_eq!(y.shape(), [rows, n]);
            assert_close(y.as_f32().unwrap(), &expected);
        }
    }

    #[test]
    fn zero_points_are_packed_or_the_middle() {
        let x = Some(f32s(&[1, 32], &[1.0; 32]));
        let (b, scales) = (Some(u8s(&[1, 2, 8], &[0x99; 16])), Some(f32s(&[2], &[1.0, 2.0])));
        let y = run(&case(4, 32, 1), &[x.clone(), b.clone(), scales.clone()]).unwrap();
        assert_eq!(y, f32s(&[1, 1], &[16.0 + 32.0]));
        let y = run(&case(4, 32, 1), &[x, b, scales, Some(u8s(&[1, 1], &[0x7a]))]).unwrap();
        assert_eq!(y, f32s(&[1, 1], &[-16.0 + 64.0]));
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let inputs =
            [Some(f32s(&[1, 16], &[1.0; 16])), Some(u8s(&[1, 1, 8], &[0; 8])), Some(f32s(&[1], &[1.0]))];
        let refused = |case: Case| run(&case, &inputs).unwrap_err().message().to_owned();
        assert_eq!(refused(case(4, 32, 1)), "expected rows of K = 32 numbers, got shape [1, 16]");
        assert_eq!(refused(case(4, 16, 2)), "B: 8 elements do not fit K = 16 and N = 2");
        assert_eq!(refused(case(3, 16, 1)), "bits: expected 2, 4 or 8, got 3");
        assert_eq!(refused(case(4, 16, 0)), "N: expected a number above 0, got 0");
        assert_eq!(
            refused(case(4, 16, 1).int("block_size", 4)),
            "block_size: expected a multiple of 8, got 4"
        );
    }
}
