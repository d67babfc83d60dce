//! `ai.onnx.ml.SVMRegressor`.
//! <https://onnx.ai/onnx/operators/onnx_aionnxml_SVMRegressor.html>
//!
//! onnxruntime does nothing for `post_transform`.

use super::super::linear::Linear;
use super::super::post_transform::PostTransform;
use super::super::rows::Rows;
use super::kernel::SupportVectors;
use crate::bytes::Weights;
use crate::ops::numbers::floats;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::tensor_ref::TensorRef;
use crate::{Result, TensorData};
use edgeinfer_kernels::wide_dot;

struct SvmRegressor {
    function: Function,
    rho: f32,
    /// Whether only the sign comes out: 1 for what is like the data that the
    /// model knows, otherwise -1.
    one_class: bool,
}

enum Function {
    Linear(Linear),
    Vectors { vectors: SupportVectors, coefficients: Weights<f32> },
}

pub(in super::super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    PostTransform::of(node)?;
    let count = node.int_or("n_supports", 0)?;
    let Some(&rho) = node.floats("rho")?.first() else {
        return Err(node.invalid("expected a number in rho"));
    };
    let one_class = node.flag("one_class", false)?;
    let function = match usize::try_from(count) {
        Ok(0) | Err(_) => Function::Linear(Linear::of(node, 1, Weights::default())?),
        Ok(count) => {
            let coefficients = node.floats("coefficients")?;
            if coefficients.len() < count {
                let got = coefficients.len();
                return Err(node.invalid(format_args!("expected {count} coefficients, got {got}")));
            }
            Function::Vectors { vectors: SupportVectors::of(node, count)?, coefficients }
        }
    };
    Ok(Box::new(SvmRegressor { function, rho, one_class }))
}

impl Function {
    fn values(&self, x: &TensorRef<'_>, rows: &Rows, scope: &mut Scope) -> Result<Vec<f32>> {
        let (vectors, coefficients) = match self {
            Self::Linear(linear) => return linear.scores(x, rows, scope),
            Self::Vectors { vectors, coefficients } => (vectors, &**coefficients),
        };
        rows.expect(vectors.width())?;
        let values = floats(x, scope)?;
        let mut y = scope.vec(rows.count)?;
        vectors.kernels(&values, scope, &mut |kernels, _| {
            y.push(wide_dot(coefficients, kernels) as f32);
            Ok(())
        })?;
        scope.keep_cow(values);
        Ok(y)
    }
}

impl Operator for SvmRegressor {
    /// X of any numbers, `[features]` or `[rows, features]`, to float32
    /// `[rows, 1]`.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let rows = Rows::of(&x)?;
        let mut y = self.function.values(&x, &rows, scope)?;
        y.iter_mut().for_each(|y| *y += self.rho);
        if self.one_class {
            y.iter_mut().for_each(|y| *y = if *y > 0.0 { 1.0 } else { -1.0 });
        }
        one(rows.shape(1), TensorData::Float32(y))
    }
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::ops::testing::{Case, assert_close, f32s};

    fn linear() -> Case {
        Case::new("ai.onnx.ml", "SVMRegressor", 1)
            .floats("kernel_params", &[0.5, 0.1, 3.0])
            .floats("coefficients", &[0.7, -0.2, 0.3])
            .floats("rho", &[0.25])
    }

    fn machine(kernel: &str) -> Case {
        let vectors = [1.0, 0.0, 0.5, -1.0, 2.0, 0.0, 0.5, 0.5, 0.5, 0.0, -1.0, 1.0, 2.0, 1.0, -0.5];
        linear()
            .string("kernel_type", kernel)
            .floats("support_vectors", &vectors)
            .floats("coefficients", &[0.7, -0.2, 0.3, -0.9, 0.1])
            .int("n_supports", 5)
    }

    fn x() -> Tensor {
        f32s(&[4, 3], &[1.0, 2.0, -1.0, 0.5, -1.0, 0.25, 0.0, 0.0, 0.0, -2.0, 1.0, 3.0])
    }

    /// The numbers are those of onnxruntime.
    fn check(case: &Case, expected: &[f32]) {
        let y = case.run(&[x()]).unwrap();
        assert_eq!(y[0].shape(), [4, 1]);
        assert_close(y[0].as_f32().unwrap(), expected);
    }

    #[test]
    fn adds_up_the_kernels_of_the_support_vectors() {
        check(&machine("LINEAR"), &[3.45, 0.0125, 0.25, -2.85]);
        check(&machine("POLY"), &[3.293, 0.26035833, 0.25, -3.7315]);
        check(&machine("RBF"), &[0.32388777, 0.11064258, 0.4906053, 0.24767016]);
        check(&machine("SIGMOID"), &[1.3572578, 0.14396188, 0.25, -0.7049668]);
    }

    #[test]
    fn is_linear_without_support_vectors_whatever_the_kernel() {
        check(&linear(), &[0.25, 0.875, 0.25, -0.45]);
        check(&linear().string("kernel_type", "RBF").int("n_supports", 0), &[0.25, 0.875, 0.25, -0.45]);
    }

    #[test]
    fn one_class_is_plus_or_minus_one() {
        check(&machine("POLY").int("one_class", 1), &[1.0, 1.0, 1.0, -1.0]);
    }

    #[test]
    fn leaves_the_only_number_of_a_row_as_it_is() {
        let case = machine("RBF").string("post_transform", "PROBIT");
        check(&case, &[0.32388777, 0.11064258, 0.4906053, 0.24767016]);
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let message = |case: Case| case.run(&[x()]).unwrap_err().message().to_owned();
        assert_eq!(message(linear().floats("rho", &[])), "expected a number in rho");
        let short = machine("RBF").floats("coefficients", &[1.0]);
        assert_eq!(message(short), "expected 5 coefficients, got 1");
        let odd = machine("RBF").int("n_supports", 4);
        assert_eq!(message(odd), "expected 4 support vectors, got 15 numbers");
        assert_eq!(message(machine("RBF").int("n_supports", 3)), "expected 5 features, got 3");
    }
}
