//! `Adam`: a step of stochastic gradient descent by the averages of gradients and
//! of their squares.
//! <https://onnx.ai/onnx/operators/onnx_aionnxpreviewtraining_Adam.html>

use super::optimizer::{Number, Rate, step};
use crate::Result;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope};

struct Adam {
    alpha: f64,
    beta: f64,
    epsilon: f64,
    norm_coefficient: f64,
    norm_coefficient_post: f64,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let attribute = |name, default| node.float_or(name, default).map(f64::from);
    Ok(Box::new(Adam {
        alpha: attribute("alpha", 0.9)?,
        beta: attribute("beta", 0.999)?,
        epsilon: attribute("epsilon", 1e-6)?,
        norm_coefficient: attribute("norm_coefficient", 0.0)?,
        norm_coefficient_post: attribute("norm_coefficient_post", 0.0)?,
    }))
}

impl Operator for Adam {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        step(inputs, 2, scope, &|rate, number| self.change(rate, number))
    }
}

impl Adam {
    /// Keeps both averages.
    fn change(&self, Rate { rate, count }: Rate, number: Number) -> Number {
        let gradient = self.norm_coefficient * number.x + number.gradient;
        let [average, square] = number.kept;
        let average = self.alpha * average + (1.0 - self.alpha) * gradient;
        let square = self.beta * square + (1.0 - self.beta) * gradient * gradient;
        // The averages began at zero.
        let rate = if count > 0.0 {
            rate * (1.0 - self.beta.powf(count)).sqrt() / (1.0 - self.alpha.powf(count))
        } else {
            rate
        };
        let x = number.x - rate * average / (square.sqrt() + self.epsilon);
        Number { x: (1.0 - self.norm_coefficient_post) * x, kept: [average, square], ..number }
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, assert_close, f32s, i64s};

    #[test]
    fn steps_go_by_averages() {
        let case = Case::new("ai.onnx.preview.training", "Adam", 1).float("norm_coefficient", 0.001);
        let case = case.float("alpha", 0.95).float("beta", 0.1).float("epsilon", 1e-7);
        let lists = [[1.2, 2.8], [-0.94, -2.5], [1.7, 3.6], [0.1, 0.1]].map(|x| f32s(&[2], &x));
        let [rate, count] = [f32s(&[], &[0.1]), i64s(&[], &[0])];
        let y = case.run(&[&[rate, count], lists.as_slice()].concat()).unwrap();
        assert_close(y[0].as_f32().unwrap(), &[1.025_036_3, 2.661_032_7]);
        assert_close(y[1].as_f32().unwrap(), &[1.568_06, 3.295_14]);
        assert_close(y[2].as_f32().unwrap(), &[0.803_210_9, 5.622_407]);
    }
}
