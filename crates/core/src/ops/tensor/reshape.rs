//! `Reshape`: the same elements in another shape.
//! <https://onnx.ai/onnx/operators/onnx__Reshape.html>

use std::borrow::Cow;

use super::axis::{count, dim};
use super::bits::copied;
use super::indices::whole;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::{Result, Shape};

struct Reshape {
    /// The attribute of version 1.
    shape: Option<Vec<i64>>,
    /// Whether 0 is a length of 0, and not that of the input.
    allow_zero: bool,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let shape = if node.version() < 5 { Some(node.ints("shape")?) } else { None };
    Ok(Box::new(Reshape { shape, allow_zero: node.flag("allowzero", false)? }))
}

impl Operator for Reshape {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let data = inputs.tensor(0)?;
        let asked = match &self.shape {
            Some(shape) => Cow::Borrowed(shape.as_slice()),
            None => whole(&inputs.tensor(1)?, scope)?,
        };
        let shape = self.reshaped(data.shape, data.len(), &asked)?;
        scope.keep_cow(asked);
        one(shape, copied(data.data, scope)?)
    }
}

impl Reshape {
    fn reshaped(&self, from: &[usize], length: usize, asked: &[i64]) -> Result<Shape> {
        let mut shape = Shape::new();
        let mut inferred = None;
        for (axis, &asked) in asked.iter().enumerate() {
            shape.push(match asked {
                -1 if inferred.is_some() => return Err(failed("expected one -1 in the shape, got several")),
                -1 => {
                    inferred = Some(axis);
                    1
                }
                0 if !self.allow_zero => from.get(axis).copied().ok_or_else(|| {
                    failed(format!("dimension {axis} is to be the input's, which has {}", from.len()))
                })?,
                _ => dim(asked)?,
            });
        }
        let known = count(&shape)?;
        if let Some(place) = inferred.and_then(|axis| shape.get_mut(axis)) {
            *place = length.checked_div(known).unwrap_or_default();
        }
        if known == 0 && inferred.is_some() || count(&shape)? != length {
            return Err(failed(format!("a tensor of shape {from:?} cannot be reshaped to {asked:?}")));
        }
        Ok(shape)
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i64s};

    fn shape(case: &Case, from: &[usize], to: &[i64]) -> Result<Vec<usize>, String> {
        let data = f32s(from, &vec![0.5; from.iter().product()]);
        let reshaped =
            case.run(&[data, i64s(&[to.len()], to)]).map_err(|error| error.message().to_owned())?;
        Ok(reshaped[0].shape().to_vec())
    }

    #[test]
    fn zero_copies_and_minus_one_is_worked_out() {
        let reshape = Case::new("", "Reshape", 13);
        assert_eq!(shape(&reshape, &[2, 3, 4], &[0, -1]).unwrap(), [2, 12]);
        assert_eq!(shape(&reshape, &[2, 3, 4], &[4, 0, -1, 1]).unwrap(), [4, 3, 2, 1]);
        assert!(shape(&reshape, &[1], &[]).unwrap().is_empty());
        assert_eq!(
            shape(&reshape, &[0, 3], &[3, 0, 0]).unwrap_err(),
            "dimension 2 is to be the input's, which has 2"
        );
    }

    #[test]
    fn zero_is_a_length_where_that_is_allowed() {
        let reshape = Case::new("", "Reshape", 14).int("allowzero", 1);
        assert_eq!(shape(&reshape, &[0, 3], &[3, 0]).unwrap(), [3, 0]);
        assert!(shape(&reshape, &[0, 3], &[0, -1]).is_err());
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let reshape = Case::new("", "Reshape", 13);
        let error = shape(&reshape, &[2, 3], &[4, -1]).unwrap_err();
        assert_eq!(error, "a tensor of shape [2, 3] cannot be reshaped to [4, -1]");
        assert!(shape(&reshape, &[2, 3], &[-1, -1]).is_err());
        assert!(shape(&reshape, &[2, 3], &[-2, 3]).is_err());
        assert!(shape(&reshape, &[2, 3], &[i64::MAX, i64::MAX]).is_err());
    }

    #[test]
    fn version_1_has_the_shape_as_an_attribute() {
        let reshape = Case::new("", "Reshape", 1).ints("shape", &[3, -1]);
        assert_eq!(reshape.run(&[f32s(&[2, 3], &[0.0; 6])]).unwrap()[0].shape(), [3, 2]);
    }
}
