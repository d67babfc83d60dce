//! `com.microsoft.FusedGemm`: `Gemm`, and an activation of what it gives.
//! <https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.FusedGemm>

use edgeinfer_kernels::Activation;

use crate::ops::{Inputs, Node, Operator, Outputs, Scope, build as build_step, failed, one};
use crate::plan::Step;
use crate::{Result, Shape, TensorData, Value};

struct FusedGemm {
    gemm: Box<dyn Operator>,
    activation: Option<Activation>,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let step = Step { domain: String::new(), op: "Gemm".to_owned(), version: 13, ..node.step().clone() };
    let gemm = build_step(&Node::new(&step, &[], 0))?;
    let (alpha, beta) = (node.float_or("activation_alpha", 0.01)?, node.float_or("activation_beta", 0.5)?);
    let activation = match node.string_or("activation", "")? {
        "" => None,
        "Relu" => Some(Activation::Relu),
        "LeakyRelu" => Some(Activation::LeakyRelu(alpha)),
        "Sigmoid" => Some(Activation::Sigmoid),
        "HardSigmoid" => Some(Activation::HardSigmoid(alpha, beta)),
        "Tanh" => Some(Activation::Tanh),
        other => return Err(node.unsupported(format_args!("activation: there is no {other:?}"))),
    };
    Ok(Box::new(FusedGemm { gemm, activation }))
}

impl Operator for FusedGemm {
    /// As `Gemm`, in float32 alone where there is an activation.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let outputs = self.gemm.run(inputs, scope)?;
        let Some(activation) = self.activation else { return Ok(outputs) };
        match outputs.into_iter().next() {
            Some(Value::Tensor(tensor)) => {
                let shape = Shape::from_slice(tensor.shape());
                let TensorData::Float32(mut numbers) = tensor.into_data() else {
                    return Err(failed("an activation takes float32 elements alone"));
                };
                activation.apply(&mut numbers);
                one(shape, TensorData::Float32(numbers))
            }
            _ => Err(failed("a product is missing")),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ErrorKind;
    use crate::ops::testing::{Case, f32s, f64s};

    fn case(activation: &str) -> Case {
        Case::new("com.microsoft", "FusedGemm", 1).string("activation", activation).int("transB", 1)
    }

    #[test]
    fn an_activation_follows_the_product() {
        let inputs =
            [f32s(&[1, 2], &[1.0, 2.0]), f32s(&[2, 2], &[1.0, -1.0, 0.5, 1.0]), f32s(&[2], &[0.0, 1.0])];
        assert_eq!(case("").run(&inputs).unwrap(), [f32s(&[1, 2], &[-1.0, 3.5])]);
        assert_eq!(case("Relu").run(&inputs).unwrap(), [f32s(&[1, 2], &[0.0, 3.5])]);
        let leaky = case("LeakyRelu").float("activation_alpha", 0.25);
        assert_eq!(leaky.run(&inputs).unwrap(), [f32s(&[1, 2], &[-0.25, 3.5])]);
    }

    #[test]
    fn refuses_other_activations_and_types() {
        assert_eq!(case("Softmax").run(&[]).unwrap_err().kind(), ErrorKind::UnsupportedModel);
        let one = || f64s(&[1, 1], &[1.0]);
        let error = case("Relu").run(&[one(), one()]).unwrap_err();
        assert_eq!(error.message(), "an activation takes float32 elements alone");
    }
}
