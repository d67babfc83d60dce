//! Activation functions: `Relu`, `LeakyRelu`, `ThresholdedRelu`, `Elu`, `Celu`,
//! `Selu`, `Gelu`, `Sigmoid`, `HardSigmoid`, `HardSwish`, `Swish`, `Mish`,
//! `Softplus`, `Softsign`, `Shrink`. `Tanh` is among the functions.
//! <https://onnx.ai/onnx/operators/onnx__Relu.html>, and so on.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, SQRT_2};

use super::unary::{Function, Parameters};
use edgeinfer_kernels::{erf, exp};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("Relu", |x, _| if x < 0.0 { 0.0 } else { x })
        .float32(|x, y| y.extend(x.iter().map(|&x| if x < 0.0 { 0.0 } else { x })))
        .int(|x| x.max(0)),
    Function::new("LeakyRelu", |x, [alpha, _]| if x < 0.0 { alpha * x } else { x }).with(&[("alpha", 0.01)]),
    Function::new("ThresholdedRelu", |x, [alpha, _]| if x > alpha { x } else { 0.0 }).with(&[("alpha", 1.0)]),
    Function::new("Elu", |x, [alpha, _]| if x < 0.0 { alpha * x.exp_m1() } else { x })
        .with(&[("alpha", 1.0)]),
    Function::new("Celu", |x, [alpha, _]| if x < 0.0 { alpha * (x / alpha).exp_m1() } else { x })
        .with(&[("alpha", 1.0)]),
    Function::new("Selu", selu).with(&[("alpha", 1.673_263_2), ("gamma", 1.050_701)]),
    Function::new("Selu 1", selu).with(&[("alpha", 1.6732), ("gamma", 1.0507)]),
    Function::new("Gelu", |x, _| 0.5 * x * (1.0 + erf::erf64(x * FRAC_1_SQRT_2)))
        .float32(|x, y| y.extend(x.iter().map(|&x| 0.5 * x * (1.0 + erf::erf(x * FRAC_1_SQRT_2 as f32))))),
    Function::new("Gelu tanh", |x, _| {
        0.5 * x * (1.0 + (FRAC_2_SQRT_PI / SQRT_2 * (x + 0.044715 * x * x * x)).tanh())
    }),
    Function::new("Sigmoid", |x, _| sigmoid(x)).float32(|x, y| y.extend(x.iter().map(|&x| exp::sigmoid(x)))),
    Function::new("HardSigmoid", |x, [alpha, beta]| (alpha * x + beta).clamp(0.0, 1.0))
        .with(&[("alpha", 0.2), ("beta", 0.5)]),
    Function::new("HardSwish", |x, _| x * (x / 6.0 + 0.5).clamp(0.0, 1.0)),
    Function::new("Swish", |x, [alpha, _]| x * sigmoid(alpha * x)).with(&[("alpha", 1.0)]),
    Function::new("Mish", |x, _| x * softplus(x).tanh()),
    Function::new("Softplus", |x, _| softplus(x)),
    Function::new("Softsign", |x, _| x / (1.0 + x.abs())),
    Function::new("Shrink", shrink).with(&[("lambd", 0.5), ("bias", 0.0)]),
];

fn selu(x: f64, [alpha, gamma]: Parameters) -> f64 {
    gamma * if x < 0.0 { alpha * x.exp_m1() } else { x }
}

fn shrink(x: f64, [lambda, bias]: Parameters) -> f64 {
    if x < -lambda {
        x + bias
    } else if x > lambda {
        x - bias
    } else {
        0.0
    }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// `ln(1 + e^x)`, in a form in which nothing overflows.
fn softplus(x: f64) -> f64 {
    (if x < 0.0 { 0.0 } else { x }) + (-x.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, f64s, i64s};

    /// For -3, -0.5 and 2.
    fn assert_values(case: &Case, expected: [f64; 3]) {
        let y = case.run(&[f32s(&[3], &[-3.0, -0.5, 2.0])]).unwrap();
        for (y, expected) in y[0].as_f32().unwrap().iter().zip(expected) {
            let error = (f64::from(*y) - expected).abs();
            assert!(error <= 5e-7 * expected.abs() + 1e-8, "expected {expected}, got {y}");
        }
    }

    fn onnx(op: &str) -> Case {
        Case::new("", op, 22)
    }

    #[test]
    fn cuts_or_bends_what_is_below_0() {
        assert_values(&onnx("Relu"), [0.0, 0.0, 2.0]);
        assert_values(&onnx("LeakyRelu"), [-0.03, -0.005, 2.0]);
        assert_values(&onnx("LeakyRelu").float("alpha", 0.5), [-1.5, -0.25, 2.0]);
        assert_values(&onnx("ThresholdedRelu").float("alpha", -1.0), [0.0, -0.5, 2.0]);
        assert_values(
            &onnx("Elu").float("alpha", 2.0),
            [-1.900_425_863_264_272, -0.786_938_680_574_733_2, 2.0],
        );
        assert_values(&onnx("Celu").float("alpha", 2.0), [-1.5537396797031404, -0.44239843385719024, 2.0]);
        assert_values(&onnx("Shrink").float("lambd", 1.5).float("bias", 1.5), [-1.5, 0.0, 0.5]);
        assert_values(&onnx("Selu"), [-1.6705687, -0.69175833, 2.101402]);
        assert_values(&Case::new("", "Selu", 1), [-1.6705034, -0.69173133, 2.1014]);
    }

    #[test]
    fn bends_smoothly() {
        assert_values(&onnx("Gelu"), [-0.004049694, -0.15426877, 1.9544997]);
        assert_values(&onnx("Gelu").string("approximate", "tanh"), [-0.003637392, -0.15428599, 1.9545977]);
        assert_values(&onnx("Swish"), [-0.14227761, -0.18877034, 1.7615942]);
        assert_values(&onnx("Mish"), [-0.14564746, -0.22074377, 1.943959]);
        assert_values(&onnx("HardSwish"), [0.0, -0.20833333, 1.6666667]);
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
        for (op, expected) in [
            ("Softplus", [0.0, 1000.0]),
            ("Mish", [-0.0, 1000.0]),
            ("Gelu", [-0.0, 1000.0]),
            ("Sigmoid", [0.0, 1.0]),
            ("Elu", [-1.0, 1000.0]),
        ] {
            assert_eq!(onnx(op).run(std::slice::from_ref(&x)).unwrap(), [f32s(&[2], &expected)], "{op}");
        }
    }

    #[test]
    fn relu_keeps_nan_and_takes_integers() {
        assert!(onnx("Relu").run(&[f32s(&[1], &[f32::NAN])]).unwrap()[0].as_f32().unwrap()[0].is_nan());
        assert_eq!(onnx("Relu").run(&[i64s(&[2], &[-1, 2])]).unwrap(), [i64s(&[2], &[0, 2])]);
        assert_eq!(onnx("Relu").run(&[f64s(&[2], &[-1.0, 2.0])]).unwrap(), [f64s(&[2], &[0.0, 2.0])]);
    }

    #[test]
    fn refuses_an_unknown_approximation() {
        let error = onnx("Gelu").string("approximate", "cubic").run(&[f32s(&[1], &[1.0])]).unwrap_err();
        assert_eq!(error.message(), "approximate: expected none or tanh, got \"cubic\"");
    }
}
