use smallvec::SmallVec;

use crate::ops::math::axis::{Lanes, axis};
use crate::ops::{Inputs, Node};
use crate::{Result, Shape};

/// Which axes a node reduces.
pub(super) struct Axes {
    /// The attribute of older operator sets.
    attribute: Vec<i64>,
    keep: bool,
    /// Whether no axes are none; all otherwise.
    empty_is_none: bool,
}

/// The reduction of a tensor.
#[derive(Debug)]
pub(super) struct Reduction {
    /// The shape of the result.
    pub(super) shape: Shape,
    /// The passes, each over the results of the one before; one at least.
    pub(super) passes: SmallVec<[Lanes; 2]>,
}

impl Axes {
    pub(super) fn new(node: &Node<'_>) -> Result<Self> {
        Ok(Self {
            attribute: node.ints("axes")?,
            keep: node.flag("keepdims", true)?,
            empty_is_none: node.flag("noop_with_empty_axes", false)?,
        })
    }

    /// The reduction of a tensor of `shape` along the axes of input 1, or of
    /// the attribute.
    pub(super) fn of(&self, shape: &[usize], inputs: &Inputs<'_>) -> Result<Reduction> {
        let axes = match inputs.optional(1)? {
            Some(_) => inputs.read(1)?,
            None => self.attribute.as_slice(),
        };
        // A scalar is reduced along its one axis, as in onnxruntime.
        let scalar = [1];
        let dims = if shape.is_empty() { &scalar } else { shape };
        let all = axes.is_empty() && !self.empty_is_none;
        let mut reduced: SmallVec<[bool; 4]> = SmallVec::from_elem(all, dims.len());
        for &index in axes {
            let index = axis(index, dims.len())?;
            reduced.iter_mut().skip(index).take(1).for_each(|reduced| *reduced = true);
        }
        Ok(Reduction { shape: self.result(shape, &reduced), passes: passes(dims, &reduced)? })
    }

    fn result(&self, shape: &[usize], reduced: &[bool]) -> Shape {
        let dims = shape.iter().zip(reduced);
        match self.keep {
            true => dims.map(|(dim, reduced)| if *reduced { 1 } else { *dim }).collect(),
            false => dims.filter(|(_, reduced)| !**reduced).map(|(dim, _)| *dim).collect(),
        }
    }
}

/// A pass for each group of neighbouring axes that are reduced, the innermost
/// first; where none is, one that leaves each number alone.
fn passes(shape: &[usize], reduced: &[bool]) -> Result<SmallVec<[Lanes; 2]>> {
    let mut passes = SmallVec::new();
    let mut dims = Shape::from_slice(shape);
    let mut end = shape.len();
    while let Some(last) = reduced.iter().take(end).rposition(|reduced| *reduced) {
        let before = reduced.iter().take(last).rposition(|reduced| !reduced);
        let start = before.map_or(0, |before| before + 1);
        passes.push(Lanes::new(&dims, start, last + 1)?);
        dims.iter_mut().take(last + 1).skip(start).for_each(|dim| *dim = 1);
        end = start;
    }
    if passes.is_empty() {
        let Lanes { outer, inner, .. } = Lanes::new(shape, shape.len(), shape.len())?;
        passes.push(Lanes { outer, size: 1, inner });
    }
    Ok(passes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(shape: &[usize], reduced: &[bool]) -> Vec<[usize; 3]> {
        let passes = passes(shape, reduced).unwrap();
        passes.iter().map(|lanes| [lanes.outer, lanes.size, lanes.inner]).collect()
    }

    #[test]
    fn neighbouring_axes_are_one() {
        assert_eq!(of(&[2, 3, 4], &[false, true, true]), [[2, 12, 1]]);
        assert_eq!(of(&[2, 3, 4], &[true, true, false]), [[1, 6, 4]]);
        assert_eq!(of(&[2, 3, 4], &[true, true, true]), [[1, 24, 1]]);
    }

    #[test]
    fn others_are_reduced_from_the_inside_out() {
        assert_eq!(of(&[2, 3, 4], &[true, false, true]), [[6, 4, 1], [1, 2, 3]]);
    }

    #[test]
    fn no_axes_are_one_pass_over_numbers() {
        assert_eq!(of(&[2, 3], &[false, false]), [[6, 1, 1]]);
    }
}
