//! `Momentum`: a step of stochastic gradient descent that keeps some of the steps
//! before.
//! <https://onnx.ai/onnx/operators/onnx_aionnxpreviewtraining_Momentum.html>

use super::optimizer::{Number, Rate, step};
use crate::Result;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope};

struct Momentum {
    alpha: f64,
    beta: f64,
    norm_coefficient: f64,
    nesterov: bool,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let nesterov = match node.string_or("mode", "standard")? {
        "standard" => false,
        "nesterov" => true,
        other => return Err(node.invalid(format_args!("mode: expected standard or nesterov, got {other:?}"))),
    };
    let attribute = |name| node.float_or(name, 0.0).map(f64::from);
    Ok(Box::new(Momentum {
        alpha: attribute("alpha")?,
        beta: attribute("beta")?,
        norm_coefficient: attribute("norm_coefficient")?,
        nesterov,
    }))
}

impl Operator for Momentum {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        step(inputs, 1, scope, &|rate, number| self.change(rate, number))
    }
}

impl Momentum {
    fn change(&self, Rate { rate, count }: Rate, number: Number) -> Number {
        let gradient = self.norm_coefficient * number.x + number.gradient;
        let beta = if count > 0.0 { self.beta } else { 1.0 };
        let momentum = self.alpha * number.kept[0] + beta * gradient;
        let direction = if self.nesterov { gradient + self.alpha * momentum } else { momentum };
        Number { x: number.x - rate * direction, kept: [momentum, 0.0], ..number }
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, assert_close, f32s, i64s};

    fn run(mode: &str, count: i64) -> Vec<f32> {
        let case = Case::new("ai.onnx.preview.training", "Momentum", 1).string("mode", mode);
        let case = case.float("alpha", 0.5).float("beta", 0.25).float("norm_coefficient", 0.1);
        let lists = [[2.0], [1.0], [4.0]].map(|x| f32s(&[1], &x));
        let [rate, count] = [f32s(&[], &[0.1]), i64s(&[], &[count])];
        let y = case.run(&[&[rate, count], lists.as_slice()].concat()).unwrap();
        y.iter().map(|y| y.as_f32().unwrap()[0]).collect()
    }

    #[test]
    fn keeps_some_of_the_steps_before() {
        assert_close(&run("standard", 0), &[1.68, 3.2]);
        assert_close(&run("standard", 1), &[1.77, 2.3]);
        assert_close(&run("nesterov", 1), &[1.765, 2.3]);
    }

    #[test]
    fn refuses_other_modes() {
        let error = Case::new("ai.onnx.preview.training", "Momentum", 1).string("mode", "fast").run(&[]);
        assert_eq!(error.unwrap_err().message(), "mode: expected standard or nesterov, got \"fast\"");
    }
}
