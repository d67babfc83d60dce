//! `BitwiseAnd`, `BitwiseOr`, `BitwiseXor`, `BitwiseNot`, `BitShift`.
//! <https://onnx.ai/onnx/operators/onnx__BitwiseAnd.html>,
//! <https://onnx.ai/onnx/operators/onnx__BitwiseOr.html>,
//! <https://onnx.ai/onnx/operators/onnx__BitwiseXor.html>,
//! <https://onnx.ai/onnx/operators/onnx__BitwiseNot.html>,
//! <https://onnx.ai/onnx/operators/onnx__BitShift.html>

use super::binary::{Pairwise, build};
use crate::Result;
use crate::ops::{Node, Operator};

pub(super) fn and(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    build(node, of_integers(|a, b| a & b))
}

pub(super) fn or(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    build(node, of_integers(|a, b| a | b))
}

pub(super) fn xor(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    build(node, of_integers(|a, b| a ^ b))
}

pub(super) fn shift(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    match node.string_or("direction", "")? {
        "LEFT" => build(node, of_integers(left)),
        "RIGHT" => build(node, of_integers(right)),
        other => Err(node.invalid(format_args!("direction: expected LEFT or RIGHT, got {other:?}"))),
    }
}

const fn of_integers(f: fn(i64, i64) -> i64) -> Pairwise {
    Pairwise { float32: None, float64: None, int: Some(f), divides: false }
}

/// Bits that are shifted out are lost, as in onnxruntime.
fn left(a: i64, by: i64) -> i64 {
    u32::try_from(by).ok().and_then(|by| a.checked_shl(by)).unwrap_or(0)
}

/// Of numbers without a sign.
fn right(a: i64, by: i64) -> i64 {
    u32::try_from(by).ok().and_then(|by| a.checked_shr(by)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use crate::TensorData;
    use crate::ops::testing::{Case, i64s, tensor};

    #[test]
    fn connects_bits() {
        let inputs = [i64s(&[2], &[0b1100, -1]), i64s(&[], &[0b1010])];
        for (op, expected) in
            [("BitwiseAnd", [0b1000, 0b1010]), ("BitwiseOr", [0b1110, -1]), ("BitwiseXor", [0b0110, -11])]
        {
            assert_eq!(Case::new("", op, 18).run(&inputs).unwrap(), [i64s(&[2], &expected)], "{op}");
        }
    }

    #[test]
    fn negates_bits_of_the_elements_type() {
        let x = tensor(&[2], TensorData::UInt8(vec![0, 0b1010]));
        let y = Case::new("", "BitwiseNot", 18).run(&[x]).unwrap();
        assert_eq!(y, [tensor(&[2], TensorData::UInt8(vec![255, 0b1111_0101]))]);
    }

    #[test]
    fn shifts_bits_out() {
        let uint8 = |values: [u8; 3]| tensor(&[3], TensorData::UInt8(values.to_vec()));
        let inputs = [uint8([1, 255, 3]), uint8([1, 4, 200])];
        let y = Case::new("", "BitShift", 11).string("direction", "LEFT").run(&inputs).unwrap();
        assert_eq!(y, [uint8([2, 240, 0])]);
        let y = Case::new("", "BitShift", 11).string("direction", "RIGHT").run(&inputs).unwrap();
        assert_eq!(y, [uint8([0, 15, 0])]);
        assert!(Case::new("", "BitShift", 11).string("direction", "UP").run(&inputs).is_err());
    }
}
