//! What tests of functions of one number share.

use crate::ops::testing::{Case, f32s, f64s};
use crate::{Tensor, TensorData};

/// What operator `op` makes of `x`.
pub(super) fn of(op: &str, x: Tensor) -> Tensor {
    Case::new("", op, 13).run(&[x]).unwrap().remove(0)
}

/// Asserts that `op` gives `expected` for `x`, in both precisions.
pub(super) fn close(op: &str, x: &[f64], expected: &[f64]) {
    let TensorData::Float64(y) = of(op, f64s(&[x.len()], x)).into_data() else { panic!("{op}") };
    let narrow: Vec<_> = x.iter().map(|&x| x as f32).collect();
    let narrow = of(op, f32s(&[x.len()], &narrow)).as_f32().unwrap().to_vec();
    for ((y, narrow), expected) in y.iter().zip(narrow).zip(expected) {
        assert!((y - expected).abs() <= 1e-14, "{op}: expected {expected}, got {y}");
        let error = (f64::from(narrow) - expected).abs();
        assert!(error <= 5e-7 * expected.abs(), "{op}: expected {expected}, got {narrow}");
    }
}

/// Asserts what `case` gives for -3, -0.5 and 2.
pub(super) fn assert_values(case: &Case, expected: [f64; 3]) {
    let y = case.run(&[f32s(&[3], &[-3.0, -0.5, 2.0])]).unwrap();
    for (y, expected) in y[0].as_f32().unwrap().iter().zip(expected) {
        let error = (f64::from(*y) - expected).abs();
        assert!(error <= 5e-7 * expected.abs() + 1e-8, "expected {expected}, got {y}");
    }
}

/// The operator `op` of a late version.
pub(super) fn onnx(op: &str) -> Case {
    Case::new("", op, 22)
}
