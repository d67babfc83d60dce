//! Axes of a tensor, and the lanes along one.

use crate::ops::failed;
use crate::tensor::element_count;
use crate::{Error, Result};

/// `axis`, which counts from the end where it is negative.
///
/// # Errors
///
/// [`ErrorKind::InferenceFailed`](crate::ErrorKind::InferenceFailed) where a
/// tensor of `rank` dimensions has no such axis.
pub(super) fn axis(axis: i64, rank: usize) -> Result<usize> {
    let place = if axis < 0 { axis.saturating_add_unsigned(rank as u64) } else { axis };
    usize::try_from(place)
        .ok()
        .filter(|place| *place < rank)
        .ok_or_else(|| failed(format!("there is no axis {axis} in a tensor of {rank} dimensions")))
}

/// A tensor as `[outer, size, inner]`: its lanes, `size` long, are along the
/// middle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Lanes {
    pub(super) outer: usize,
    pub(super) size: usize,
    pub(super) inner: usize,
}

impl Lanes {
    /// Along the dimensions from `start` up to `end` of `shape`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InferenceFailed`](crate::ErrorKind::InferenceFailed) where
    /// a tensor without elements has more lanes than can be counted.
    pub(super) fn new(shape: &[usize], start: usize, end: usize) -> Result<Self> {
        let product = |part: Option<&[usize]>| element_count(part?);
        let lanes = || {
            let (outer, inner) = (product(shape.get(..start))?, product(shape.get(end..))?);
            let size = product(shape.get(start..end))?;
            outer.checked_mul(inner).and(size.checked_mul(inner))?;
            Some(Self { outer, size, inner })
        };
        lanes().ok_or_else(|| too_many(shape))
    }

    /// Along one axis.
    ///
    /// # Errors
    ///
    /// As [`axis`] and [`Lanes::new`].
    pub(super) fn along(shape: &[usize], along: i64) -> Result<Self> {
        let axis = axis(along, shape.len())?;
        Self::new(shape, axis, axis + 1)
    }

    /// The number of lanes.
    pub(super) fn count(&self) -> usize {
        self.outer * self.inner
    }

    /// Runs `f` on each lane of `elements`, of which there has to be one at
    /// least: where it lies or, where its elements are apart, in `buffer`.
    pub(super) fn each<T: Copy>(&self, elements: &mut [T], buffer: &mut Vec<T>, f: &mut dyn FnMut(&mut [T])) {
        if elements.is_empty() {
            return;
        }
        if self.inner == 1 {
            return elements.chunks_exact_mut(self.size).for_each(f);
        }
        for block in elements.chunks_exact_mut(self.size * self.inner) {
            for start in 0..self.inner {
                buffer.clear();
                buffer.extend(block.iter().skip(start).step_by(self.inner));
                f(buffer);
                let lane = block.iter_mut().skip(start).step_by(self.inner);
                lane.zip(buffer.iter()).for_each(|(element, new)| *element = *new);
            }
        }
    }
}

fn too_many(shape: &[usize]) -> Error {
    failed(format!("a tensor of shape {shape:?} is too large"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_count_from_both_ends() {
        assert_eq!([0, 2, -1, -3].map(|index| axis(index, 3).unwrap()), [0, 2, 2, 0]);
        let error = axis(3, 3).unwrap_err();
        assert_eq!(error.message(), "there is no axis 3 in a tensor of 3 dimensions");
        assert!(axis(-4, 3).is_err() && axis(0, 0).is_err() && axis(i64::MIN, 3).is_err());
    }

    #[test]
    fn lanes_are_given_one_by_one_and_put_back() {
        let lanes = Lanes::along(&[2, 3, 2], 1).unwrap();
        assert_eq!(lanes, Lanes { outer: 2, size: 3, inner: 2 });
        let mut elements: Vec<_> = (0..12).collect();
        let mut seen = Vec::new();
        lanes.each(&mut elements, &mut Vec::new(), &mut |lane| {
            seen.push(lane.to_vec());
            lane.reverse();
        });
        assert_eq!(seen, [[0, 2, 4], [1, 3, 5], [6, 8, 10], [7, 9, 11]]);
        assert_eq!(elements, [4, 5, 2, 3, 0, 1, 10, 11, 8, 9, 6, 7]);
    }

    #[test]
    fn lanes_of_nothing_are_counted_with_care() {
        assert_eq!(Lanes::along(&[3, 0], 1).unwrap().count(), 3);
        Lanes::along(&[3, 0], 1).unwrap().each(&mut [0u8; 0], &mut Vec::new(), &mut |_| panic!());
        assert!(Lanes::along(&[0, usize::MAX, 2], 0).is_err());
        assert!(Lanes::along(&[0, usize::MAX / 2, 4], 1).is_err());
    }
}
