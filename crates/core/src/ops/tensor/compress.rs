//! `Compress`: the places of an axis for which a condition is true.
//! <https://onnx.ai/onnx/operators/onnx__Compress.html>

use super::axis::{axis, replaced};
use super::gather::taken;
use crate::Result;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::tensor_ref::TensorRef;

struct Compress {
    /// Without, the tensor is one row of elements.
    axis: Option<i64>,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Compress { axis: node.int("axis")? }))
}

impl Operator for Compress {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (data, condition) = (inputs.tensor(0)?, inputs.read::<bool>(1)?);
        let flat = [data.len()];
        let (shape, at) = match self.axis {
            Some(at) => (data.shape, axis(at, data.shape.len())?),
            None => (flat.as_slice(), 0),
        };
        let length = shape.get(at).copied().unwrap_or_default();
        let mut places = scope.vec(condition.len().min(length))?;
        let taken_places = condition.iter().zip(0..length as i64).filter(|(taken, _)| **taken);
        places.extend(taken_places.map(|(_, place)| place));
        let shape_taken = replaced(shape, at, &[places.len()]);
        let elements = taken(&TensorRef { shape, data: data.data }, at, &places, scope)?;
        scope.keep(places);
        one(shape_taken, elements)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, bools, i64s};

    #[test]
    fn takes_where_the_condition_is_true() {
        let x = i64s(&[2, 3], &[0, 1, 2, 3, 4, 5]);
        let y = Case::new("", "Compress", 11).int("axis", 1).run(&[x.clone(), bools(&[2], &[false, true])]);
        assert_eq!(y.unwrap(), [i64s(&[2, 1], &[1, 4])]);
        let condition = bools(&[8], &[true, false, true, true, true, true, true, true]);
        let y = Case::new("", "Compress", 11).run(&[x, condition]).unwrap();
        assert_eq!(y, [i64s(&[5], &[0, 2, 3, 4, 5])]);
    }
}
