//! `Dropout` in inference: its input, and a mask that keeps all.
//! <https://onnx.ai/onnx/operators/onnx__Dropout.html>

use super::bits::copied;
use super::runs::scalar;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::{Result, Tensor, TensorData, Value};

struct Dropout {
    /// Whether somebody takes the mask, which is of booleans.
    mask: bool,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let mask = node.step().outputs.get(1) == Some(&true);
    if mask && node.version() < 10 {
        return Err(node.unsupported("a mask of numbers, which version 9 and older give"));
    }
    if node.version() < 7 && !node.flag("is_test", false)? {
        return Err(node.unsupported("training"));
    }
    Ok(Box::new(Dropout { mask: node.step().outputs.len() > 1 }))
}

impl Operator for Dropout {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let data = inputs.tensor(0)?;
        let training = inputs.optional(2)?.map(|training| scalar::<bool>(&training, "training_mode"));
        if training.transpose()? == Some(true) {
            return Err(failed("training_mode: expected false; training is not supported"));
        }
        let mut outputs = one(data.shape, copied(data.data, scope)?)?;
        if self.mask {
            let mask = TensorData::Bool(scope.filled(data.len(), true)?);
            outputs.push(Value::Tensor(Tensor::new(data.shape, mask)?));
        }
        Ok(outputs)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, bools, f32s};

    #[test]
    fn keeps_every_element_in_inference() {
        let x = f32s(&[2], &[1.0, 2.0]);
        let dropout = Case::new("", "Dropout", 13).outputs(2);
        assert_eq!(dropout.run(std::slice::from_ref(&x)).unwrap(), [x.clone(), bools(&[2], &[true, true])]);
        assert!(dropout.run(&[x, f32s(&[], &[0.5]), bools(&[], &[true])]).is_err());
    }
}
