//! `MatMulInteger`: products of 8-bit matrices.
//! <https://onnx.ai/onnx/operators/onnx__MatMulInteger.html>

use super::product::{Bytes, product};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::{Result, TensorData};

struct MatMulInteger;

pub(super) fn build(_: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(MatMulInteger))
}

impl Operator for MatMulInteger {
    /// A `[…, m, k]` and B `[…, k, n]` of int8 or uint8, then their zero points:
    /// one, or one for each row of A and each column of B.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (a, b) = (Bytes::read(inputs, 0, 2, scope)?, Bytes::read(inputs, 1, 3, scope)?);
        let sums = product(&a, &b, scope)?;
        one(sums.shape, TensorData::Int32(sums.values))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i32s, tensor};
    use crate::{Result, Tensor, TensorData};

    fn run(inputs: &[Tensor]) -> Result<Tensor> {
        Ok(Case::new("", "MatMulInteger", 10).run(inputs)?.remove(0))
    }

    fn u8s(shape: &[usize], values: &[u8]) -> Tensor {
        tensor(shape, TensorData::UInt8(values.to_vec()))
    }

    fn i8s(shape: &[usize], values: &[i8]) -> Tensor {
        tensor(shape, TensorData::Int8(values.to_vec()))
    }

    /// ONNX's test_matmulinteger.
    #[test]
    fn multiplies_with_zero_points() {
        let a = u8s(&[4, 3], &[11, 7, 3, 10, 6, 2, 9, 5, 1, 8, 4, 0]);
        let b = u8s(&[3, 2], &[1, 4, 2, 5, 3, 6]);
        let y = run(&[a, b, u8s(&[1], &[12]), u8s(&[1], &[0])]).unwrap();
        assert_eq!(y, i32s(&[4, 2], &[-38, -83, -44, -98, -50, -113, -56, -128]));
    }

    #[test]
    fn zero_points_may_be_by_rows_of_a_and_columns_of_b() {
        let (a, b) = (u8s(&[2, 2], &[1, 2, 3, 4]), i8s(&[2, 2], &[1, -2, 3, -4]));
        let y = run(&[a, b, u8s(&[2], &[1, 3]), i8s(&[2], &[1, -2])]).unwrap();
        // [0 1; 0 1] · [0 0; 2 -2]
        assert_eq!(y, i32s(&[2, 2], &[2, -2, 2, -2]));
    }

    #[test]
    fn matrices_are_broadcast_with_their_zero_points() {
        let (a, b) = (i8s(&[1, 2], &[1, 2]), i8s(&[2, 2, 1], &[1, 2, 3, 4]));
        let y = run(&[a, b, i8s(&[], &[0]), i8s(&[2, 1, 1], &[1, 2])]).unwrap();
        assert_eq!(y, i32s(&[2, 1, 1], &[2, 5]));
        let y = run(&[i8s(&[2, 0], &[]), i8s(&[0, 1], &[])]).unwrap();
        assert_eq!(y, i32s(&[2, 1], &[0, 0]));
    }

    #[test]
    fn refuses_other_types_and_zero_points_that_do_not_fit() {
        let (a, b) = (u8s(&[1, 2], &[1, 2]), i8s(&[2, 2], &[1, -2, 3, -4]));
        let refused = |inputs: &[Tensor]| run(inputs).unwrap_err().message().to_owned();
        assert_eq!(
            refused(&[f32s(&[1, 1], &[1.0]), i8s(&[1, 1], &[1])]),
            "expected elements of int8 or uint8, got float32"
        );
        assert_eq!(
            refused(&[a.clone(), b.clone(), i8s(&[], &[1])]),
            "a tensor of uint8 has a zero point of int8"
        );
        let zeros = u8s(&[3], &[1, 2, 3]);
        assert_eq!(refused(&[a.clone(), b.clone(), zeros]), "3 zero points do not fit 2 elements");
        let zeros = i8s(&[3], &[1, 2, 3]);
        assert_eq!(refused(&[a, b, u8s(&[], &[1]), zeros]), "3 zero points do not fit 2 columns");
    }
}
