//! `Tile`: the tensor again and again along its axes.
//! <https://onnx.ai/onnx/operators/onnx__Tile.html>

use smallvec::SmallVec;

use super::axis::{axis, dim};
use super::indices::{single, whole};
use super::layout::{Axis, Layout};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, failed, one};
use crate::{Result, Shape};

struct Tile {
    /// Whether the inputs are, as in version 1, the number of times and an axis.
    one_axis: bool,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Tile { one_axis: node.version() < 6 }))
}

impl Operator for Tile {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let data = inputs.tensor(0)?;
        let times = self.times(inputs, data.shape.len(), scope)?;
        if times.len() != data.shape.len() {
            let (rank, got) = (data.shape.len(), times.len());
            return Err(failed(format!("{got} repeats do not fit a tensor of {rank} dimensions")));
        }
        let mut shape = Shape::new();
        let mut layout = Layout { start: 0, axes: SmallVec::new() };
        for (axis, &times) in Layout::dense(data.shape).axes.iter().zip(&times) {
            shape.push(axis.length.saturating_mul(times));
            layout.axes.push(Axis { length: times, step: 0 });
            layout.axes.push(*axis);
        }
        one(shape, layout.of(data.data, scope)?)
    }
}

impl Tile {
    fn times(&self, inputs: &Inputs<'_>, rank: usize, scope: &mut Scope) -> Result<Shape> {
        if self.one_axis {
            let mut times = Shape::from_elem(1, rank);
            if let Some(place) = times.get_mut(axis(single(inputs, 2)?, rank)?) {
                *place = dim(single(inputs, 1)?)?;
            }
            return Ok(times);
        }
        let list = whole(&inputs.tensor(1)?, scope)?;
        let times = super::indices::shape(&list);
        scope.keep_cow(list);
        times
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, i64s};

    #[test]
    fn repeats_along_every_axis() {
        let x = i64s(&[2, 2], &[1, 2, 3, 4]);
        let y = Case::new("", "Tile", 13).run(&[x.clone(), i64s(&[2], &[1, 2])]).unwrap();
        assert_eq!(y, [i64s(&[2, 4], &[1, 2, 1, 2, 3, 4, 3, 4])]);
        let y = Case::new("", "Tile", 13).run(&[x.clone(), i64s(&[2], &[2, 1])]).unwrap();
        assert_eq!(y, [i64s(&[4, 2], &[1, 2, 3, 4, 1, 2, 3, 4])]);
        let y = Case::new("", "Tile", 13).run(&[x.clone(), i64s(&[2], &[0, 1])]).unwrap();
        assert_eq!(y, [i64s(&[0, 2], &[])]);
        assert!(Case::new("", "Tile", 13).run(&[x, i64s(&[1], &[2])]).is_err());
    }

    #[test]
    fn version_1_repeats_along_one_axis() {
        let x = i64s(&[2, 2], &[1, 2, 3, 4]);
        let y = Case::new("", "Tile", 1).run(&[x, i64s(&[1], &[2]), i64s(&[1], &[1])]).unwrap();
        assert_eq!(y, [i64s(&[2, 4], &[1, 2, 1, 2, 3, 4, 3, 4])]);
    }

    #[test]
    fn refuses_what_does_not_fit_into_memory() {
        let x = i64s(&[1, 1], &[1]);
        assert!(Case::new("", "Tile", 13).run(&[x, i64s(&[2], &[i64::MAX, i64::MAX])]).is_err());
    }
}
