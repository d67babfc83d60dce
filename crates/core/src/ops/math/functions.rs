//! Functions of one number: `Abs`, `Neg`, `Sign`, `Floor`, `Ceil`, `Round`,
//! `Reciprocal`, `Sqrt`, `Exp`, `Log`, `Erf`, `Sin`, `Cos`, `Tanh`.
//! <https://onnx.ai/onnx/operators/onnx__Abs.html>, and so on.

use super::unary::Function;
use crate::Result;
use crate::ops::Node;
use edgeinfer_kernels::{erf, exp, tanh};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("Abs", |x, _| x.abs())
        .float32(|x, y| y.extend(x.iter().map(|x| x.abs())))
        .int(i64::wrapping_abs),
    Function::new("Neg", |x, _| -x).float32(|x, y| y.extend(x.iter().map(|x| -x))).int(i64::wrapping_neg),
    Function::new("Sign", |x, _| sign(x)).int(i64::signum),
    Function::new("Floor", |x, _| x.floor()),
    Function::new("Ceil", |x, _| x.ceil()),
    Function::new("Round", |x, _| x.round_ties_even()),
    Function::new("Reciprocal", |x, _| 1.0 / x).float32(|x, y| y.extend(x.iter().map(|x| 1.0 / x))),
    Function::new("Sqrt", |x, _| x.sqrt()).float32(|x, y| y.extend(x.iter().map(|x| x.sqrt()))),
    Function::new("Exp", |x, _| x.exp()).float32(|x, y| y.extend(x.iter().map(|&x| exp::exp(x)))),
    Function::new("Log", |x, _| x.ln()),
    Function::new("Erf", |x, _| erf::erf64(x)).float32(|x, y| y.extend(x.iter().map(|&x| erf::erf(x)))),
    Function::new("Sin", |x, _| x.sin()),
    Function::new("Cos", |x, _| x.cos()),
    Function::new("Tanh", |x, _| x.tanh()).float32(|x, y| y.extend(x.iter().map(|&x| tanh::tanh(x)))),
];

/// 0 for both zeros, NaN for NaN.
fn sign(x: f64) -> f64 {
    if x == 0.0 || x.is_nan() { x.abs() } else { x.signum() }
}

/// The name of the node's function: the operator's, save where an attribute or
/// an old operator set makes it another.
pub(super) fn name<'a>(node: &Node<'a>) -> Result<&'a str> {
    match node.step().op.as_str() {
        "Selu" if node.version() < 6 => Ok("Selu 1"),
        "Gelu" => match node.string_or("approximate", "none")? {
            "none" => Ok("Gelu"),
            "tanh" => Ok("Gelu tanh"),
            other => Err(node.invalid(format_args!("approximate: expected none or tanh, got {other:?}"))),
        },
        "Swish" if node.float_or("alpha", 1.0)? == 1.0 => Ok("Swish 1"),
        op => Ok(op),
    }
}

#[cfg(test)]
mod tests {
    use crate::TensorData;
    use crate::ops::math::testing::{close, of};
    use crate::ops::testing::{Case, f32s, i64s, tensor, texts};

    #[test]
    fn has_the_values_of_each_function() {
        close("Exp", &[-1.5, 0.0, 2.5], &[0.22313016014842982, 1.0, 12.182493960703473]);
        close("Log", &[0.5, 1.0, 10.0], &[-std::f64::consts::LN_2, 0.0, std::f64::consts::LN_10]);
        close("Sqrt", &[0.0, 2.0], &[0.0, std::f64::consts::SQRT_2]);
        close("Reciprocal", &[4.0, -0.5], &[0.25, -2.0]);
        close("Erf", &[-0.5, 2.0], &[-0.5204998778130465, 0.9953222650189527]);
        close("Sin", &[1.5], &[0.9974949866040544]);
        close("Cos", &[1.5], &[0.0707372016677029]);
        close("Tanh", &[0.5, -0.25], &[0.46211715726000975, -0.24491866240370913]);
    }

    #[test]
    fn rounds_down_up_and_half_to_even() {
        let x = f32s(&[5], &[0.5, 1.5, 2.5, -0.5, -1.2]);
        assert_eq!(of("Floor", x.clone()), f32s(&[5], &[0.0, 1.0, 2.0, -1.0, -2.0]));
        assert_eq!(of("Ceil", x.clone()), f32s(&[5], &[1.0, 2.0, 3.0, 0.0, -1.0]));
        assert_eq!(of("Round", x), f32s(&[5], &[0.0, 2.0, 2.0, 0.0, -1.0]));
    }

    #[test]
    fn takes_signs_away() {
        let x = f32s(&[4], &[-2.5, 0.0, -0.0, 3.0]);
        assert_eq!(of("Abs", x.clone()), f32s(&[4], &[2.5, 0.0, 0.0, 3.0]));
        assert_eq!(of("Neg", x.clone()), f32s(&[4], &[2.5, 0.0, 0.0, -3.0]));
        assert_eq!(of("Sign", x), f32s(&[4], &[-1.0, 0.0, 0.0, 1.0]));
        assert!(of("Sign", f32s(&[1], &[f32::NAN])).as_f32().unwrap()[0].is_nan());
    }

    #[test]
    fn integers_keep_their_type() {
        let x = i64s(&[3], &[-3, 0, i64::MIN]);
        assert_eq!(of("Abs", x.clone()), i64s(&[3], &[3, 0, i64::MIN]));
        assert_eq!(of("Sign", x), i64s(&[3], &[-1, 0, -1]));
        let x = tensor(&[2], TensorData::Int8(vec![-128, 5]));
        assert_eq!(of("Neg", x), tensor(&[2], TensorData::Int8(vec![-128, -5])));
    }

    #[test]
    fn refuses_what_has_no_such_function() {
        let error = Case::new("", "Exp", 13).run(&[i64s(&[1], &[1])]).unwrap_err();
        assert_eq!(error.message(), "elements of type int64 are not supported");
        assert!(Case::new("", "Abs", 13).run(&[texts(&[1], &["a"])]).is_err());
    }
}
