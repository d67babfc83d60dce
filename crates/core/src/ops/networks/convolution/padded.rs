//! An image with its padding, and where a kernel's taps lie on it.

use edgeinfer_kernels::pool::fill;

use super::spots::too_large;
use super::window::Axes;
use crate::Result;
use crate::ops::Scope;

/// A plane with its padding: with it there, no place of a window needs a look at
/// the borders.
pub(in crate::ops::networks) struct Padded {
    axes: Axes,
    /// The sizes, and the number of elements.
    sizes: [usize; 3],
    pub(in crate::ops::networks) size: usize,
}

impl Padded {
    /// # Errors
    ///
    /// [`ErrorKind::InferenceFailed`](crate::ErrorKind::InferenceFailed) where
    /// places in `channels` planes cannot be counted in 32 bits.
    pub(in crate::ops::networks) fn of(axes: &Axes, channels: usize) -> Result<Self> {
        let size = || {
            let [depth, height, width] = axes;
            let sizes = [depth.padded()?, height.padded()?, width.padded()?];
            let size = sizes.iter().try_fold(1usize, |size, next| size.checked_mul(*next))?;
            u32::try_from(size.checked_mul(channels.max(1))?).ok()?;
            Some((sizes, size))
        };
        let (sizes, size) = size().ok_or_else(|| too_large(axes))?;
        Ok(Self { axes: *axes, sizes, size })
    }

    /// Whether it is the plane as it lies.
    pub(super) fn is_bare(&self) -> bool {
        self.axes.iter().all(|axis| axis.before == 0 && axis.after == 0)
    }

    /// The planes of `x` with their padding.
    pub(super) fn copy(&self, x: &[f32], scope: &mut Scope) -> Result<Vec<f32>> {
        let mut padded = scope.any(self.length(x.len())?)?;
        fill(&mut padded, 0.0);
        self.put(x, &mut padded, &|from, to| to.iter_mut().zip(from).for_each(|(to, from)| *to = *from));
        Ok(padded)
    }

    /// How long `length` numbers of planes are with their padding.
    pub(in crate::ops::networks) fn length(&self, length: usize) -> Result<usize> {
        let [depth, height, width] = &self.axes;
        let plane = depth.input.saturating_mul(height.input).saturating_mul(width.input);
        let length = (length / plane.max(1)).checked_mul(self.size);
        length.ok_or_else(|| too_large(&self.axes))
    }

    /// Puts the rows of the planes of `x` where they are in `padded`, which is the padding.
    pub(in crate::ops::networks) fn put<A, B>(
        &self,
        x: &[A],
        padded: &mut [B],
        put: &dyn Fn(&[A], &mut [B]),
    ) {
        let [depth, height, width] = &self.axes;
        let [_, rows, length] = self.sizes;
        let plane = depth.input.saturating_mul(height.input).saturating_mul(width.input);
        for (x, padded) in x.chunks_exact(plane.max(1)).zip(padded.chunks_exact_mut(self.size.max(1))) {
            let mut x = x.chunks_exact(width.input.max(1));
            let slices = padded.chunks_exact_mut(rows.saturating_mul(length).max(1)).skip(depth.before);
            for slice in slices.take(depth.input) {
                let rows = slice.chunks_exact_mut(length.max(1)).skip(height.before);
                for (row, x) in rows.take(height.input).zip(&mut x) {
                    put(x, row.get_mut(width.before..width.before + x.len()).unwrap_or_default());
                }
            }
        }
    }

    /// Where the taps of a kernel lie from its first one, in `channels` planes.
    pub(in crate::ops::networks) fn taps(&self, channels: usize, scope: &mut Scope) -> Result<Vec<u32>> {
        let steps = self.axes.map(|axis| (axis.kernel, axis.dilation));
        let mut taps = scope.vec(count(&steps).saturating_mul(channels))?;
        (0..channels).for_each(|channel| self.grid(channel * self.size, &steps, &mut taps));
        Ok(taps)
    }

    /// Where a kernel's first tap lies at each of its places.
    pub(super) fn places(&self, scope: &mut Scope) -> Result<Vec<u32>> {
        let steps = self.axes.map(|axis| (axis.output, axis.stride));
        let mut places = scope.vec(count(&steps))?;
        self.grid(0, &steps, &mut places);
        Ok(places)
    }

    /// Where a kernel's first tap lies at the first place of each row of them.
    pub(in crate::ops::networks) fn rows(&self, scope: &mut Scope) -> Result<Vec<u32>> {
        let [depth, height, _] = self.axes.map(|axis| (axis.output, axis.stride));
        let steps = [depth, height, (1, 1)];
        let mut rows = scope.vec(count(&steps))?;
        self.grid(0, &steps, &mut rows);
        Ok(rows)
    }

    /// Appends the places of a grid from `start` on.
    fn grid(&self, start: usize, steps: &Steps, places: &mut Vec<u32>) {
        let &[(depth, far), (height, down), (width, right)] = steps;
        let [_, rows, length] = self.sizes;
        for z in 0..depth {
            for y in 0..height {
                let row = start + (z * far * rows + y * down) * length;
                places.extend((0..width).map(|x| (row + x * right) as u32));
            }
        }
    }
}

/// How many steps of which length along each axis.
type Steps = [(usize, usize); 3];

fn count(steps: &Steps) -> usize {
    steps.iter().fold(1, |product, (count, _)| product.saturating_mul(*count))
}

#[cfg(test)]
mod tests {
    use super::super::window::Axis;
    use super::*;

    #[test]
    fn a_window_finds_its_numbers() {
        let axis = Axis { input: 3, output: 2, kernel: 2, stride: 2, dilation: 2, before: 1, after: 1 };
        let (padded, mut scope) = (Padded::of(&[Axis::NONE, axis, axis], 2).unwrap(), Scope::default());
        let x: Vec<f32> = (1..=18u8).map(f32::from).collect();
        let (copy, taps) = (padded.copy(&x, &mut scope).unwrap(), padded.taps(2, &mut scope).unwrap());
        assert_eq!(copy.len(), 50);
        assert_eq!(taps, [0, 2, 10, 12, 25, 27, 35, 37]);
        let places = padded.places(&mut scope).unwrap();
        assert_eq!(places, [0, 2, 10, 12]);
        assert_eq!(padded.rows(&mut scope).unwrap(), [0, 10]);
        // At the second place, the first channel is [0, 0; 2's row below, 0].
        let under =
            |place: usize| taps.iter().map(|tap| copy[(places[place] + tap) as usize]).collect::<Vec<_>>();
        assert_eq!(under(1), [0.0, 0.0, 5.0, 0.0, 0.0, 0.0, 14.0, 0.0]);
        assert!(!padded.is_bare());
    }

    #[test]
    fn refuses_what_cannot_be_counted() {
        let axis = Axis { input: usize::MAX, ..Axis::NONE };
        assert!(Padded::of(&[Axis::NONE, axis, axis], 1).is_err());
        assert!(Padded::of(&[Axis { before: 1, ..axis }; 3], 1).is_err());
    }
}
