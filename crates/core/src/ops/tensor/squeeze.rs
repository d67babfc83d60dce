//! `Squeeze`: without axes of length 1.
//! <https://onnx.ai/onnx/operators/onnx__Squeeze.html>

use std::borrow::Cow;

use super::axis::{Axes, axis};
use super::bits::copied;
use super::indices::optional;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::{Result, Shape};

struct Squeeze {
    /// The attribute of versions before 13.
    axes: Option<Vec<i64>>,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let axes = if node.has("axes") { Some(node.ints("axes")?) } else { None };
    Ok(Box::new(Squeeze { axes }))
}

impl Operator for Squeeze {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let data = inputs.tensor(0)?;
        let asked = match &self.axes {
            Some(axes) => Some(Cow::Borrowed(axes.as_slice())),
            None => optional(inputs, 1, scope)?,
        };
        // As in onnxruntime, an empty list is none.
        let asked = asked.filter(|axes| !axes.is_empty());
        let mut gone = Axes::new();
        for &at in asked.as_deref().unwrap_or_default() {
            gone.push(axis(at, data.shape.len())?);
        }
        let mut shape = Shape::new();
        for (axis, &length) in data.shape.iter().enumerate() {
            let named = gone.contains(&axis);
            if named && length != 1 {
                return Err(failed(format!("axis {axis}: expected a length of 1, got {length}")));
            }
            if !named && (length != 1 || asked.is_some()) {
                shape.push(length);
            }
        }
        if let Some(axes) = asked {
            scope.keep_cow(axes);
        }
        one(shape, copied(data.data, scope)?)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i64s};

    #[test]
    fn takes_the_axes_as_input_or_attribute() {
        let x = f32s(&[1, 3, 1, 1], &[1.0, 2.0, 3.0]);
        let y = Case::new("", "Squeeze", 13).run(&[x.clone(), i64s(&[2], &[0, -1])]).unwrap();
        assert_eq!(y[0].shape(), [3, 1]);
        let y = Case::new("", "Squeeze", 11).ints("axes", &[2]).run(std::slice::from_ref(&x)).unwrap();
        assert_eq!(y[0].shape(), [1, 3, 1]);
        let y = Case::new("", "Squeeze", 13).run(&[x]).unwrap();
        assert_eq!(y[0].shape(), [3]);
    }

    #[test]
    fn refuses_an_axis_that_is_longer() {
        let error = Case::new("", "Squeeze", 13).run(&[f32s(&[1, 2], &[1.0, 2.0]), i64s(&[1], &[1])]);
        assert_eq!(error.unwrap_err().message(), "axis 1: expected a length of 1, got 2");
    }
}
