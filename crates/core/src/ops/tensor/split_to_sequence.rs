//! `SplitToSequence`: the parts of a tensor along an axis, as a sequence.
//! <https://onnx.ai/onnx/operators/onnx__SplitToSequence.html>

use super::axis::{axis, dim};
use super::indices::whole;
use super::layout::Layout;
use super::sequence::made;
use super::split::given;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed};
use crate::{Result, Tensor};

struct SplitToSequence {
    axis: i64,
    /// Whether parts of length 1, where no lengths are given, have the axis.
    keep: bool,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(SplitToSequence { axis: node.int_or("axis", 0)?, keep: node.flag("keepdims", true)? }))
}

impl Operator for SplitToSequence {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let data = inputs.tensor(0)?;
        let at = axis(self.axis, data.shape.len())?;
        let length = data.shape.get(at).copied().unwrap_or_default();
        let lengths = inputs.optional(1)?;
        let parts = match &lengths {
            None => equal(length, 1)?,
            Some(split) => {
                let list = whole(split, scope)?;
                let parts = match (&*list, split.shape.is_empty()) {
                    (&[part], true) => equal(length, dim(part)?)?,
                    _ => given(&list, length)?,
                };
                scope.keep_cow(list);
                parts
            }
        };
        let mut first = 0;
        let mut tensors = Vec::new();
        for part in parts {
            let mut layout = Layout::dense(data.shape);
            layout.narrow(at, first, part, 1)?;
            first += part;
            let elements = layout.of(data.data, scope)?;
            if lengths.is_none() && !self.keep {
                layout.axes.remove(at);
            }
            tensors.push(Tensor::new(layout.shape(), elements)?);
        }
        made(tensors)
    }
}

/// Parts of length `part`, the last of what is left.
fn equal(length: usize, part: usize) -> Result<Vec<usize>> {
    const MOST: usize = 1 << 20;
    match length.checked_div(part).filter(|parts| *parts < MOST) {
        Some(whole) => {
            let mut parts = vec![part; whole];
            if !length.is_multiple_of(part) {
                parts.push(length % part);
            }
            Ok(parts)
        }
        None => {
            Err(failed(format!("an axis of length {length} cannot be split into parts of length {part}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, i64s};
    use crate::{Tensor, Value};

    fn split(case: &Case, lengths: Option<Tensor>) -> crate::Result<Vec<Tensor>> {
        let x = i64s(&[3, 2], &[1, 2, 3, 4, 5, 6]);
        match case.run_values(&[Some(x.into()), lengths.map(Value::Tensor)])?.remove(0) {
            Value::Sequence(tensors) => Ok(tensors),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn splits_into_parts() {
        let case = Case::new("", "SplitToSequence", 11);
        let parts = split(&case, Some(i64s(&[], &[2]))).unwrap();
        assert_eq!(parts, [i64s(&[2, 2], &[1, 2, 3, 4]), i64s(&[1, 2], &[5, 6])]);
        let parts = split(&case, Some(i64s(&[2], &[1, 2]))).unwrap();
        assert_eq!(parts, [i64s(&[1, 2], &[1, 2]), i64s(&[2, 2], &[3, 4, 5, 6])]);
        let case = case.int("axis", 1);
        assert_eq!(split(&case, None).unwrap()[1], i64s(&[3, 1], &[2, 4, 6]));
        assert_eq!(split(&case.int("keepdims", 0), None).unwrap()[1], i64s(&[3], &[2, 4, 6]));
    }

    #[test]
    fn refuses_parts_that_do_not_fit() {
        let case = Case::new("", "SplitToSequence", 11);
        assert!(split(&case, Some(i64s(&[], &[0]))).is_err());
        assert!(split(&case, Some(i64s(&[1], &[2]))).is_err());
    }
}
