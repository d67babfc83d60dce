//! `Add`, `Sub`, `Mul`, `Div`, and `Mod`: integers wrap around, and are not
//! divided by 0.
//! <https://onnx.ai/onnx/operators/onnx__Add.html>,
//! <https://onnx.ai/onnx/operators/onnx__Sub.html>,
//! <https://onnx.ai/onnx/operators/onnx__Mul.html>,
//! <https://onnx.ai/onnx/operators/onnx__Div.html>,
//! <https://onnx.ai/onnx/operators/onnx__Mod.html>

use super::binary::{Pairwise, build};
use crate::Result;
use crate::ops::{Node, Operator};

pub(super) const ADD: Pairwise = Pairwise {
    float32: Some(|broadcast, a, b, y| broadcast.zip(a, b, y, |a, b| a + b)),
    float64: Some(|a, b| a + b),
    int: Some(i64::wrapping_add),
    divides: false,
};

const SUB: Pairwise = Pairwise {
    float32: Some(|broadcast, a, b, y| broadcast.zip(a, b, y, |a, b| a - b)),
    float64: Some(|a, b| a - b),
    int: Some(i64::wrapping_sub),
    divides: false,
};

const MUL: Pairwise = Pairwise {
    float32: Some(|broadcast, a, b, y| broadcast.zip(a, b, y, |a, b| a * b)),
    float64: Some(|a, b| a * b),
    int: Some(i64::wrapping_mul),
    divides: false,
};

/// Integers are rounded towards 0.
const DIV: Pairwise = Pairwise {
    float32: Some(|broadcast, a, b, y| broadcast.zip(a, b, y, |a, b| a / b)),
    float64: Some(|a, b| a / b),
    int: Some(|a, b| a.checked_div(b).unwrap_or(a)),
    divides: true,
};

/// The remainder has the sign of the divisor; integers only.
const MOD: Pairwise = Pairwise { float32: None, float64: None, int: Some(floor_mod), divides: true };

/// The remainder has the sign of the dividend, as C's `fmod`.
const FMOD: Pairwise = Pairwise {
    float32: None,
    float64: Some(|a, b| a % b),
    int: Some(|a, b| a.checked_rem(b).unwrap_or(0)),
    divides: true,
};

fn floor_mod(a: i64, b: i64) -> i64 {
    let rest = a.checked_rem(b).unwrap_or(0);
    if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest }
}

pub(super) fn add(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    build(node, ADD)
}

pub(super) fn sub(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    build(node, SUB)
}

pub(super) fn mul(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    build(node, MUL)
}

pub(super) fn div(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    build(node, DIV)
}

pub(super) fn modulo(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    build(node, if node.flag("fmod", false)? { FMOD } else { MOD })
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, f64s, i64s, tensor};
    use crate::{Tensor, TensorData};

    fn onnx(op: &str, a: Tensor, b: Tensor) -> Tensor {
        Case::new("", op, 14).run(&[a, b]).unwrap().remove(0)
    }

    #[test]
    fn calculates_with_each_pair_of_a_row_and_a_table() {
        let (a, b) = (f32s(&[2, 2], &[1.0, 2.0, 3.0, 4.0]), f32s(&[2], &[2.0, 4.0]));
        assert_eq!(onnx("Add", a.clone(), b.clone()), f32s(&[2, 2], &[3.0, 6.0, 5.0, 8.0]));
        assert_eq!(onnx("Sub", a.clone(), b.clone()), f32s(&[2, 2], &[-1.0, -2.0, 1.0, 0.0]));
        assert_eq!(onnx("Mul", a.clone(), b.clone()), f32s(&[2, 2], &[2.0, 8.0, 6.0, 16.0]));
        assert_eq!(onnx("Div", a, b), f32s(&[2, 2], &[0.5, 0.5, 1.5, 1.0]));
    }

    #[test]
    fn calculates_in_float64() {
        let y = onnx("Sub", f64s(&[1], &[1.0]), f64s(&[1], &[1e-15]));
        assert_eq!(y, f64s(&[1], &[1.0 - 1e-15]));
    }

    #[test]
    fn integers_wrap_around_in_their_own_type() {
        let int8 = |values: &[i8]| tensor(&[values.len()], TensorData::Int8(values.to_vec()));
        assert_eq!(onnx("Add", int8(&[127, 1]), int8(&[127, 2])), int8(&[-2, 3]));
        assert_eq!(onnx("Mul", int8(&[100]), int8(&[100])), int8(&[16]));
        assert_eq!(onnx("Div", int8(&[-128]), int8(&[-1])), int8(&[-128]));
        let extreme = onnx("Div", i64s(&[1], &[i64::MIN]), i64s(&[1], &[-1]));
        assert_eq!(extreme, i64s(&[1], &[i64::MIN]));
    }

    #[test]
    fn integers_are_divided_towards_0() {
        let y = onnx("Div", i64s(&[3], &[7, -7, 7]), i64s(&[3], &[2, 2, -3]));
        assert_eq!(y, i64s(&[3], &[3, -3, -2]));
    }

    #[test]
    fn integers_are_not_divided_by_0() {
        for op in ["Div", "Mod"] {
            let error = Case::new("", op, 14).run(&[i64s(&[2], &[7, 1]), i64s(&[2], &[1, 0])]).unwrap_err();
            assert_eq!(error.message(), "an integer is divided by 0");
        }
    }

    #[test]
    fn the_remainder_has_the_sign_of_the_divisor_or_as_asked_of_the_dividend() {
        let inputs = [i64s(&[5], &[7, -7, 7, -7, i64::MIN]), i64s(&[5], &[3, 3, -3, -3, -1])];
        let y = Case::new("", "Mod", 13).run(&inputs).unwrap();
        assert_eq!(y, [i64s(&[5], &[1, 2, -2, -1, 0])]);
        let y = Case::new("", "Mod", 13).int("fmod", 1).run(&inputs).unwrap();
        assert_eq!(y, [i64s(&[5], &[1, -1, 1, -1, 0])]);
    }

    #[test]
    fn the_remainder_of_fractions_is_that_of_fmod() {
        let inputs = [f32s(&[3], &[5.5, -5.5, 3.0]), f32s(&[3], &[3.0, 3.0, f32::INFINITY])];
        let y = Case::new("", "Mod", 13).int("fmod", 1).run(&inputs).unwrap();
        assert_eq!(y, [f32s(&[3], &[2.5, -2.5, 3.0])]);
        assert!(Case::new("", "Mod", 13).run(&inputs).is_err());
    }

    #[test]
    fn old_operator_sets_name_the_axis() {
        let inputs = [f32s(&[2, 2], &[1.0, 2.0, 3.0, 4.0]), f32s(&[2], &[10.0, 20.0])];
        let y = Case::new("", "Add", 6).int("broadcast", 1).int("axis", 0).run(&inputs).unwrap();
        assert_eq!(y, [f32s(&[2, 2], &[11.0, 12.0, 23.0, 24.0])]);
    }

    #[test]
    fn refuses_elements_of_two_types_and_texts() {
        let error = Case::new("", "Add", 14).run(&[f32s(&[1], &[1.0]), i64s(&[1], &[1])]).unwrap_err();
        assert_eq!(error.message(), "expected elements of one type, got float32 and int64");
        let texts = crate::ops::testing::texts(&[1], &["a"]);
        let error = Case::new("", "Add", 14).run(&[texts.clone(), texts]).unwrap_err();
        assert_eq!(error.message(), "elements of type string are not supported");
    }

    #[test]
    fn refuses_uint64_beyond_int64() {
        let large = tensor(&[1], TensorData::UInt64(vec![u64::MAX]));
        assert!(Case::new("", "Add", 14).run(&[large.clone(), large]).is_err());
    }
}
