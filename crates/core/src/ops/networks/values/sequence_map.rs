//! `SequenceMap`: a body for each tensor of sequences.
//! <https://onnx.ai/onnx/operators/onnx__SequenceMap.html>

use crate::ops::control::{Arguments, Body, own_inputs, values};
use crate::ops::tensor::sequence::{grow, tensors};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, ValueRef, failed};
use crate::{Result, Value};

struct SequenceMap {
    body: Body,
    /// The number of inputs: sequences, and values that are the same for all of
    /// their tensors.
    own: usize,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let own = own_inputs(node)?;
    Ok(Box::new(SequenceMap { body: Body::new(node, "body", own)?, own }))
}

impl Operator for SequenceMap {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let length = tensors(inputs, 0)?.len();
        let given = values(inputs, 0..self.own)?;
        let mut made = vec![Vec::new(); self.body.output_count()];
        let mut size = 0;
        for place in 0..length {
            scope.iterate()?;
            let mut arguments = Arguments::new();
            for value in &given {
                arguments.push(at(*value, place)?);
            }
            for (value, made) in self.body.run(arguments, inputs, scope)?.into_iter().zip(&mut made) {
                let Value::Tensor(tensor) = value else {
                    return Err(failed("expected the body to give tensors"));
                };
                grow(&mut size, &tensor)?;
                made.push(tensor);
            }
        }
        Ok(made.into_iter().map(Value::Sequence).collect())
    }
}

/// The tensor at `place` of a sequence; any other value as it is.
fn at(value: ValueRef<'_>, place: usize) -> Result<ValueRef<'_>> {
    let ValueRef::Sequence(tensors) = value else { return Ok(value) };
    let too_short = || failed(format!("expected sequences of one length, got one of {}", tensors.len()));
    tensors.get(place).map(|tensor| ValueRef::Tensor(tensor.into())).ok_or_else(too_short)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tensor;
    use crate::ops::testing::{Case, f32s, graph};

    fn number(value: f32) -> Tensor {
        f32s(&[1], &[value])
    }

    fn sequence(values: &[f32]) -> Value {
        Value::Sequence(values.iter().copied().map(number).collect())
    }

    fn add(inputs: &[Value]) -> Result<Vec<Value>> {
        let body = graph(2, &[("Add", &[0, 1])], &[2]);
        let inputs: Vec<_> = inputs.iter().cloned().map(Some).collect();
        Case::new("", "SequenceMap", 17).inputs(2).graph("body", body).run_values(&inputs)
    }

    #[test]
    fn goes_through_sequences_and_takes_tensors_whole() {
        let x = sequence(&[1.0, 2.0]);
        assert_eq!(add(&[x.clone(), sequence(&[3.0, 4.0])]).unwrap(), [sequence(&[4.0, 6.0])]);
        assert_eq!(add(&[x, number(0.5).into()]).unwrap(), [sequence(&[1.5, 2.5])]);
        assert_eq!(add(&[sequence(&[]), number(0.5).into()]).unwrap(), [sequence(&[])]);
    }

    #[test]
    fn refuses_what_has_no_tensor_for_each() {
        let error = add(&[sequence(&[1.0, 2.0]), sequence(&[1.0])]).unwrap_err();
        assert_eq!(error.message(), "expected sequences of one length, got one of 1");
        assert!(add(&[number(1.0).into(), number(1.0).into()]).is_err());
    }
}
