//! onnxruntime's Gaussian error linear units, with a bias or without:
//! `com.microsoft.Gelu`, `BiasGelu`, `FastGelu`, `QuickGelu`, and `BiasAdd`.
//! <https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.Gelu>

use edgeinfer_kernels::{Activation, gelu};

use crate::ops::broadcast::Broadcast;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::{Result, TensorData};

struct Gelu {
    function: Function,
}

#[derive(Clone, Copy)]
enum Function {
    Exact,
    Tanh,
    /// `x · sigmoid(alpha · x)`.
    Swish(f32),
    /// What is added to is not bent, but added to once more.
    Skip,
}

pub(super) fn exact(_: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Gelu { function: Function::Exact }))
}

pub(super) fn fast(_: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Gelu { function: Function::Tanh }))
}

pub(super) fn quick(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Gelu { function: Function::Swish(node.float_or("alpha", 1.702)?) }))
}

pub(super) fn bias_add(_: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Gelu { function: Function::Skip }))
}

impl Operator for Gelu {
    /// X in float32, and a bias that is stretched to it where it is given.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let x = inputs.tensor(0)?;
        let numbers = inputs.read::<f32>(0)?;
        let mut y = match inputs.optional(1)? {
            Some(_) => sum(inputs, numbers, 1, scope)?,
            None => scope.copy(numbers)?,
        };
        match self.function {
            Function::Exact => gelu::gelu(&mut y),
            Function::Tanh => gelu::gelu_tanh(&mut y),
            Function::Swish(alpha) => Activation::Swish(alpha).apply(&mut y),
            Function::Skip => {
                let skipped = sum(inputs, &y, 2, scope)?;
                scope.keep(std::mem::replace(&mut y, skipped));
            }
        }
        one(x.shape, TensorData::Float32(y))
    }
}

/// `numbers`, of the first input's shape, and input `index`, stretched to it.
fn sum(inputs: &Inputs<'_>, numbers: &[f32], index: usize, scope: &mut Scope) -> Result<Vec<f32>> {
    let (x, other) = (inputs.tensor(0)?, inputs.tensor(index)?);
    let broadcast = Broadcast::new(&[x.shape, other.shape])?;
    if broadcast.shape.as_slice() != x.shape {
        return Err(failed(format!(
            "input {index} of shape {:?} cannot be stretched to {:?}",
            other.shape, x.shape
        )));
    }
    let mut y = scope.vec(numbers.len())?;
    broadcast.zip(numbers, inputs.read::<f32>(index)?, &mut y, |a, b| a + b);
    Ok(y)
}

#[cfg(test)]
mod tests {
    use crate::Tensor;
    use crate::ops::testing::{Case, assert_close, f32s};

    fn y(op: &str, inputs: &[Tensor]) -> Vec<f32> {
        let case = Case::new("com.microsoft", op, 1);
        case.run(inputs).unwrap()[0].as_f32().unwrap().to_vec()
    }

    #[test]
    fn bends_with_a_bias_or_without() {
        let (x, bias) = (f32s(&[1, 3], &[-3.0, -0.5, 2.0]), f32s(&[3], &[0.0, 0.0, -1.0]));
        assert_close(&y("Gelu", std::slice::from_ref(&x)), &[-0.004_049_694, -0.154_268_77, 1.954_499_7]);
        assert_close(
            &y("BiasGelu", &[x.clone(), bias.clone()]),
            &[-0.004_049_694, -0.154_268_77, 0.841_344_8],
        );
        assert_close(&y("FastGelu", std::slice::from_ref(&x)), &[-0.003_637_392, -0.154_286, 1.954_597_7]);
        assert_close(&y("FastGelu", &[x.clone(), bias]), &[-0.003_637_392, -0.154_286, 0.841_192]);
        assert_close(&y("QuickGelu", &[x]), &[-0.018_071_31, -0.149_611_56, 1.935_658_6]);
    }

    #[test]
    fn adds_a_bias_and_what_is_skipped() {
        let x = f32s(&[1, 2, 2], &[1.0, 2.0, 3.0, 4.0]);
        let y = y("BiasAdd", &[x.clone(), f32s(&[2], &[10.0, 20.0]), x]);
        assert_eq!(y, [12.0, 24.0, 16.0, 28.0]);
    }

    #[test]
    fn refuses_a_bias_that_does_not_fit() {
        let inputs = [f32s(&[3], &[0.0; 3]), f32s(&[2, 3], &[0.0; 6])];
        let error = Case::new("com.microsoft", "BiasGelu", 1).run(&inputs).unwrap_err();
        assert_eq!(error.message(), "input 1 of shape [2, 3] cannot be stretched to [3]");
    }
}
