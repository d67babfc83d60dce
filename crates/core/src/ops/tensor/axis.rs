//! Arithmetic on axes and shapes.

use smallvec::SmallVec;

use crate::ops::failed;
use crate::tensor::element_count;
use crate::{Result, Shape};

/// Axes, counted from the outermost.
pub(crate) type Axes = SmallVec<[usize; 4]>;

/// An axis of a tensor of `rank` dimensions, counted from the end where it is
/// negative.
pub(crate) fn axis(axis: i64, rank: usize) -> Result<usize> {
    let place = if axis < 0 { axis.saturating_add_unsigned(rank as u64) } else { axis };
    let place = usize::try_from(place).ok().filter(|&place| place < rank);
    place.ok_or_else(|| failed(format!("axis {axis}: the tensor has {rank} dimensions")))
}

/// As [`axis`], of several, none of them twice.
pub(crate) fn axes(list: &[i64], rank: usize) -> Result<Axes> {
    let mut axes = Axes::new();
    for &place in list {
        let place = axis(place, rank)?;
        if axes.contains(&place) {
            return Err(failed(format!("axis {place} is given twice")));
        }
        axes.push(place);
    }
    Ok(axes)
}

/// A shape around one of its axes.
pub(crate) struct Around {
    /// The number of elements of the dimensions before the axis.
    pub(crate) outer: usize,
    /// The length of the axis.
    pub(crate) length: usize,
    /// The number of elements of the dimensions after the axis.
    pub(crate) inner: usize,
}

/// `shape` around `axis`, which is one of its axes.
pub(crate) fn around(shape: &[usize], axis: usize) -> Around {
    let (outer, rest) = shape.split_at_checked(axis).unwrap_or((shape, &[]));
    let (length, inner) = rest.split_first().map_or((1, rest), |(&length, inner)| (length, inner));
    let count =
        |dims: &[usize]| if dims.contains(&0) { 0 } else { element_count(dims).unwrap_or(usize::MAX) };
    Around { outer: count(outer), length, inner: count(inner) }
}

/// `shape` with `dims` in the place of `axis`.
pub(crate) fn replaced(shape: &[usize], axis: usize, dims: &[usize]) -> Shape {
    let mut replaced = Shape::new();
    replaced.extend_from_slice(shape.get(..axis).unwrap_or(shape));
    replaced.extend_from_slice(dims);
    replaced.extend_from_slice(shape.get(axis + 1..).unwrap_or_default());
    replaced
}

/// The number of elements of a tensor that a step makes.
pub(crate) fn count(shape: &[usize]) -> Result<usize> {
    element_count(shape)
        .ok_or_else(|| failed(format!("a tensor of shape {shape:?} does not fit into memory")))
}

/// A dimension that a tensor gives.
pub(crate) fn dim(value: i64) -> Result<usize> {
    usize::try_from(value).map_err(|_| failed(format!("{value} is no length of a dimension")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_negative_axes_from_the_end() {
        assert_eq!(axis(-1, 3).unwrap(), 2);
        assert_eq!(axis(1, 3).unwrap(), 1);
        assert!(axis(3, 3).is_err());
        assert!(axis(-4, 3).is_err());
        assert!(axis(i64::MIN, 3).is_err());
        assert!(axes(&[1, -2], 3).is_err());
    }
}
