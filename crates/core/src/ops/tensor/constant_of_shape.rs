//! `ConstantOfShape`: one value in every place of a shape.
//! <https://onnx.ai/onnx/operators/onnx__ConstantOfShape.html>

use super::axis::count;
use super::indices::{shape, whole};
use super::runs::{Runs, gathered};
use crate::Result;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::plan::Constant;
use crate::tensor_ref::DataRef;

struct ConstantOfShape {
    /// Without, the value is a float32 of 0.
    value: Option<Constant>,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let value = node.tensor("value")?.cloned();
    if let Some(length) = value.as_ref().map(|value| value.view().len()).filter(|length| *length != 1) {
        return Err(node.invalid(format_args!("value: expected one element, got {length}")));
    }
    Ok(Box::new(ConstantOfShape { value }))
}

impl Operator for ConstantOfShape {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let dims = whole(&inputs.tensor(0)?, scope)?;
        let shape = shape(&dims)?;
        scope.keep_cow(dims);
        let runs = Runs { starts: scope.filled(1, 0)?, length: count(&shape)?, step: 0 };
        let value = self.value.as_ref().map_or(DataRef::Float32(&[0.0]), |value| value.view().data);
        one(shape, gathered(value, runs, scope)?)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i64s, texts};

    #[test]
    fn fills_a_shape_with_a_value() {
        let case = || Case::new("", "ConstantOfShape", 9);
        let y = case().run(&[i64s(&[2], &[1, 3])]).unwrap();
        assert_eq!(y, [f32s(&[1, 3], &[0.0; 3])]);
        let y = case().tensor("value", &i64s(&[1], &[7])).run(&[i64s(&[1], &[9])]).unwrap();
        assert_eq!(y, [i64s(&[9], &[7; 9])]);
        let y = case().tensor("value", &texts(&[1], &["a"])).run(&[i64s(&[0], &[])]).unwrap();
        assert_eq!(y, [texts(&[], &["a"])]);
        assert_eq!(case().run(&[i64s(&[2], &[0, 3])]).unwrap(), [f32s(&[0, 3], &[])]);
    }

    #[test]
    fn refuses_shapes_that_are_none() {
        let case = Case::new("", "ConstantOfShape", 9);
        assert!(case.run(&[i64s(&[1], &[-1])]).is_err());
        assert!(case.run(&[i64s(&[2], &[i64::MAX, i64::MAX])]).is_err());
        assert!(case.run(&[i64s(&[1], &[1 << 40])]).is_err());
        assert!(Case::new("", "ConstantOfShape", 9).floats("value", &[1.0, 2.0]).run(&[]).is_err());
    }
}
