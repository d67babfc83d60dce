//! `GatherElements`: for each index, the element of that place of the axis.
//! <https://onnx.ai/onnx/operators/onnx__GatherElements.html>

use super::axis::axis;
use super::indices::{self, whole};
use super::layout::Layout;
use super::runs::{Runs, gathered};
use crate::Result;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::tensor_ref::TensorRef;

struct GatherElements {
    axis: i64,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(GatherElements { axis: node.int_or("axis", 0)? }))
}

impl Operator for GatherElements {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (data, indices) = (inputs.tensor(0)?, inputs.tensor(1)?);
        let places = places(data.shape, axis(self.axis, data.shape.len())?, &indices, scope)?;
        one(indices.shape, gathered(data.data, Runs::elements(places), scope)?)
    }
}

/// For each of `indices` the element of a tensor of `shape` that it names: its
/// own place, with the index along `axis`.
pub(super) fn places(
    shape: &[usize],
    axis: usize,
    indices: &TensorRef<'_>,
    scope: &mut Scope,
) -> Result<Vec<u32>> {
    let mut layout = Layout::dense(shape);
    if indices.shape.len() != shape.len() {
        let (rank, got) = (shape.len(), indices.shape.len());
        return Err(failed(format!("expected indices of {rank} dimensions, got {got}")));
    }
    for (at, (place, &length)) in layout.axes.iter_mut().zip(indices.shape).enumerate() {
        if at != axis && length > place.length {
            let (indices, shape) = (indices.shape, shape);
            return Err(failed(format!(
                "indices of shape {indices:?} are too many for a tensor of {shape:?}"
            )));
        }
        place.length = length;
    }
    let along = layout.axis(axis)?;
    let stride = std::mem::take(&mut along.step);
    let length = shape.get(axis).copied().unwrap_or_default();
    let list = whole(indices, scope)?;
    let along = indices::places(&list, length, stride.unsigned_abs(), scope)?;
    scope.keep_cow(list);
    let mut places = layout.places(scope)?;
    places.iter_mut().zip(&along).for_each(|(place, along)| *place = place.wrapping_add(*along));
    scope.keep(along);
    Ok(places)
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, i64s};

    #[test]
    fn takes_elements_along_the_axis() {
        let x = i64s(&[3, 3], &[1, 2, 3, 4, 5, 6, 7, 8, 9]);
        let case = Case::new("", "GatherElements", 13);
        let y = case.run(&[x.clone(), i64s(&[2, 3], &[-1, -2, 0, -2, 0, 0])]).unwrap();
        assert_eq!(y, [i64s(&[2, 3], &[7, 5, 3, 4, 2, 3])]);
        let case = case.int("axis", 1);
        let y = case.run(&[x, i64s(&[2, 2], &[0, 2, 1, 1])]).unwrap();
        assert_eq!(y, [i64s(&[2, 2], &[1, 3, 5, 5])]);
    }

    #[test]
    fn refuses_indices_outside_of_the_tensor() {
        let case = Case::new("", "GatherElements", 13);
        let x = i64s(&[2, 2], &[1, 2, 3, 4]);
        assert!(case.run(&[x.clone(), i64s(&[1, 1], &[2])]).is_err());
        assert!(case.run(&[x.clone(), i64s(&[1, 3], &[0, 0, 0])]).is_err());
        assert!(case.run(&[x, i64s(&[1], &[0])]).is_err());
    }
}
