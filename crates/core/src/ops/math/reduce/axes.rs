use crate::ops::math::axis::{Lanes, axis};
use crate::ops::{Inputs, Node, failed};
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
pub(super) struct Reduction {
    /// The shape of the result.
    pub(super) shape: Shape,
    /// What is still to be reduced; an axis that is done is 1 long.
    dims: Shape,
    /// For each axis a bit: whether it is reduced.
    reduced: u64,
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
        if shape.len() >= u64::BITS as usize {
            return Err(failed(format!("tensors of {} dimensions are not supported", shape.len())));
        }
        let axes = match inputs.optional(1)? {
            Some(_) => inputs.read(1)?,
            None => self.attribute.as_slice(),
        };
        let mut reduced = if axes.is_empty() && !self.empty_is_none { (1 << shape.len()) - 1 } else { 0 };
        for &index in axes {
            // A scalar has one axis here, as in onnxruntime.
            reduced |= 1 << axis(index, shape.len().max(1))?;
        }
        let mut result = Shape::new();
        for (index, &dim) in shape.iter().enumerate() {
            match reduced >> index & 1 {
                0 => result.push(dim),
                _ if self.keep => result.push(1),
                _ => {}
            }
        }
        let reduced = reduced & ((1 << shape.len()) - 1);
        Ok(Reduction { shape: result, dims: Shape::from_slice(shape), reduced })
    }
}

impl Reduction {
    /// Takes the next pass: along neighbouring axes that are reduced, the
    /// innermost first. `None` after the last.
    pub(super) fn next_pass(&mut self) -> Result<Option<Lanes>> {
        let Some(last) = self.reduced.checked_ilog2() else { return Ok(None) };
        let (start, end) = (last + 1 - (self.reduced << (63 - last)).leading_ones(), last + 1);
        self.reduced &= (1 << start) - 1;
        let (start, end) = (start as usize, end as usize);
        let lanes = Lanes::new(&self.dims, start, end)?;
        self.dims.iter_mut().take(end).skip(start).for_each(|dim| *dim = 1);
        Ok(Some(lanes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(shape: &[usize], reduced: u64) -> Vec<[usize; 3]> {
        let mut reduction = Reduction { shape: Shape::new(), dims: Shape::from_slice(shape), reduced };
        let mut passes = Vec::new();
        while let Some(lanes) = reduction.next_pass().unwrap() {
            passes.push([lanes.outer, lanes.size, lanes.inner]);
        }
        passes
    }

    #[test]
    fn neighbouring_axes_are_one() {
        assert_eq!(passes(&[2, 3, 4], 0b110), [[2, 12, 1]]);
        assert_eq!(passes(&[2, 3, 4], 0b011), [[1, 6, 4]]);
        assert_eq!(passes(&[2, 3, 4], 0b111), [[1, 24, 1]]);
    }

    #[test]
    fn others_are_reduced_from_the_inside_out() {
        assert_eq!(passes(&[2, 3, 4], 0b101), [[6, 4, 1], [1, 2, 3]]);
        assert_eq!(passes(&[2, 3, 4, 5], 0b1011), [[24, 5, 1], [1, 6, 4]]);
    }

    #[test]
    fn no_axes_are_no_passes() {
        assert_eq!(passes(&[2, 3], 0), [[0; 3]; 0]);
    }
}
