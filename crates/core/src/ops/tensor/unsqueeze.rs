//! `Unsqueeze`: with more axes of length 1.
//! <https://onnx.ai/onnx/operators/onnx__Unsqueeze.html>

use std::borrow::Cow;

use super::axis::axes;
use super::bits::copied;
use super::indices::whole;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::{Result, Shape};

struct Unsqueeze {
    /// The attribute of versions before 13.
    axes: Option<Vec<i64>>,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let axes = if node.version() < 13 { Some(node.ints("axes")?) } else { None };
    Ok(Box::new(Unsqueeze { axes }))
}

impl Operator for Unsqueeze {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let data = inputs.tensor(0)?;
        let asked = match &self.axes {
            Some(axes) => Cow::Borrowed(axes.as_slice()),
            None => whole(&inputs.tensor(1)?, scope)?,
        };
        let rank = data.shape.len() + asked.len();
        let new = axes(&asked, rank)?;
        scope.keep_cow(asked);
        let mut lengths = data.shape.iter().copied();
        let mut shape = Shape::new();
        for axis in 0..rank {
            let length = if new.contains(&axis) { None } else { lengths.next() };
            shape.push(length.unwrap_or(1));
        }
        one(shape, copied(data.data, scope)?)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i64s};

    #[test]
    fn counts_the_axes_in_the_result() {
        let x = f32s(&[2, 3], &[0.0; 6]);
        let y = Case::new("", "Unsqueeze", 13).run(&[x.clone(), i64s(&[3], &[4, 0, -3])]).unwrap();
        assert_eq!(y[0].shape(), [1, 2, 1, 3, 1]);
        let y = Case::new("", "Unsqueeze", 11).ints("axes", &[1]).run(std::slice::from_ref(&x)).unwrap();
        assert_eq!(y[0].shape(), [2, 1, 3]);
        assert!(Case::new("", "Unsqueeze", 13).run(&[x.clone(), i64s(&[2], &[0, -4])]).is_err());
        assert!(Case::new("", "Unsqueeze", 13).run(&[x, i64s(&[1], &[3])]).is_err());
    }
}
