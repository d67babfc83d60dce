//! `Split`: parts of a tensor along an axis.
//! <https://onnx.ai/onnx/operators/onnx__Split.html>

use std::borrow::Cow;

use super::axis::{axis, dim};
use super::indices::optional;
use super::layout::Layout;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed};
use crate::{Result, Value};

struct Split {
    axis: i64,
    /// The attribute of versions before 13.
    lengths: Option<Vec<i64>>,
    /// The number of outputs.
    outputs: usize,
    /// Whether the last part may be shorter than the others.
    uneven: bool,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let lengths = if node.has("split") { Some(node.ints("split")?) } else { None };
    let outputs = node.step().outputs.len();
    let named = node.int_or("num_outputs", outputs as i64)?;
    if outputs == 0 || named != outputs as i64 {
        return Err(node.invalid(format_args!("num_outputs is {named}, but there are {outputs} outputs")));
    }
    let axis = node.int_or("axis", 0)?;
    Ok(Box::new(Split { axis, lengths, outputs, uneven: node.version() >= 18 }))
}

impl Operator for Split {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let data = inputs.tensor(0)?;
        let at = axis(self.axis, data.shape.len())?;
        let length = data.shape.get(at).copied().unwrap_or_default();
        let lengths = match &self.lengths {
            Some(lengths) => Some(Cow::Borrowed(lengths.as_slice())),
            None => optional(inputs, 1, scope)?,
        };
        let parts = match lengths {
            Some(lengths) => {
                let parts = given(&lengths, length);
                scope.keep_cow(lengths);
                parts?
            }
            None => self.equal(length)?,
        };
        let mut first = 0;
        let mut outputs = Outputs::new();
        for part in parts {
            let mut layout = Layout::dense(data.shape);
            layout.narrow(at, first, part, 1)?;
            first += part;
            outputs.push(Value::Tensor(layout.tensor(data, scope)?));
        }
        Ok(outputs)
    }
}

impl Split {
    fn equal(&self, length: usize) -> Result<Vec<usize>> {
        let part = length.div_ceil(self.outputs);
        let whole = if self.uneven { self.outputs - 1 } else { self.outputs };
        if part.saturating_mul(whole) > length {
            let outputs = self.outputs;
            return Err(failed(format!("an axis of length {length} cannot be split into {outputs} parts")));
        }
        let mut rest = length;
        let mut parts = Vec::new();
        for _ in 0..self.outputs {
            parts.push(part.min(rest));
            rest -= part.min(rest);
        }
        Ok(parts)
    }
}

pub(super) fn given(lengths: &[i64], length: usize) -> Result<Vec<usize>> {
    let (mut parts, mut sum) = (Vec::new(), 0usize);
    for &part in lengths {
        parts.push(dim(part)?);
        sum = sum.saturating_add(dim(part)?);
    }
    if sum != length {
        return Err(failed(format!("parts of lengths {parts:?} do not make up an axis of length {length}")));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, i64s};

    fn split(version: u32, outputs: usize) -> Case {
        Case::new("", "Split", version).outputs(outputs)
    }

    #[test]
    fn splits_into_equal_parts() {
        let x = i64s(&[2, 4], &[1, 2, 3, 4, 5, 6, 7, 8]);
        let y = split(13, 2).int("axis", 1).run(std::slice::from_ref(&x)).unwrap();
        assert_eq!(y, [i64s(&[2, 2], &[1, 2, 5, 6]), i64s(&[2, 2], &[3, 4, 7, 8])]);
        assert!(split(13, 3).int("axis", 1).run(&[x]).is_err());
    }

    #[test]
    fn the_last_part_may_be_shorter_from_version_18_on() {
        let y = split(18, 2).int("num_outputs", 2).run(&[i64s(&[5], &[1, 2, 3, 4, 5])]).unwrap();
        assert_eq!(y, [i64s(&[3], &[1, 2, 3]), i64s(&[2], &[4, 5])]);
        assert!(split(18, 4).int("num_outputs", 4).run(&[i64s(&[5], &[0; 5])]).is_err());
        assert!(split(18, 1).int("num_outputs", i64::MAX).run(&[i64s(&[0], &[])]).is_err());
    }

    #[test]
    fn splits_into_parts_of_given_lengths() {
        let x = i64s(&[4], &[1, 2, 3, 4]);
        let expected = [i64s(&[1], &[1]), i64s(&[3], &[2, 3, 4])];
        assert_eq!(split(11, 2).ints("split", &[1, 3]).run(std::slice::from_ref(&x)).unwrap(), expected);
        assert_eq!(split(13, 2).run(&[x.clone(), i64s(&[2], &[1, 3])]).unwrap(), expected);
        let error = split(13, 2).run(&[x, i64s(&[2], &[1, 2])]).unwrap_err();
        assert_eq!(error.message(), "parts of lengths [1, 2] do not make up an axis of length 4");
    }
}
