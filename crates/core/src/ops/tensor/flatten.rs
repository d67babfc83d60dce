//! `Flatten`: two dimensions, those before an axis and those after it.
//! <https://onnx.ai/onnx/operators/onnx__Flatten.html>

use super::axis::{around, axis};
use super::bits::copied;
use crate::Result;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};

struct Flatten {
    axis: i64,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Flatten { axis: node.int_or("axis", 1)? }))
}

impl Operator for Flatten {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let data = inputs.tensor(0)?;
        let rank = data.shape.len();
        let at = if self.axis == rank as i64 { rank } else { axis(self.axis, rank)? };
        let around = around(data.shape, at);
        one([around.outer, around.length.saturating_mul(around.inner)].as_slice(), copied(data.data, scope)?)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s};

    fn flattened(axis: i64) -> crate::Result<Vec<usize>> {
        let y = Case::new("", "Flatten", 13).int("axis", axis).run(&[f32s(&[2, 3, 4], &[0.0; 24])])?;
        Ok(y[0].shape().to_vec())
    }

    #[test]
    fn multiplies_the_dimensions_before_and_after_the_axis() {
        assert_eq!(flattened(0).unwrap(), [1, 24]);
        assert_eq!(flattened(1).unwrap(), [2, 12]);
        assert_eq!(flattened(-1).unwrap(), [6, 4]);
        assert_eq!(flattened(3).unwrap(), [24, 1]);
        assert!(flattened(4).is_err());
        assert!(flattened(-4).is_err());
    }

    #[test]
    fn a_scalar_becomes_one_by_one() {
        let y = Case::new("", "Flatten", 13).int("axis", 0).run(&[f32s(&[], &[1.0])]).unwrap();
        assert_eq!(y[0].shape(), [1, 1]);
    }
}
