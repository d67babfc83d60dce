//! The functions of recurrent layers, with what `activation_alpha` and
//! `activation_beta` give them.

use super::real::Real;
use crate::Result;
use crate::ops::Node;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Relu,
    Tanh,
    Sigmoid,
    Affine,
    LeakyRelu,
    ThresholdedRelu,
    ScaledTanh,
    HardSigmoid,
    Elu,
    Softsign,
    Softplus,
}

/// A function's name, and its `alpha` and `beta` where it has them and the node
/// does not say.
struct Known(&'static str, Kind, Option<f32>, Option<f32>);

/// ONNX has no defaults for Affine and ScaledTanh; those here are onnxruntime's.
const KNOWN: [Known; 11] = [
    Known("Relu", Kind::Relu, None, None),
    Known("Tanh", Kind::Tanh, None, None),
    Known("Sigmoid", Kind::Sigmoid, None, None),
    Known("Affine", Kind::Affine, Some(0.0), Some(0.0)),
    Known("LeakyRelu", Kind::LeakyRelu, Some(0.01), None),
    Known("ThresholdedRelu", Kind::ThresholdedRelu, Some(1.0), None),
    Known("ScaledTanh", Kind::ScaledTanh, Some(0.0), Some(0.0)),
    Known("HardSigmoid", Kind::HardSigmoid, Some(0.2), Some(0.5)),
    Known("Elu", Kind::Elu, Some(1.0), None),
    Known("Softsign", Kind::Softsign, None, None),
    Known("Softplus", Kind::Softplus, None, None),
];

/// A function of one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Function {
    kind: Kind,
    alpha: f32,
    beta: f32,
}

impl Function {
    /// The node's functions: those of `activations`, or `defaults` for each of
    /// `directions`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidModel`](crate::ErrorKind::InvalidModel) where the
    /// node names others, or not as many.
    pub(super) fn of(node: &Node<'_>, defaults: &[&str], directions: usize) -> Result<Vec<Self>> {
        let mut names = node.strings("activations")?;
        if names.is_empty() {
            names = defaults.iter().map(ToString::to_string).collect();
        }
        // Some exporters name the functions once for both directions.
        if names.len() == defaults.len() && directions > 1 {
            names.extend_from_within(..);
        }
        let (expected, got) = (defaults.len() * directions, names.len());
        if got != expected {
            return Err(node.invalid(format_args!("activations: expected {expected} names, got {got}")));
        }
        let (alphas, betas) = (node.floats("activation_alpha")?, node.floats("activation_beta")?);
        let (mut alphas, mut betas) = (alphas.iter().copied(), betas.iter().copied());
        // A function that has no alpha leaves it to the next.
        let mut named = |name: &String| {
            let Known(_, kind, alpha, beta) =
                KNOWN.iter().find(|known| known.0.eq_ignore_ascii_case(name)).ok_or_else(|| {
                    node.invalid(format_args!("activations: {name:?} is no function of a recurrent layer"))
                })?;
            let alpha = alpha.map_or(0.0, |default| alphas.next().unwrap_or(default));
            let beta = beta.map_or(0.0, |default| betas.next().unwrap_or(default));
            Ok(Self { kind: *kind, alpha, beta })
        };
        names.iter().map(&mut named).collect()
    }

    /// Puts the function's values in the place of `values`.
    pub(super) fn apply<T: Real>(self, values: &mut [T]) {
        match self.kind {
            Kind::Sigmoid => T::sigmoids(values),
            Kind::Tanh => T::tanhs(values),
            _ => values.iter_mut().for_each(|x| *x = self.rare(*x)),
        }
    }

    /// Puts what the function's values lack to 1 in the place of `values`.
    pub(super) fn apply_complement<T: Real>(self, values: &mut [T]) {
        if self.kind == Kind::Sigmoid {
            return T::complements(values);
        }
        self.apply(values);
        values.iter_mut().for_each(|value| *value = T::from(1.0) - *value);
    }

    /// The value at `x` of the functions that few layers have.
    fn rare<T: Real>(self, x: T) -> T {
        let [zero, one] = [0.0, 1.0].map(T::from);
        let (alpha, beta) = (T::from(self.alpha), T::from(self.beta));
        let positive = if x < zero { zero } else { x };
        match self.kind {
            Kind::Affine => alpha * x + beta,
            Kind::ScaledTanh => alpha * (beta * x).tanh(),
            Kind::HardSigmoid => {
                let y = alpha * x + beta;
                if y < zero {
                    zero
                } else if y > one {
                    one
                } else {
                    y
                }
            }
            Kind::Softsign => x / (one + x.abs()),
            // The larger part of log(1 + e^x) is taken out of it, so that it does
            // not overflow.
            Kind::Softplus => positive + (-x.abs()).exp().ln_1p(),
            Kind::ThresholdedRelu if x >= alpha => x,
            Kind::ThresholdedRelu => zero,
            Kind::LeakyRelu if x < zero => alpha * x,
            Kind::Elu if x < zero => alpha * x.exp_m1(),
            Kind::Relu => positive,
            Kind::LeakyRelu | Kind::Elu | Kind::Tanh | Kind::Sigmoid => x,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{Case, assert_close};

    fn values(name: &str, alpha: f32, beta: f32) -> Vec<f32> {
        let known = KNOWN.iter().find(|known| known.0 == name).unwrap();
        let mut values = [-2.0, -0.5, 0.0, 0.5, 3.0];
        Function { kind: known.1, alpha, beta }.apply(&mut values);
        values.to_vec()
    }

    #[test]
    fn each_is_its_function() {
        assert_close(&values("Relu", 0.0, 0.0), &[0.0, 0.0, 0.0, 0.5, 3.0]);
        assert_close(&values("Affine", 2.0, 1.0), &[-3.0, 0.0, 1.0, 2.0, 7.0]);
        assert_close(&values("LeakyRelu", 0.1, 0.0), &[-0.2, -0.05, 0.0, 0.5, 3.0]);
        assert_close(&values("ThresholdedRelu", 0.5, 0.0), &[0.0, 0.0, 0.0, 0.5, 3.0]);
        assert_close(&values("HardSigmoid", 0.2, 0.5), &[0.1, 0.4, 0.5, 0.6, 1.0]);
        assert_close(&values("Elu", 2.0, 0.0), &[-1.729_329_4, -0.786_938_7, 0.0, 0.5, 3.0]);
        assert_close(&values("Softsign", 0.0, 0.0), &[-2.0 / 3.0, -1.0 / 3.0, 0.0, 1.0 / 3.0, 0.75]);
        let softplus = [0.126_928, 0.474_077, std::f32::consts::LN_2, 0.974_077, 3.048_587_4];
        assert_close(&values("Softplus", 0.0, 0.0), &softplus);
        let scaled = [-1.998_658_6, -1.523_188_3, 0.0, 1.523_188_3, 1.999_975_4];
        assert_close(&values("ScaledTanh", 2.0, 2.0), &scaled);
        assert_close(
            &values("Sigmoid", 0.0, 0.0),
            &[0.119_202_92, 0.377_540_67, 0.5, 0.622_459_35, 0.952_574_1],
        );
        assert_close(&values("Tanh", 0.0, 0.0), &[-0.964_027_6, -0.462_117_2, 0.0, 0.462_117_2, 0.995_054_8]);
    }

    #[test]
    fn nothing_overflows() {
        let mut values = [f32::NEG_INFINITY, -200.0, 200.0, f32::INFINITY];
        Function { kind: Kind::Softplus, alpha: 0.0, beta: 0.0 }.apply(&mut values);
        assert_eq!(values, [0.0, 0.0, 200.0, f32::INFINITY]);
    }

    #[test]
    fn refuses_other_functions() {
        let message = |names: &[&str]| {
            let case = Case::new("", "RNN", 22).strings("activations", names);
            case.run(&[]).unwrap_err().message().to_owned()
        };
        assert_eq!(message(&["Gelu"]), "activations: \"Gelu\" is no function of a recurrent layer");
        assert_eq!(message(&["Tanh"; 2]), "activations: expected 1 names, got 2");
    }
}
