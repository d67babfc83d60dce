//! `Bernoulli`: ones, each with the probability that is given for it, and zeros.
//! <https://onnx.ai/onnx/operators/onnx__Bernoulli.html>

use super::draw::Draw;
use crate::ops::numbers::doubles;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed};
use crate::{Result, Shape};

struct Bernoulli(Draw);

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Bernoulli(Draw::new(node, None)?)))
}

impl Operator for Bernoulli {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let probabilities = doubles(&x, scope)?;
        if let Some(other) = probabilities.iter().find(|p| !(0.0..=1.0).contains(*p)) {
            return Err(failed(format!("expected probabilities from 0 to 1, got {other}")));
        }
        let mut random = self.0.random();
        let mut drawn = scope.vec(probabilities.len())?;
        drawn.extend(probabilities.iter().map(|&p| {
            let uniform = random.uniform();
            // NumPy draws the less likely of both.
            let one = if p <= 0.5 { uniform > 1.0 - p } else { uniform <= p };
            f64::from(u8::from(one))
        }));
        scope.keep_cow(probabilities);
        self.0.give(inputs, Shape::from_slice(x.shape), drawn, scope)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, bools, f32s, f64s};

    #[test]
    fn a_seed_gives_the_numbers_of_onnx() {
        let x = f32s(&[2, 5], &[0.1, 0.3, 0.5, 0.7, 0.9, 0.2, 0.4, 0.6, 0.8, 0.5]);
        let y = Case::new("", "Bernoulli", 22).float("seed", 11.0).run(&[x]).unwrap();
        assert_eq!(y, [f32s(&[2, 5], &[0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0])]);
    }

    #[test]
    fn what_is_certain_is_drawn() {
        let x = f64s(&[4], &[0.0, 1.0, 0.0, 1.0]);
        let y = Case::new("", "Bernoulli", 22).run(std::slice::from_ref(&x)).unwrap();
        assert_eq!(y, std::slice::from_ref(&x));
        let y = Case::new("", "Bernoulli", 22).int("dtype", 9).run(&[x]).unwrap();
        assert_eq!(y, [bools(&[4], &[false, true, false, true])]);
    }

    #[test]
    fn refuses_what_is_no_probability() {
        let error = Case::new("", "Bernoulli", 22).run(&[f32s(&[1], &[1.5])]).unwrap_err();
        assert_eq!(error.message(), "expected probabilities from 0 to 1, got 1.5");
        assert!(Case::new("", "Bernoulli", 22).run(&[f32s(&[1], &[f32::NAN])]).is_err());
    }
}
