//! Which numbers of an input are under which tap of a window at which of its
//! places, without those in the padding: worked out once for all channels.

use super::window::{Axes, Axis};
use crate::ops::{Scope, failed};
use crate::{Error, Result};

/// Places that lie one after the other in the output, all of them under one tap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spot {
    pub(super) tap: usize,
    /// The first of the places, and how many there are.
    pub(super) output: usize,
    pub(super) count: usize,
    /// Where the tap is at the first of them. From one to the next, it is a
    /// stride further on.
    pub(super) input: usize,
}

/// All of them, by place, then by tap.
pub(super) struct Spots {
    numbers: Vec<u32>,
    /// The numbers of the input from one place to the next.
    pub(super) stride: usize,
    /// The numbers of a plane of the input, of the output, and of the kernel.
    pub(super) input: usize,
    pub(super) output: usize,
    pub(super) kernel: usize,
}

impl Spots {
    /// # Errors
    ///
    /// [`ErrorKind::InferenceFailed`](crate::ErrorKind::InferenceFailed) where
    /// there are too many.
    pub(super) fn of(axes: &Axes, scope: &mut Scope) -> Result<Self> {
        let [depth, height, width] = axes;
        let input = plane(axes, |axis| axis.input)?;
        let output = plane(axes, |axis| axis.output)?;
        let kernel = plane(axes, |axis| axis.kernel)?;
        let rows = depth.output.checked_mul(height.output).and_then(|rows| rows.checked_mul(kernel));
        let length = rows.and_then(|rows| rows.checked_mul(4)).ok_or_else(|| too_large(axes))?;
        let mut numbers = scope.vec(length)?;
        for z in 0..depth.output {
            for y in 0..height.output {
                row(axes, [z, y], &mut numbers);
            }
        }
        Ok(Self { numbers, stride: width.stride, input, output, kernel })
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Spot> {
        self.numbers.as_chunks().0.iter().map(|&[tap, output, count, input]| Spot {
            tap: tap as usize,
            output: output as usize,
            count: count as usize,
            input: input as usize,
        })
    }

    pub(super) fn recycle(self, scope: &mut Scope) {
        scope.keep(self.numbers);
    }
}

/// The numbers of a plane, which places of 32 bits count.
pub(super) fn plane(axes: &Axes, size: impl Fn(&Axis) -> usize) -> Result<usize> {
    let size = axes.iter().try_fold(1usize, |product, axis| product.checked_mul(size(axis)));
    size.filter(|size| u32::try_from(*size).is_ok()).ok_or_else(|| too_large(axes))
}

#[cold]
pub(super) fn too_large(axes: &Axes) -> Error {
    let sizes = axes.map(|axis| axis.input);
    failed(format!("a window over {sizes:?} numbers has too many places"))
}

/// A row of places, under all taps.
fn row(axes: &Axes, [z, y]: [usize; 2], numbers: &mut Vec<u32>) {
    let [depth, height, width] = axes;
    let output = (z * height.output + y) * width.output;
    for (tap_z, in_z) in taps(depth, z) {
        for (tap_y, in_y) in taps(height, y) {
            for tap_x in 0..width.kernel {
                let (places, in_x) = width.places(tap_x);
                if !places.is_empty() {
                    let tap = (tap_z * height.kernel + tap_y) * width.kernel + tap_x;
                    let input = (in_z * height.input + in_y) * width.input + in_x;
                    let spot = [tap, output + places.start, places.len(), input];
                    numbers.extend(spot.map(|number| number as u32));
                }
            }
        }
    }
}

/// The taps that are on the input at a place, and where they are there.
fn taps(axis: &Axis, place: usize) -> impl Iterator<Item = (usize, usize)> {
    let start = place.saturating_mul(axis.stride);
    (0..axis.kernel).filter_map(move |tap| {
        let input = start.saturating_add(tap.saturating_mul(axis.dilation)).checked_sub(axis.before)?;
        (input < axis.input).then_some((tap, input))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_the_padding_out() {
        let axis = Axis { input: 3, output: 3, kernel: 3, stride: 1, dilation: 1, before: 1, after: 1 };
        let spots = Spots::of(&[Axis::NONE, axis, axis], &mut Scope::default()).unwrap();
        let first: Vec<_> = spots.iter().take(2).collect();
        // At the first row of places, the kernel's first row is in the padding.
        assert_eq!(first[0], Spot { tap: 3, output: 1, count: 2, input: 0 });
        assert_eq!(first[1], Spot { tap: 4, output: 0, count: 3, input: 0 });
        assert_eq!(spots.iter().map(|spot| spot.count).sum::<usize>(), 49);
    }

    #[test]
    fn refuses_more_places_than_can_be_counted() {
        let axis = Axis { input: usize::MAX, output: usize::MAX, ..Axis::NONE };
        assert!(Spots::of(&[axis; 3], &mut Scope::default()).is_err());
        let axis = Axis { kernel: 1 << 31, output: 1 << 31, ..Axis::NONE };
        assert!(Spots::of(&[Axis::NONE, Axis::NONE, axis], &mut Scope::default()).is_err());
    }
}
