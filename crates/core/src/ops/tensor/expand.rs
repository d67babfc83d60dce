//! `Expand`: repeats axes of length 1 so that the tensor has a shape.
//! <https://onnx.ai/onnx/operators/onnx__Expand.html>

use super::indices::{shape, whole};
use super::layout::{Axis, Layout};
use crate::Result;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};

struct Expand;

pub(super) fn build(_node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Expand))
}

impl Operator for Expand {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let data = inputs.tensor(0)?;
        let asked = whole(&inputs.tensor(1)?, scope)?;
        let to = shape(&asked)?;
        scope.keep_cow(asked);
        let mut layout = Layout::dense(data.shape);
        while layout.axes.len() < to.len() {
            layout.axes.insert(0, Axis { length: 1, step: 0 });
        }
        for (axis, &length) in layout.axes.iter_mut().rev().zip(to.iter().rev()) {
            match axis.length {
                1 => *axis = Axis { length, step: 0 },
                own if length != 1 && length != own => {
                    let from = data.shape;
                    return Err(failed(format!("a tensor of shape {from:?} cannot be expanded to {to:?}")));
                }
                _ => {}
            }
        }
        one(layout.shape(), layout.of(data.data, scope)?)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i64s};

    #[test]
    fn repeats_axes_of_length_1() {
        let x = f32s(&[3, 1], &[1.0, 2.0, 3.0]);
        let expand = Case::new("", "Expand", 13);
        let y = expand.run(&[x.clone(), i64s(&[3], &[2, 1, 2])]).unwrap();
        let expected = [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0];
        assert_eq!(y, [f32s(&[2, 3, 2], &expected)]);
        let y = expand.run(&[x.clone(), i64s(&[1], &[1])]).unwrap();
        assert_eq!(y[0], x);
        let error = expand.run(&[x, i64s(&[2], &[2, 3])]).unwrap_err();
        assert_eq!(error.message(), "a tensor of shape [3, 1] cannot be expanded to [2, 3]");
    }

    #[test]
    fn refuses_what_does_not_fit_into_memory() {
        let expand = Case::new("", "Expand", 13);
        assert!(expand.run(&[f32s(&[1], &[1.0]), i64s(&[2], &[i64::MAX, i64::MAX])]).is_err());
        assert!(expand.run(&[f32s(&[1], &[1.0]), i64s(&[2], &[1 << 20, 1 << 20])]).is_err());
    }
}
