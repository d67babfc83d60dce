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
    use crate::ops::math::testing::close;
    use crate::ops::testing::{Case, f32s};

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
