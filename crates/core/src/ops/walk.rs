//! Going through several tensors at once, dimension by dimension.

use smallvec::SmallVec;

/// The most tensors that a [`Walk`] goes through.
pub(crate) const TENSORS: usize = 3;

/// A place in each tensor.
pub(crate) type Places = [usize; TENSORS];

/// A dimension: its size, and how far apart neighbours in it are in each tensor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dim {
    pub(crate) size: usize,
    pub(crate) strides: Places,
}

impl Dim {
    /// Whether this dimension and `inner`, the next one inside of it, are one
    /// longer dimension in every tensor.
    pub(crate) fn continues(&self, inner: &Dim) -> bool {
        let mut pairs = self.strides.iter().zip(&inner.strides);
        pairs.all(|(stride, within)| within.checked_mul(inner.size) == Some(*stride))
    }
}

/// The way through all combinations of indices of some dimensions.
pub(crate) struct Walk {
    /// Innermost first.
    dims: SmallVec<[Dim; 4]>,
    count: usize,
}

impl Walk {
    /// The way through `dims`, the innermost given first; `None` where there
    /// are more combinations than a `usize` counts.
    pub(crate) fn new(dims: SmallVec<[Dim; 4]>) -> Option<Self> {
        let count = dims.iter().try_fold(1usize, |count, dim| count.checked_mul(dim.size))?;
        Some(Self { dims, count })
    }

    /// The number of combinations.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// The place in each tensor for each combination, row-major.
    pub(crate) fn places(&self) -> impl Iterator<Item = Places> {
        let mut indices: SmallVec<[usize; 4]> = SmallVec::from_elem(0, self.dims.len());
        let mut next = [0; TENSORS];
        (0..self.count).map(move |_| {
            let places = next;
            advance(&self.dims, &mut indices, &mut next);
            places
        })
    }
}

#[inline]
fn advance(dims: &[Dim], indices: &mut [usize], places: &mut Places) {
    for (dim, index) in dims.iter().zip(indices) {
        *index += 1;
        let back = if *index < dim.size { 0 } else { *index };
        for (place, stride) in places.iter_mut().zip(dim.strides) {
            *place = place.wrapping_add(stride).wrapping_sub(stride.wrapping_mul(back));
        }
        if back == 0 {
            return;
        }
        *index = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_through_all_indices_row_major() {
        let inner = Dim { size: 3, strides: [1, 0, 2] };
        let outer = Dim { size: 2, strides: [3, 1, 0] };
        let walk = Walk::new(SmallVec::from_slice(&[inner, outer])).unwrap();
        let places: Vec<_> = walk.places().collect();
        assert_eq!(places, [[0, 0, 0], [1, 0, 2], [2, 0, 4], [3, 1, 0], [4, 1, 2], [5, 1, 4]]);
    }

    #[test]
    fn no_dimension_is_one_place_and_an_empty_one_none() {
        let empty = Dim { size: 0, strides: [1; TENSORS] };
        assert_eq!(Walk::new(SmallVec::new()).unwrap().places().collect::<Vec<_>>(), [[0; TENSORS]]);
        assert_eq!(Walk::new(SmallVec::from_slice(&[empty])).unwrap().places().count(), 0);
    }

    #[test]
    fn refuses_more_places_than_can_be_counted() {
        let dim = Dim { size: usize::MAX, strides: [1; TENSORS] };
        assert!(Walk::new(SmallVec::from_slice(&[dim, dim])).is_none());
    }
}
