//! `Concat`: tensors after one another along an axis.
//! <https://onnx.ai/onnx/operators/onnx__Concat.html>

use super::axis::axis;
use super::join::concatenated;
use crate::Result;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, only};

struct Concat {
    axis: i64,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    match node.int("axis")? {
        Some(axis) => Ok(Box::new(Concat { axis })),
        None if node.version() < 4 => Ok(Box::new(Concat { axis: 1 })),
        None => Err(node.invalid("expected an axis")),
    }
}

impl Operator for Concat {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let parts = inputs.tensors(0..inputs.len())?;
        let rank = parts.first().map_or(0, |part| part.shape.len());
        concatenated(&parts, axis(self.axis, rank)?, scope).map(only)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i64s, texts};

    fn concat(axis: i64) -> Case {
        Case::new("", "Concat", 13).int("axis", axis)
    }

    #[test]
    fn joins_along_the_first_and_the_last_axis() {
        let (a, b) = (i64s(&[2, 2], &[1, 2, 3, 4]), i64s(&[2, 2], &[5, 6, 7, 8]));
        let y = concat(0).run(&[a.clone(), b.clone()]).unwrap();
        assert_eq!(y, [i64s(&[4, 2], &[1, 2, 3, 4, 5, 6, 7, 8])]);
        let y = concat(-1).run(&[a, b, i64s(&[2, 1], &[9, 10])]).unwrap();
        assert_eq!(y, [i64s(&[2, 5], &[1, 2, 5, 6, 9, 3, 4, 7, 8, 10])]);
    }

    #[test]
    fn joins_long_blocks_and_texts() {
        let (a, b) = (f32s(&[2, 8], &[1.0; 16]), f32s(&[2, 9], &[2.0; 18]));
        let y = concat(1).run(&[a, b]).unwrap();
        let row = [[1.0; 8].as_slice(), &[2.0; 9]].concat();
        assert_eq!(y, [f32s(&[2, 17], &[row.clone(), row].concat())]);
        let y = concat(0).run(&[texts(&[1], &["a"]), texts(&[2], &["b", "c"])]).unwrap();
        assert_eq!(y, [texts(&[3], &["a", "b", "c"])]);
    }

    #[test]
    fn passes_over_tensors_without_elements() {
        let a = f32s(&[1, 2], &[1.0, 2.0]);
        assert_eq!(concat(0).run(&[f32s(&[0, 3], &[]), a.clone()]).unwrap(), [a]);
        let y = concat(1).run(&[f32s(&[0, 3], &[]), f32s(&[0, 2], &[])]).unwrap();
        assert_eq!(y, [f32s(&[0, 5], &[])]);
    }

    #[test]
    fn refuses_other_shapes_and_types() {
        let a = f32s(&[1, 2], &[1.0, 2.0]);
        let error = concat(0).run(&[a.clone(), f32s(&[1, 1], &[0.0])]).unwrap_err();
        assert_eq!(error.message(), "shapes [1, 2] and [1, 1] do not fit together along axis 0");
        let error = concat(0).run(&[a, i64s(&[1, 2], &[1, 2])]).unwrap_err();
        assert_eq!(error.message(), "expected tensors of one type, got float32 and int64");
    }
}
