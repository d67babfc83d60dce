//! `GatherND`: the blocks that tuples of indices name.
//! <https://onnx.ai/onnx/operators/onnx__GatherND.html>

use super::axis::{around, count, dim, replaced};
use super::indices::{place, whole};
use super::runs::{Runs, gathered};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::TensorRef;
use crate::{Result, Shape};

struct GatherNd {
    /// The number of axes that both inputs have in common.
    batch: usize,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    match dim(node.int_or("batch_dims", 0)?) {
        Ok(batch) => Ok(Box::new(GatherNd { batch })),
        Err(error) => Err(node.invalid(format_args!("batch_dims: {}", error.message()))),
    }
}

impl Operator for GatherNd {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (data, indices) = (inputs.tensor(0)?, inputs.tensor(1)?);
        let blocks = blocks(data.shape, &indices, self.batch, scope)?;
        let shape = replaced(indices.shape, indices.shape.len().saturating_sub(1), &blocks.shape);
        let runs = Runs { starts: blocks.starts, length: blocks.length, step: 1 };
        one(shape, gathered(data.data, runs, scope)?)
    }
}

/// The blocks of a tensor that tuples of indices name.
pub(super) struct Blocks {
    /// The first element of each.
    pub(super) starts: Vec<u32>,
    /// The number of elements of each.
    pub(super) length: usize,
    pub(super) shape: Shape,
}

/// `indices` is `[..., indices per tuple]`; its first `batch` axes are those of
/// the tensor as well.
pub(super) fn blocks(
    shape: &[usize],
    indices: &TensorRef<'_>,
    batch: usize,
    scope: &mut Scope,
) -> Result<Blocks> {
    let (tuple, tuples) = indices.shape.split_last().map_or((0, indices.shape), |(&last, rest)| (last, rest));
    let batches = shape.get(..batch).filter(|batches| tuples.get(..batch) == Some(batches));
    let end = batch.checked_add(tuple).filter(|_| !indices.shape.is_empty());
    let named = end.and_then(|end| Some((shape.get(batch..end)?, shape.get(end..)?)));
    let (Some(batches), Some((named, rest))) = (batches, named) else {
        let indices = indices.shape;
        return Err(failed(format!("indices of shape {indices:?} do not fit a tensor of shape {shape:?}")));
    };
    let (batches, tuples) = (count(batches)?, count(tuples)?);
    let (length, size) = (count(rest)?, around(shape, batch));
    // Blocks without elements are not looked for: there may be ever so many.
    let tuples = if length == 0 { 0 } else { tuples };
    let size = size.length.saturating_mul(size.inner);
    let list = whole(indices, scope)?;
    let mut starts = scope.vec(tuples)?;
    for index in 0..tuples {
        let first = index.checked_div(tuples / batches.max(1)).unwrap_or_default();
        let values = list.get(index * tuple..).unwrap_or_default().iter();
        let mut start = 0;
        for (&index, &length) in values.zip(named) {
            start = start * length + place(index, length)?;
        }
        starts.push((first * if batch == 0 { 0 } else { size } + start * length) as u32);
    }
    scope.keep_cow(list);
    Ok(Blocks { starts, length, shape: rest.into() })
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, i64s};

    #[test]
    fn takes_elements_and_blocks() {
        let x = i64s(&[2, 2], &[0, 1, 2, 3]);
        let case = Case::new("", "GatherND", 13);
        let y = case.run(&[x.clone(), i64s(&[2, 2], &[0, 0, 1, -1])]).unwrap();
        assert_eq!(y, [i64s(&[2], &[0, 3])]);
        let y = case.run(&[x, i64s(&[2, 1], &[1, 0])]).unwrap();
        assert_eq!(y, [i64s(&[2, 2], &[2, 3, 0, 1])]);
    }

    #[test]
    fn takes_from_each_batch_its_own() {
        let x = i64s(&[2, 2, 2], &[0, 1, 2, 3, 4, 5, 6, 7]);
        let case = Case::new("", "GatherND", 13).int("batch_dims", 1);
        let y = case.run(&[x, i64s(&[2, 1], &[1, 0])]).unwrap();
        assert_eq!(y, [i64s(&[2, 2], &[2, 3, 4, 5])]);
    }

    #[test]
    fn refuses_indices_that_do_not_fit() {
        let x = i64s(&[2, 2], &[0, 1, 2, 3]);
        let case = Case::new("", "GatherND", 13);
        assert!(case.run(&[x.clone(), i64s(&[1, 3], &[0, 0, 0])]).is_err());
        assert!(case.run(&[x.clone(), i64s(&[1, 1], &[2])]).is_err());
        assert!(case.run(&[x.clone(), i64s(&[], &[1])]).is_err());
        assert!(
            Case::new("", "GatherND", 13).int("batch_dims", 1).run(&[x, i64s(&[3, 1], &[0; 3])]).is_err()
        );
    }
}
