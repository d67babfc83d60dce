//! `ai.onnx.ml.LinearRegressor`.
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_LinearRegressor.html>

use super::linear::Linear;
use super::post_transform::PostTransform;
use super::rows::Rows;
use crate::bytes::Weights;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::{Result, TensorData};

struct LinearRegressor {
    linear: Linear,
    targets: usize,
    post_transform: PostTransform,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let targets = node.int_or("targets", 1)?;
    let targets = usize::try_from(targets).ok().filter(|&targets| targets > 0);
    let targets = targets.ok_or_else(|| node.invalid("expected one target or more"))?;
    let mut intercepts = node.floats("intercepts")?;
    // onnxruntime ignores intercepts that are not one for each target.
    if intercepts.len() != targets {
        intercepts = Weights::default();
    }
    let linear = Linear::of(node, targets, intercepts)?;
    Ok(Box::new(LinearRegressor { linear, targets, post_transform: PostTransform::of(node)? }))
}

impl Operator for LinearRegressor {
    /// X of any numbers, `[features]` or `[rows, features]`, to float32
    /// `[rows, targets]`.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let rows = Rows::of(&x)?;
        let mut y = self.linear.scores(&x, &rows, scope)?;
        self.post_transform.rows(&mut y, self.targets);
        one(rows.shape(self.targets), TensorData::Float32(y))
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, assert_close, f32s, i64s};
    use crate::{ErrorKind, Tensor};

    fn regressor(coefficients: &[f32], targets: i64) -> Case {
        Case::new("ai.onnx.ml", "LinearRegressor", 1)
            .floats("coefficients", coefficients)
            .int("targets", targets)
    }

    fn x() -> Tensor {
        f32s(&[2, 2], &[1.0, 2.0, -3.0, -4.0])
    }

    #[test]
    fn adds_the_intercept_of_each_target() {
        let case = regressor(&[0.1, 0.2, 0.3, -0.1], 2).floats("intercepts", &[0.05, 0.0]);
        let y = case.run(&[x()]).unwrap();
        assert_eq!(y[0].shape(), [2, 2]);
        assert_close(y[0].as_f32().unwrap(), &[0.55, 0.1, -1.05, -0.5]);
    }

    #[test]
    fn has_one_target_and_no_intercept_unless_told() {
        let case = Case::new("ai.onnx.ml", "LinearRegressor", 1).floats("coefficients", &[2.0, 3.0]);
        assert_eq!(case.run(&[x()]).unwrap(), [f32s(&[2, 1], &[8.0, -18.0])]);
        assert_eq!(case.run(&[i64s(&[2], &[1, 2])]).unwrap(), [f32s(&[1, 1], &[8.0])]);
    }

    #[test]
    fn ignores_intercepts_that_are_not_one_for_each_target() {
        let case = regressor(&[1.0, 2.0, 3.0, 4.0], 2).floats("intercepts", &[3.0]);
        assert_eq!(case.run(&[x()]).unwrap(), [f32s(&[2, 2], &[5.0, 11.0, -11.0, -25.0])]);
    }

    #[test]
    fn transforms_the_targets_of_a_row_together() {
        let case = regressor(&[0.1, 0.2, 0.3, -0.1], 2)
            .floats("intercepts", &[0.05, 0.0])
            .string("post_transform", "SOFTMAX");
        let y = case.run(&[x()]).unwrap();
        assert_close(y[0].as_f32().unwrap(), &[0.6106393, 0.3893608, 0.36586437, 0.6341356]);
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let error = regressor(&[1.0, 2.0], 1).run(&[f32s(&[1, 3], &[0.0; 3])]).unwrap_err();
        assert_eq!(error.message(), "expected 2 features, got 3");
        let error = regressor(&[1.0, 2.0, 3.0], 2).run(&[x()]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidModel);
        assert_eq!(error.message(), "expected 2 rows of coefficients, got 3 numbers");
        assert_eq!(regressor(&[1.0], 0).run(&[x()]).unwrap_err().message(), "expected one target or more");
    }
}
