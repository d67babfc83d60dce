//! The sums of a convolution of 8-bit numbers: plane by plane where each channel of
//! the result is made of one of X, by panels elsewhere.

use edgeinfer_kernels::{
    Byte, Lines, Sweep, add_to_sums, depthwise, multiply_packed, packed_length, pool, whole_sums,
};

use super::convolution::Sizes;
use crate::Result;
use crate::native::Native;
use crate::ops::math::matrix::nth;
use crate::ops::networks::convolution::{Axis, Padded};
use crate::ops::{Scope, failed};
use crate::tensor::element_count;

/// What is done to sums that are complete: the plane of the result that they are in,
/// the first of its places, the sums.
pub(super) type Finish<'a> = &'a mut dyn FnMut(usize, usize, &mut [i32]);

/// How many numbers are packed at a time, so that they stay near, and of how many
/// places.
const PACKED: usize = 1 << 18;
const LEAST: usize = 64;
const MOST: usize = 1024;

/// The sums of so many products are exact in float32.
const EXACT: usize = (1 << 24) / (255 * 255);

/// Weights laid on what has to be padded.
pub(super) struct Laid<'a> {
    pub(super) sizes: &'a Sizes,
    /// Planes of one group.
    pub(super) padded: Padded,
    /// Without their zero points.
    pub(super) w: &'a [i16],
    pub(super) bias: &'a [i32],
}

impl Laid<'_> {
    pub(super) fn fill<B: Byte>(
        &self,
        x: &[B],
        zero: i16,
        scope: &mut Scope,
        finish: Finish<'_>,
    ) -> Result<()> {
        if self.sizes.each == 1 && self.sizes.k <= EXACT {
            self.planes(x, &|x, y| B::centre_floats(x, zero, y), scope, finish)
        } else {
            self.products(x, &|x, y| B::centre(x, zero, y), scope, finish)
        }
    }

    /// In float32, which has faster instructions for such.
    fn planes<B>(
        &self,
        x: &[B],
        centre: &dyn Fn(&[B], &mut [f32]),
        scope: &mut Scope,
        finish: Finish<'_>,
    ) -> Result<()> {
        let Sizes { axes: [_, _, width], m, k, input, places, .. } = *self.sizes;
        let (taps, rows) = (self.padded.taps(1, scope)?, self.padded.rows(scope)?);
        let mut weights = scope.vec(self.w.len())?;
        weights.extend(self.w.iter().map(|w| f32::from(*w)));
        let mut source = filled(self.padded.size, scope)?;
        let (mut floats, mut sums) = (scope.any(places)?, scope.any(places)?);
        for (index, group) in self.groups() {
            self.padded.put(nth(x, input, index), &mut source, centre);
            let sweep = Sweep {
                source: &source,
                rows: &rows,
                width: width.output,
                stride: width.stride,
                taps: &taps,
            };
            for i in 0..m {
                let channel = group * m + i;
                pool::fill(&mut floats, 0.0);
                depthwise(sweep, nth(&weights, k, channel), &mut floats);
                whole_sums(&floats, self.bias(channel), &mut sums);
                finish(index * m + i, 0, &mut sums);
            }
        }
        [weights, source, floats].into_iter().for_each(|values| scope.keep(values));
        [taps, rows].into_iter().for_each(|values| scope.keep(values));
        scope.keep(sums);
        Ok(())
    }

    /// As products of matrices, some places at a time.
    fn products<B>(
        &self,
        x: &[B],
        centre: &dyn Fn(&[B], &mut [i16]),
        scope: &mut Scope,
        finish: Finish<'_>,
    ) -> Result<()> {
        let Sizes { axes, each, m, k, input, places, .. } = self.sizes;
        let [_, _, line] = axes;
        let most = (PACKED / (*k).max(1)).clamp(LEAST, MOST);
        let (taps, mut starts) = (self.padded.taps(*each, scope)?, self.padded.rows(scope)?);
        let (mut width, mut together) = (line.output, (most / line.output.max(1)).max(1));
        // A kernel of one number that goes over every place takes lines of any length.
        if axes.iter().all(Axis::is_plain) {
            (width, together) = (most.min(*places), 1);
            starts.clear();
            starts.extend((0..*places).step_by(width.max(1)).map(|start| start as u32));
        }
        let n = width.saturating_mul(together.min(starts.len()));
        let whole = Lines {
            source: &[],
            starts: starts.get(..together).unwrap_or(&starts),
            width,
            stride: line.stride,
        };
        let mut scratch = scope.any(whole.scratch_length())?;
        let mut packed = scope.any(packed_length(*k, n))?;
        let mut all = scope.any(m.saturating_mul(n))?;
        let mut source = filled(self.padded.size.saturating_mul(*each), scope)?;
        for (index, group) in self.groups() {
            self.padded.put(nth(x, *input, index), &mut source, centre);
            for (block, starts) in starts.chunks(together).enumerate() {
                let first = block * together * width;
                let lines = Lines { source: &source, starts, width: width.min(places - first), ..whole };
                let n = lines.width * starts.len();
                lines.pack(&taps, &mut scratch, &mut packed);
                let sums = all.get_mut(..m * n).unwrap_or_default();
                sums.fill(0);
                multiply_packed(nth(self.w, m * k, group), (*k, n), &packed, sums);
                for (i, sums) in sums.chunks_exact_mut(n.max(1)).enumerate() {
                    add_to_sums(sums, self.bias(group * m + i));
                    finish(index * m + i, first, sums);
                }
            }
        }
        [scratch, packed, source].into_iter().for_each(|values| scope.keep(values));
        [taps, starts].into_iter().for_each(|values| scope.keep(values));
        scope.keep(all);
        Ok(())
    }

    /// All groups of all batches, and which of its batch each is.
    fn groups(&self) -> impl Iterator<Item = (usize, usize)> {
        let Sizes { batches, groups, .. } = *self.sizes;
        (0..batches).flat_map(move |batch| (0..groups).map(move |group| (batch * groups + group, group)))
    }

    fn bias(&self, channel: usize) -> i32 {
        self.bias.get(channel).copied().unwrap_or_default()
    }
}

/// The number of elements of a result.
pub(super) fn length(shape: &[usize]) -> Result<usize> {
    element_count(shape).ok_or_else(|| failed("the result has too many elements"))
}

/// The padding: zeros.
fn filled<T: Native>(length: usize, scope: &mut Scope) -> Result<Vec<T>> {
    let mut zeros = scope.any(length)?;
    zeros.fill(T::default());
    Ok(zeros)
}
