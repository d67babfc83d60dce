use super::exp::{exp, sigmoid};
use super::tanh::tanh;

/// What is done to the sums of a layer when they are complete.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// `max(x, 0)`.
    Relu,
    /// `x` where it is not negative, a part of it otherwise.
    LeakyRelu(f32),
    /// Between two bounds.
    Clip(f32, f32),
    /// `1 / (1 + e^-x)`.
    Sigmoid,
    /// `a · x + b` between 0 and 1.
    HardSigmoid(f32, f32),
    /// `x · max(0, min(1, x / 6 + 1 / 2))`.
    HardSwish,
    /// `x · sigmoid(a · x)`.
    Swish(f32),
    /// The hyperbolic tangent.
    Tanh,
}

impl Activation {
    /// Applies it to every number.
    pub fn apply(self, numbers: &mut [f32]) {
        match self {
            Self::Relu => each(numbers, |x| if x < 0.0 { 0.0 } else { x }),
            Self::LeakyRelu(a) => each(numbers, |x| if x < 0.0 { a * x } else { x }),
            Self::Clip(least, most) => each(numbers, |x| {
                let x = if x < least { least } else { x };
                if x > most { most } else { x }
            }),
            Self::Sigmoid => each(numbers, sigmoid),
            Self::HardSigmoid(a, b) => each(numbers, |x| unit(a * x + b)),
            Self::HardSwish => each(numbers, |x| x * unit(x * (1.0 / 6.0) + 0.5)),
            Self::Swish(a) => each(numbers, |x| x / (1.0 + exp(-a * x))),
            Self::Tanh => each(numbers, tanh),
        }
    }
}

#[inline(always)]
fn each(numbers: &mut [f32], f: impl Fn(f32) -> f32) {
    numbers.iter_mut().for_each(|x| *x = f(*x));
}

#[inline(always)]
fn unit(x: f32) -> f32 {
    let x = if x < 0.0 { 0.0 } else { x };
    if x > 1.0 { 1.0 } else { x }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naive(activation: Activation, x: f64) -> f64 {
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        match activation {
            Activation::Relu => x.max(0.0),
            Activation::LeakyRelu(a) => x.max(0.0) + f64::from(a) * x.min(0.0),
            Activation::Clip(least, most) => x.clamp(least.into(), most.into()),
            Activation::Sigmoid => sigmoid(x),
            Activation::HardSigmoid(a, b) => (f64::from(a) * x + f64::from(b)).clamp(0.0, 1.0),
            Activation::HardSwish => x * (x / 6.0 + 0.5).clamp(0.0, 1.0),
            Activation::Swish(a) => x * sigmoid(f64::from(a) * x),
            Activation::Tanh => x.tanh(),
        }
    }

    const ALL: [Activation; 8] = [
        Activation::Relu,
        Activation::LeakyRelu(0.25),
        Activation::Clip(-0.5, 6.0),
        Activation::Sigmoid,
        Activation::HardSigmoid(0.2, 0.5),
        Activation::HardSwish,
        Activation::Swish(1.5),
        Activation::Tanh,
    ];

    #[test]
    fn agrees_with_its_naive_twin() {
        let numbers: Vec<f32> = (-2000..2000i16).map(|i| f32::from(i) * 0.013).collect();
        for activation in ALL {
            for length in (0..20).chain([numbers.len()]) {
                let mut y = numbers[..length].to_vec();
                activation.apply(&mut y);
                for (y, x) in y.iter().zip(&numbers) {
                    let expected = naive(activation, f64::from(*x));
                    let error = (f64::from(*y) - expected).abs();
                    assert!(error <= 2e-6 * expected.abs().max(0.1), "{activation:?} of {x}: {y}");
                }
            }
        }
    }

    #[test]
    fn takes_infinities_and_nan() {
        for activation in ALL {
            let mut y = [f32::INFINITY, f32::NAN];
            activation.apply(&mut y);
            assert!(f64::from(y[0]) == naive(activation, f64::INFINITY) && y[1].is_nan(), "{activation:?}");
        }
    }
}
