//! Functions that a neural network's layer ends with.

use crate::Result;
use crate::ops::Node;
use edgeinfer_kernels::Real;

/// Which function.
#[derive(Clone, Copy, Debug)]
pub(super) enum Activation {
    Identity,
    Relu,
    Tanh,
    Sigmoid,
}

impl Activation {
    /// What the node's attribute `activation` names; the identity where it has
    /// none.
    pub(super) fn of(node: &Node<'_>) -> Result<Self> {
        match node.string_or("activation", "")? {
            "" => Ok(Self::Identity),
            "Relu" => Ok(Self::Relu),
            "Tanh" => Ok(Self::Tanh),
            "Sigmoid" => Ok(Self::Sigmoid),
            other => {
                Err(node.invalid(format_args!("activation: expected Relu, Tanh or Sigmoid, got {other:?}")))
            }
        }
    }

    /// Puts the function's values in place of `values`.
    pub(super) fn apply<T: Smooth>(self, values: &mut [T]) {
        match self {
            Self::Identity => {}
            Self::Relu => relu(values),
            Self::Tanh => T::tanh(values),
            Self::Sigmoid => T::sigmoid(values),
        }
    }
}

/// NaN stays NaN, as in onnxruntime.
fn relu<T: Real>(values: &mut [T]) {
    let zero = T::default();
    values.iter_mut().for_each(|value| *value = if *value < zero { zero } else { *value });
}

/// Numbers that have the functions which are not made of sums and products.
pub(super) trait Smooth: Real {
    fn tanh(values: &mut [Self]);
    fn sigmoid(values: &mut [Self]);
}

macro_rules! smooth {
    ($($type:ty: $tanh:expr, $sigmoid:expr;)+) => {
        $(impl Smooth for $type {
            fn tanh(values: &mut [Self]) {
                values.iter_mut().for_each(|value| *value = $tanh(*value));
            }

            fn sigmoid(values: &mut [Self]) {
                values.iter_mut().for_each(|value| *value = $sigmoid(*value));
            }
        })+
    };
}

smooth! {
    f32: edgeinfer_kernels::tanh::tanh, edgeinfer_kernels::exp::sigmoid;
    f64: f64::tanh, |value: f64| 1.0 / (1.0 + (-value).exp());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(activation: Activation, mut values: [f32; 4]) -> [f32; 4] {
        activation.apply(&mut values);
        values
    }

    #[test]
    fn each_is_its_function() {
        let input = [-2.0, -0.5, 0.0, 3.0];
        assert_eq!(values(Activation::Identity, input), input);
        assert_eq!(values(Activation::Relu, input), [0.0, 0.0, 0.0, 3.0]);
        for (activation, expected) in [
            (Activation::Tanh, [-0.964_027_6, -0.462_117_2, 0.0, 0.995_054_8]),
            (Activation::Sigmoid, [0.119_202_92, 0.377_540_67, 0.5, 0.952_574_1]),
        ] {
            let near = |(a, b): (f32, f32)| (a - b).abs() < 1e-6;
            assert!(values(activation, input).into_iter().zip(expected).all(near), "{activation:?}");
        }
    }

    #[test]
    fn nothing_overflows() {
        let input = [f32::NEG_INFINITY, -200.0, 200.0, f32::INFINITY];
        assert_eq!(values(Activation::Sigmoid, input), [0.0, 0.0, 1.0, 1.0]);
        assert_eq!(values(Activation::Tanh, input), [-1.0, -1.0, 1.0, 1.0]);
    }

    #[test]
    fn relu_keeps_what_is_not_a_number() {
        let [nan, infinity, ..] = values(Activation::Relu, [f32::NAN, f32::NEG_INFINITY, 0.0, 0.0]);
        assert!(nan.is_nan());
        assert_eq!(infinity, 0.0);
    }
}
