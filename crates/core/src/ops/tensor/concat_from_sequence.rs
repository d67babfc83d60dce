//! `ConcatFromSequence`: the tensors of a sequence, joined.
//! <https://onnx.ai/onnx/operators/onnx__ConcatFromSequence.html>

use super::axis::axis;
use super::join::{concatenated, stacked};
use super::sequence::tensors;
use crate::Result;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, only};
use crate::tensor_ref::TensorRef;

struct ConcatFromSequence {
    axis: i64,
    /// Whether the axis is a new one.
    new: bool,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let axis = node.int("axis")?.ok_or_else(|| node.invalid("expected an axis"))?;
    Ok(Box::new(ConcatFromSequence { axis, new: node.flag("new_axis", false)? }))
}

impl Operator for ConcatFromSequence {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let parts: Vec<TensorRef<'_>> = tensors(inputs, 0)?.iter().map(TensorRef::from).collect();
        let rank = parts.first().ok_or_else(|| failed("the sequence is empty"))?.shape.len();
        let joined = if self.new {
            stacked(&parts, axis(self.axis, rank + 1)?, scope)?
        } else {
            concatenated(&parts, axis(self.axis, rank)?, scope)?
        };
        Ok(only(joined))
    }
}

#[cfg(test)]
mod tests {
    use crate::Value;
    use crate::ops::testing::{Case, i64s};

    #[test]
    fn joins_along_an_axis_or_a_new_one() {
        let sequence = Value::Sequence(vec![i64s(&[2], &[1, 2]), i64s(&[2], &[3, 4])]);
        let joined = |axis, new| {
            let case = Case::new("", "ConcatFromSequence", 11).int("axis", axis).int("new_axis", new);
            case.run_values(&[Some(sequence.clone())]).unwrap().remove(0)
        };
        assert_eq!(joined(0, 0), i64s(&[4], &[1, 2, 3, 4]).into());
        assert_eq!(joined(0, 1), i64s(&[2, 2], &[1, 2, 3, 4]).into());
        assert_eq!(joined(-1, 1), i64s(&[2, 2], &[1, 3, 2, 4]).into());
    }

    #[test]
    fn refuses_an_empty_sequence() {
        let case = Case::new("", "ConcatFromSequence", 11).int("axis", 0);
        assert!(case.run_values(&[Some(Value::Sequence(Vec::new()))]).is_err());
    }
}
