//! The right side of a convolution of 8-bit numbers, packed for
//! [`multiply_packed`](super::multiply_packed).

use super::integer::{WIDTH, pack_numbers};

/// Places of a convolution: lines of them, over planes with their padding.
#[derive(Clone, Copy, Debug)]
pub struct Lines<'a> {
    /// The planes. What is outside is 0.
    pub source: &'a [i16],
    /// Where each line begins.
    pub starts: &'a [u32],
    /// How many places a line has.
    pub width: usize,
    /// The distance from a place to the next one.
    pub stride: usize,
}

impl Lines<'_> {
    /// How much scratch space [`Lines::pack`] needs.
    #[must_use]
    pub fn scratch_length(&self) -> usize {
        2 * self.room()
    }

    /// A row of all places. What is copied by eights may reach beyond them.
    fn room(&self) -> usize {
        self.starts.len().saturating_mul(self.width).next_multiple_of(WIDTH).saturating_add(WIDTH)
    }

    /// The matrix of what is under each of `taps`, which are distances from a place, at
    /// each place. `packed` has the [`packed_length`](super::packed_length) of that.
    #[inline(never)]
    pub fn pack(&self, taps: &[u32], scratch: &mut [i16], packed: &mut [i16]) {
        let size = (taps.len(), self.starts.len().saturating_mul(self.width));
        let (upper, lower) = scratch.split_at_mut(self.room().min(scratch.len()));
        for (pair, taps) in taps.chunks(2).enumerate() {
            for (row, tap) in [&mut *upper, &mut *lower].into_iter().zip(taps) {
                self.gather(*tap, row);
            }
            let lower = if taps.len() == 2 { &*lower } else { &[] };
            pack_numbers([upper, lower], pair, size, packed);
        }
    }

    /// What is under a tap at every place.
    fn gather(&self, tap: u32, row: &mut [i16]) {
        let mut at = 0;
        for start in self.starts {
            let from = self.source.get(start.wrapping_add(tap) as usize..).unwrap_or_default();
            let to = row.get_mut(at..).unwrap_or_default();
            match self.stride {
                1 => line::<1, WIDTH>(from, to, self.width),
                2 => line::<2, { 2 * WIDTH - 1 }>(from, to, self.width),
                stride => {
                    let numbers = from.iter().copied().step_by(stride.max(1)).chain(std::iter::repeat(0));
                    to.iter_mut().take(self.width).zip(numbers).for_each(|(to, from)| *to = from);
                }
            }
            at += self.width;
        }
    }
}

/// Every `STEP`-th number, eight at a time, for which `SPAN` are read.
#[inline(always)]
fn line<const STEP: usize, const SPAN: usize>(from: &[i16], to: &mut [i16], width: usize) {
    let (mut from, mut to) = (from, to);
    for _ in (0..width).step_by(WIDTH) {
        if let (Some(span), Some(eight)) = (from.first_chunk::<SPAN>(), to.first_chunk_mut::<WIDTH>()) {
            eight.iter_mut().zip(span.iter().step_by(STEP)).for_each(|(to, from)| *to = *from);
        } else {
            let numbers = from.iter().copied().step_by(STEP).chain(std::iter::repeat(0));
            to.iter_mut().take(WIDTH).zip(numbers).for_each(|(to, from)| *to = from);
        }
        from = from.get(STEP * WIDTH..).unwrap_or_default();
        to = to.get_mut(WIDTH..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{multiply_packed, packed_length};
    use super::*;

    fn numbers(length: usize, seed: usize) -> Vec<i16> {
        (0..length).map(|i| ((i * 37 + seed) * 131 % 511) as i16 - 255).collect()
    }

    fn is_as_naive(rows: usize, taps: &[u32], starts: &[u32], width: usize, stride: usize) {
        let source = numbers(97, 3);
        let lines = Lines { source: &source, starts, width, stride };
        let (k, n) = (taps.len(), starts.len() * width);
        let (mut scratch, mut packed) = (vec![7; lines.scratch_length()], vec![7; packed_length(k, n)]);
        lines.pack(taps, &mut scratch, &mut packed);
        let (x, mut y) = (numbers(rows * k, 1), vec![1; rows * n]);
        multiply_packed(&x, (k, n), &packed, &mut y);
        let under = |place: usize, tap: u32| {
            let at = starts[place / width] as usize + place % width * stride + tap as usize;
            i32::from(source.get(at).copied().unwrap_or(0))
        };
        for (i, y) in y.iter().enumerate() {
            let x = x[i / n * k..].iter().map(|x| i32::from(*x));
            let sum: i32 = taps.iter().zip(x).map(|(tap, x)| x * under(i % n, *tap)).sum();
            assert_eq!(*y, 1 + sum, "{rows} rows, taps {taps:?}, starts {starts:?}, {width} by {stride}");
        }
    }

    #[test]
    fn is_as_naive_at_every_edge() {
        for rows in [0, 1, 3, 4, 5, 64, 65] {
            for width in [1, 2, 7, 8, 9, 17] {
                for stride in [1, 2, 3] {
                    is_as_naive(rows, &[0, 1, 20], &[0, 21, 42, 50], width, stride);
                    is_as_naive(rows, &[5, 90], &[0, 95], width, stride);
                    is_as_naive(rows, &[], &[0], width, stride);
                    is_as_naive(rows, &[1], &[], width, stride);
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn is_as_naive_for_any_shape(
            rows in 0..70usize,
            taps in prop::collection::vec(0..100u32, 0..20),
            starts in prop::collection::vec(0..100u32, 0..9),
            width in 1..30usize,
            stride in 1..4usize,
        ) {
            is_as_naive(rows, &taps, &starts, width, stride);
        }
    }

    #[test]
    fn lengths_that_do_not_fit_do_no_harm() {
        for width in [5, usize::MAX / 2, usize::MAX] {
            let lines = Lines {
                source: &[1; 9],
                starts: &[0, u32::MAX, 7],
                width: width.min(1 << 20),
                stride: width,
            };
            lines.pack(&[0, u32::MAX, 3], &mut [0; 20], &mut [0; 100]);
        }
    }
}
