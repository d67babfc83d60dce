//! `Gather`: the blocks of an axis that indices name.
//! <https://onnx.ai/onnx/operators/onnx__Gather.html>

use super::axis::{Around, around, axis, replaced};
use super::indices::{place, places, whole};
use super::layout::Layout;
use super::runs::{Runs, gathered};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, one};
use crate::tensor_ref::TensorRef;
use crate::{Result, TensorData};

struct Gather {
    axis: i64,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Gather { axis: node.int_or("axis", 0)? }))
}

impl Operator for Gather {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let (data, indices) = (inputs.tensor(0)?, inputs.tensor(1)?);
        let at = axis(self.axis, data.shape.len())?;
        let list = whole(&indices, scope)?;
        let taken = taken(&data, at, &list, scope)?;
        scope.keep_cow(list);
        one(replaced(data.shape, at, indices.shape), taken)
    }
}

/// The elements of the places of `axis` that `indices` name.
pub(super) fn taken(
    data: &TensorRef<'_>,
    axis: usize,
    indices: &[i64],
    scope: &mut Scope,
) -> Result<TensorData> {
    if let &[index] = indices {
        let mut layout = Layout::dense(data.shape);
        let first = place(index, layout.axis(axis)?.length)?;
        layout.narrow(axis, first, 1, 1)?;
        return layout.of(data.data, scope);
    }
    let Around { outer, length, inner } = around(data.shape, axis);
    let places = places(indices, length, inner, scope)?;
    let mut starts = scope.vec(outer.saturating_mul(places.len()))?;
    for outer in 0..if places.is_empty() { 0 } else { outer } {
        let first = outer.wrapping_mul(length).wrapping_mul(inner) as u32;
        starts.extend(places.iter().map(|place| place.wrapping_add(first)));
    }
    scope.keep(places);
    gathered(data.data, Runs { starts, length: inner, step: 1 }, scope)
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, f32s, i32s, i64s, texts};

    #[test]
    fn takes_blocks_of_the_axis() {
        let x = f32s(&[3, 2], &[1.0, 1.2, 2.3, 3.4, 4.5, 5.7]);
        let y = Case::new("", "Gather", 13).run(&[x.clone(), i64s(&[2, 2], &[0, 1, 1, -1])]).unwrap();
        assert_eq!(y, [f32s(&[2, 2, 2], &[1.0, 1.2, 2.3, 3.4, 2.3, 3.4, 4.5, 5.7])]);
        let y = Case::new("", "Gather", 13).int("axis", -1).run(&[x, i32s(&[1], &[1])]).unwrap();
        assert_eq!(y, [f32s(&[3, 1], &[1.2, 3.4, 5.7])]);
    }

    #[test]
    fn one_index_takes_the_axis_away() {
        let y = Case::new("", "Gather", 13).run(&[texts(&[2], &["a", "b"]), i64s(&[], &[1])]).unwrap();
        assert_eq!(y, [texts(&[], &["b"])]);
    }

    #[test]
    fn refuses_an_index_outside() {
        let error = Case::new("", "Gather", 13).run(&[texts(&[2], &["a", "b"]), i64s(&[1], &[2])]);
        assert_eq!(error.unwrap_err().message(), "index 2 is outside of an axis of length 2");
    }
}
