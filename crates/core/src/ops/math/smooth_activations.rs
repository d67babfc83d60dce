//! Activation functions of larger networks: `ThresholdedRelu`, `Celu`, `Selu`, `Gelu`,
//! `HardSwish`, `Swish`, `Mish`, `Shrink`.
//! <https://onnx.ai/onnx/operators/onnx__Gelu.html>, and so on.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, SQRT_2};

use super::activations::{sigmoid, softplus};
use super::unary::{Function, Parameters};
use edgeinfer_kernels::{Activation, erf, gelu};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("ThresholdedRelu", |x, [alpha, _]| if x > alpha { x } else { 0.0 }).with(&[("alpha", 1.0)]),
    Function::new("Celu", |x, [alpha, _]| if x < 0.0 { alpha * (x / alpha).exp_m1() } else { x })
        .with(&[("alpha", 1.0)]),
    Function::new("Selu", selu).with(&[("alpha", 1.673_263_2), ("gamma", 1.050_701)]),
    Function::new("Selu 1", selu).with(&[("alpha", 1.6732), ("gamma", 1.0507)]),
    Function::new("Gelu", |x, _| 0.5 * x * (1.0 + erf::erf64(x * FRAC_1_SQRT_2)))
        .float32(|x, y| in_place(x, y, gelu::gelu)),
    Function::new("Gelu tanh", |x, _| {
        0.5 * x * (1.0 + (FRAC_2_SQRT_PI / SQRT_2 * (x + 0.044715 * x * x * x)).tanh())
    })
    .float32(|x, y| in_place(x, y, gelu::gelu_tanh)),
    Function::new("HardSwish", |x, _| x * (x / 6.0 + 0.5).clamp(0.0, 1.0)),
    Function::new("Swish 1", |x, _| x * sigmoid(x))
        .float32(|x, y| in_place(x, y, |values| Activation::Swish(1.0).apply(values))),
    Function::new("Swish", |x, [alpha, _]| x * sigmoid(alpha * x)).with(&[("alpha", 1.0)]),
    Function::new("Mish", |x, _| x * softplus(x).tanh()),
    Function::new("Shrink", shrink).with(&[("lambd", 0.5), ("bias", 0.0)]).cut(),
];

/// Appends `x` to `y`, and has `f` change it there.
fn in_place(x: &[f32], y: &mut Vec<f32>, f: fn(&mut [f32])) {
    let done = y.len();
    y.extend_from_slice(x);
    f(y.get_mut(done..).unwrap_or_default());
}

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

#[cfg(test)]
mod tests {
    use crate::ops::math::testing::{assert_values, onnx};
    use crate::ops::testing::{Case, f32s, i64s};

    #[test]
    fn has_the_values_of_each_function() {
        assert_values(&onnx("ThresholdedRelu").float("alpha", -1.0), [0.0, -0.5, 2.0]);
        assert_values(&onnx("Celu").float("alpha", 2.0), [-1.5537396797031404, -0.44239843385719024, 2.0]);
        assert_values(&onnx("Selu"), [-1.6705687, -0.69175833, 2.101402]);
        assert_values(&Case::new("", "Selu", 1), [-1.6705034, -0.69173133, 2.1014]);
        let ints = onnx("Shrink").float("lambd", 1.5).float("bias", 1.5).run(&[i64s(&[3], &[-3, 1, 4])]);
        assert_eq!(ints.unwrap(), [i64s(&[3], &[-1, 0, 2])]);
        assert_values(&onnx("Shrink").float("lambd", 1.5).float("bias", 1.5), [-1.5, 0.0, 0.5]);
        assert_values(&onnx("Gelu"), [-0.004049694, -0.15426877, 1.9544997]);
        assert_values(&onnx("Gelu").string("approximate", "tanh"), [-0.003637392, -0.15428599, 1.9545977]);
        assert_values(&onnx("Swish"), [-0.14227761, -0.18877034, 1.7615942]);
        assert_values(&onnx("Mish"), [-0.14564746, -0.22074377, 1.943959]);
        assert_values(&onnx("HardSwish"), [0.0, -0.20833333, 1.6666667]);
    }

    #[test]
    fn nothing_overflows() {
        let x = f32s(&[2], &[-1000.0, 1000.0]);
        for op in ["Mish", "Gelu"] {
            assert_eq!(
                onnx(op).run(std::slice::from_ref(&x)).unwrap(),
                [f32s(&[2], &[-0.0, 1000.0])],
                "{op}"
            );
        }
    }

    #[test]
    fn refuses_an_unknown_approximation() {
        let error = onnx("Gelu").string("approximate", "cubic").run(&[f32s(&[1], &[1.0])]).unwrap_err();
        assert_eq!(error.message(), "approximate: expected none or tanh, got \"cubic\"");
    }
}
