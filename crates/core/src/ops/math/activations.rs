//! Activation functions of small networks: `Relu`, `LeakyRelu`, `Elu`, `Sigmoid`,
//! `HardSigmoid`, `Softplus`, `Softsign`. `Tanh` is among the functions.
//! <https://onnx.ai/onnx/operators/onnx__Relu.html>, and so on.

use super::unary::Function;
use edgeinfer_kernels::exp;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("Relu", |x, _| if x < 0.0 { 0.0 } else { x })
        .float32(|x, y| y.extend(x.iter().map(|&x| if x < 0.0 { 0.0 } else { x })))
        .int(|x| x.max(0)),
    Function::new("LeakyRelu", |x, [alpha, _]| if x < 0.0 { alpha * x } else { x }).with(&[("alpha", 0.01)]),
    Function::new("Elu", |x, [alpha, _]| if x < 0.0 { alpha * x.exp_m1() } else { x })
        .with(&[("alpha", 1.0)]),
    Function::new("Sigmoid", |x, _| sigmoid(x)).float32(|x, y| y.extend(x.iter().map(|&x| exp::sigmoid(x)))),
    Function::new("HardSigmoid", |x, [alpha, beta]| (alpha * x + beta).clamp(0.0, 1.0))
        .with(&[("alpha", 0.2), ("beta", 0.5)]),
    Function::new("Softplus", |x, _| softplus(x)),
    Function::new("Softsign", |x, _| x / (1.0 + x.abs())),
];

pub(super) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// `ln(1 + e^x)`, in a form in which nothing overflows.
pub(super) fn softplus(x: f64) -> f64 {
    (if x < 0.0 { 0.0 } else { x }) + (-x.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    use crate::ops::math::testing::{assert_values, onnx};
    use crate::ops::testing::{f32s, f64s, i64s};

    #[test]
    fn cuts_or_bends_what_is_below_0() {
        assert_values(&onnx("Relu"), [0.0, 0.0, 2.0]);
        assert_values(&onnx("LeakyRelu"), [-0.03, -0.005, 2.0]);
        assert_values(&onnx("LeakyRelu").float("alpha", 0.5), [-1.5, -0.25, 2.0]);
        assert_values(
            &onnx("Elu").float("alpha", 2.0),
            [-1.900_425_863_264_272, -0.786_938_680_574_733_2, 2.0],
        );
    }

    #[test]
    fn bends_smoothly() {
        assert_values(&onnx("Softplus"), [0.048587352, 0.474076984, 2.126928011]);
        assert_values(&onnx("Softsign"), [-0.75, -1.0 / 3.0, 2.0 / 3.0]);
    }

    #[test]
    fn brings_numbers_between_0_and_1() {
        assert_values(&onnx("Sigmoid"), [0.04742587317756678, 0.37754066879814546, 0.8807970779778823]);
        assert_values(&onnx("HardSigmoid"), [0.0, 0.4, 0.9]);
        assert_values(&onnx("HardSigmoid").float("alpha", 1.0).float("beta", 0.0), [0.0, 0.0, 1.0]);
    }

    #[test]
    fn nothing_overflows() {
        let x = f32s(&[2], &[-1000.0, 1000.0]);
        for (op, expected) in [("Softplus", [0.0, 1000.0]), ("Sigmoid", [0.0, 1.0]), ("Elu", [-1.0, 1000.0])]
        {
            assert_eq!(onnx(op).run(std::slice::from_ref(&x)).unwrap(), [f32s(&[2], &expected)], "{op}");
        }
    }

    #[test]
    fn relu_keeps_nan_and_takes_integers() {
        assert!(onnx("Relu").run(&[f32s(&[1], &[f32::NAN])]).unwrap()[0].as_f32().unwrap()[0].is_nan());
        assert_eq!(onnx("Relu").run(&[i64s(&[2], &[-1, 2])]).unwrap(), [i64s(&[2], &[0, 2])]);
        assert_eq!(onnx("Relu").run(&[f64s(&[2], &[-1.0, 2.0])]).unwrap(), [f64s(&[2], &[0.0, 2.0])]);
    }
}
