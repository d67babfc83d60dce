//! `Adagrad`: a step of stochastic gradient descent, smaller for numbers that have
//! changed more.
//! <https://onnx.ai/onnx/operators/onnx_aionnxpreviewtraining_Adagrad.html>

use super::optimizer::{Number, Rate, step};
use crate::Result;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope};

struct Adagrad {
    decay_factor: f64,
    epsilon: f64,
    norm_coefficient: f64,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let attribute = |name, default| node.float_or(name, default).map(f64::from);
    Ok(Box::new(Adagrad {
        decay_factor: attribute("decay_factor", 0.0)?,
        epsilon: attribute("epsilon", 1e-6)?,
        norm_coefficient: attribute("norm_coefficient", 0.0)?,
    }))
}

impl Operator for Adagrad {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        step(inputs, 1, scope, &|rate, number| self.change(rate, number))
    }
}

impl Adagrad {
    /// Keeps the sum of the squares of all gradients.
    fn change(&self, Rate { rate, count }: Rate, number: Number) -> Number {
        let rate = rate / (1.0 + count * self.decay_factor);
        let gradient = self.norm_coefficient * number.x + number.gradient;
        let squares = number.kept[0] + gradient * gradient;
        let x = number.x - rate * gradient / (squares.sqrt() + self.epsilon);
        Number { x, kept: [squares, 0.0], ..number }
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, assert_close, f32s, i64s};

    fn case() -> Case {
        let case = Case::new("ai.onnx.preview.training", "Adagrad", 1).float("norm_coefficient", 0.001);
        case.float("epsilon", 1e-5).float("decay_factor", 0.1)
    }

    #[test]
    fn steps_get_smaller() {
        let [rate, count] = [f32s(&[], &[0.1]), i64s(&[], &[0])];
        let lists = [[1.0], [-1.0], [2.0]].map(|x| f32s(&[1], &x));
        let y = case().run(&[&[rate, count], lists.as_slice()].concat()).unwrap();
        assert_close(y[0].as_f32().unwrap(), &[1.057_696_2]);
        assert_close(y[1].as_f32().unwrap(), &[2.998_001]);
    }

    #[test]
    fn every_tensor_has_its_own() {
        let [rate, count] = [f32s(&[], &[0.1]), i64s(&[], &[0])];
        let [a, b] = [f32s(&[1], &[1.0]), f32s(&[2], &[1.0, 2.0])];
        let y = case().run(&[rate, count, a.clone(), b.clone(), a.clone(), b.clone(), a, b]).unwrap();
        let shapes: Vec<_> = y.iter().map(|y| y.shape().to_vec()).collect();
        assert_eq!(shapes, [[1], [2], [1], [2]]);
    }

    #[test]
    fn refuses_lists_that_do_not_fit() {
        let [rate, count] = [f32s(&[], &[0.1]), i64s(&[], &[0])];
        let [a, b] = [f32s(&[1], &[1.0]), f32s(&[2], &[1.0, 2.0])];
        let refused = |inputs: &[crate::Tensor]| case().run(inputs).unwrap_err().message().to_owned();
        assert_eq!(
            refused(&[rate.clone(), count.clone(), a.clone(), b.clone()]),
            "expected 3 inputs for each tensor after the first two, got 2"
        );
        assert_eq!(
            refused(&[rate, count.clone(), a.clone(), b.clone(), a.clone()]),
            "expected a tensor like the one of shape [1] that is optimised, got shape [2]"
        );
        assert_eq!(refused(&[b, count, a.clone(), a.clone(), a]), "input 0: expected one number, got 2");
    }
}
