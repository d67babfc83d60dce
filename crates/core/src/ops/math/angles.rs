//! Functions of one number that classic models have no use for: `BitwiseNot`, and
//! those of angles but `Sin` and `Cos`.
//! <https://onnx.ai/onnx/operators/onnx__Tan.html>, and so on.

use super::unary::Function;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("Tan", |x, _| x.tan()),
    Function::new("Asin", |x, _| x.asin()),
    Function::new("Acos", |x, _| x.acos()),
    Function::new("Atan", |x, _| x.atan()),
    Function::new("Sinh", |x, _| x.sinh()),
    Function::new("Cosh", |x, _| x.cosh()),
    Function::new("Asinh", |x, _| x.asinh()),
    Function::new("Acosh", |x, _| x.acosh()),
    Function::new("Atanh", |x, _| x.atanh()),
    BITWISE_NOT,
];

const BITWISE_NOT: Function = Function {
    name: "BitwiseNot",
    parameters: &[],
    float32: None,
    float64: None,
    int: Some(|x| !x),
    cut: false,
};

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, f64s};
    use crate::{Tensor, TensorData};

    fn of(op: &str, x: Tensor) -> Tensor {
        Case::new("", op, 13).run(&[x]).unwrap().remove(0)
    }

    fn close(op: &str, x: &[f64], expected: &[f64]) {
        let TensorData::Float64(y) = of(op, f64s(&[x.len()], x)).into_data() else { panic!("{op}") };
        let narrow: Vec<_> = x.iter().map(|&x| x as f32).collect();
        let narrow = of(op, f32s(&[x.len()], &narrow)).as_f32().unwrap().to_vec();
        for ((y, narrow), expected) in y.iter().zip(narrow).zip(expected) {
            assert!((y - expected).abs() <= 1e-14, "{op}: expected {expected}, got {y}");
            let error = (f64::from(narrow) - expected).abs();
            assert!(error <= 5e-7 * expected.abs(), "{op}: expected {expected}, got {narrow}");
        }
    }

    #[test]
    fn has_the_values_of_each_function() {
        close("Tan", &[0.5], &[0.5463024898437905]);
        close("Asin", &[0.25], &[0.25268025514207865]);
        close("Acos", &[0.25], &[1.318116071652818]);
        close("Atan", &[0.5], &[0.4636476090008061]);
        close("Sinh", &[0.5], &[0.5210953054937474]);
        close("Cosh", &[0.5], &[1.1276259652063807]);
        close("Asinh", &[0.5], &[0.48121182505960347]);
        close("Acosh", &[1.5], &[0.9624236501192069]);
        close("Atanh", &[0.5], &[0.5493061443340549]);
    }

    #[test]
    fn only_whole_numbers_have_bits() {
        assert!(Case::new("", "BitwiseNot", 18).run(&[f32s(&[1], &[1.0])]).is_err());
    }
}
