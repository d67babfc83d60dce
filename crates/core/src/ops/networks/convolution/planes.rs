//! Tensors as planes: one for each image and channel, after the first two
//! dimensions.

use super::fraction::Fraction;
use super::spots::{Spot, Spots};
use super::window::{Axes, DIMS};
use crate::ops::{Scope, failed};
use crate::tensor::element_count;
use crate::{Result, Shape};

/// The shape of `x` with the places of a window in the stead of what it goes
/// over.
pub(super) fn pooled_shape(x: &[usize], axes: &Axes) -> Shape {
    with_sizes(x, axes.map(|axis| axis.output))
}

/// The shape of `x` with what a window goes over in the stead of its places.
pub(super) fn unpooled_shape(x: &[usize], axes: &Axes) -> Shape {
    with_sizes(x, axes.map(|axis| axis.input))
}

fn with_sizes(x: &[usize], sizes: [usize; DIMS]) -> Shape {
    let mut shape = Shape::from_slice(x.get(..2).unwrap_or_default());
    shape.extend(sizes.into_iter().skip((DIMS + 2).saturating_sub(x.len())));
    shape
}

/// `shape` with as many channels.
pub(super) fn with_channels(mut shape: Shape, channels: usize) -> Shape {
    shape.iter_mut().skip(1).take(1).for_each(|size| *size = channels);
    shape
}

/// The number of elements of `shape`.
pub(super) fn length(shape: &[usize]) -> Result<usize> {
    element_count(shape).ok_or_else(|| failed(format!("a tensor of shape {shape:?} is too large")))
}

/// Takes every plane of `x` into one of the outputs, which are `start` at first:
/// `take` gets what is to be changed, what is to be taken in, and the distance
/// between numbers of that.
pub(super) fn pool<T: Fraction>(
    x: &[T],
    spots: &Spots,
    start: T,
    length: usize,
    take: fn(&mut [T], &[T], usize),
    scope: &mut Scope,
) -> Result<Vec<T>> {
    let mut y = scope.any(length)?;
    T::fill(&mut y, start);
    let planes = x.chunks_exact(spots.input.max(1)).zip(y.chunks_exact_mut(spots.output.max(1)));
    for (x, y) in planes {
        for Spot { output, count, input, .. } in spots.iter() {
            if let Some(y) = y.get_mut(output..output + count) {
                take(y, x.get(input..).unwrap_or_default(), spots.stride);
            }
        }
    }
    Ok(y)
}
