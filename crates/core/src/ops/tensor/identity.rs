//! `Identity`: its input.
//! <https://onnx.ai/onnx/operators/onnx__Identity.html>

use crate::Result;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, only};

struct Identity;

pub(super) fn build(_node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Identity))
}

impl Operator for Identity {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        match inputs.value(0) {
            Some(value) => value.to_value(scope).map(only),
            None => Err(failed("input 0 is missing")),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Value;
    use crate::ops::testing::{Case, texts};

    #[test]
    fn gives_tensors_and_sequences_as_they_are() {
        let tensor = texts(&[2], &["a", "b"]);
        let identity = Case::new("", "Identity", 16);
        assert_eq!(identity.run(std::slice::from_ref(&tensor)).unwrap()[0], tensor);
        let sequence = Value::Sequence(vec![tensor.clone(), tensor]);
        assert_eq!(identity.run_values(&[Some(sequence.clone())]).unwrap(), [sequence]);
    }
}
