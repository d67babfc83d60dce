//! The class labels of a classifier.

use crate::ops::{Node, Outputs, Scope};
use crate::{Classes, Result, Shape, Tensor, TensorData, Value};

/// The labels in the attributes `classlabels_strings` and `integers`, of which
/// a node has one; no integers where it has neither.
pub(crate) fn classes(node: &Node<'_>, integers: &str) -> Result<Classes> {
    let (strings, integers) = (node.strings("classlabels_strings")?, node.ints(integers)?);
    match (strings.is_empty(), integers.is_empty()) {
        (false, false) => Err(node.invalid("expected class labels of one type, got integers and strings")),
        (false, true) => Ok(Classes::Strings(strings)),
        (true, _) => Ok(Classes::Integers(integers)),
    }
}

/// The labels at `picked`, one for each row.
pub(crate) fn labels(
    classes: &Classes,
    picked: impl ExactSizeIterator<Item = usize>,
    scope: &mut Scope,
) -> Result<TensorData> {
    Ok(match classes {
        Classes::Integers(classes) => {
            let mut labels = scope.vec(picked.len())?;
            labels.extend(picked.map(|class| classes.get(class).copied().unwrap_or_default()));
            TensorData::Int64(labels)
        }
        Classes::Strings(classes) => {
            let mut labels = scope.vec(picked.len())?;
            labels.extend(picked.map(|class| classes.get(class).cloned().unwrap_or_default()));
            TensorData::String(labels)
        }
    })
}

/// The first of the largest scores; numbers are no larger than NaN.
pub(crate) fn largest(scores: &[f32]) -> usize {
    let Some((&first, rest)) = scores.split_first() else { return 0 };
    let mut best = (0, first);
    for (index, &score) in rest.iter().enumerate() {
        if score > best.1 {
            best = (index + 1, score);
        }
    }
    best.0
}

/// A classifier's outputs: the label of each row, and `width` scores a row.
pub(crate) fn outputs(labels: TensorData, scores: Vec<f32>, width: usize) -> Result<Outputs> {
    let rows = labels.len();
    let scores = Tensor::new(Shape::from_slice(&[rows, width]), TensorData::Float32(scores))?;
    let labels = Tensor::new(Shape::from_slice(&[rows]), labels)?;
    Ok(Outputs::from_buf([Value::Tensor(labels), Value::Tensor(scores)]))
}
