//! Weighted sums of few elements of many: what resizing and sampling come down to.

use std::ops::{Add, Mul};

/// What samples are taken of.
pub trait Sample: Copy + Default + From<f32> + Add<Output = Self> + Mul<Output = Self> {}

impl Sample for f32 {}
impl Sample for f64 {}

/// A weighted sum of neighbours for each place of a result.
#[derive(Clone, Copy, Debug)]
pub struct Windows<'a> {
    /// The first neighbour of each; one that is outside leaves its place in the
    /// result as it is.
    pub starts: &'a [u32],
    /// `taps` weights for each.
    pub weights: &'a [f32],
    /// How many neighbours are added up.
    pub taps: usize,
}

/// Adds up along the middle axis of `x`, `[outer, length, inner]`, into `out`,
/// `[outer, starts, inner]`.
pub fn along<T: Sample>(x: &[T], length: usize, inner: usize, windows: Windows<'_>, out: &mut [T]) {
    let (from, to) = (length.saturating_mul(inner), windows.starts.len().saturating_mul(inner));
    if from == 0 || to == 0 || windows.taps == 0 {
        return;
    }
    for (x, out) in x.chunks_exact(from).zip(out.chunks_exact_mut(to)) {
        match (inner, windows.taps) {
            (1, 2) => neighbours::<T, 2>(x, windows, out),
            (1, 4) => neighbours::<T, 4>(x, windows, out),
            (1, _) => lane(x, windows, out),
            _ => rows(x, inner, windows, out),
        }
    }
}

/// One lane whose elements are side by side, with a number of neighbours that is
/// known to the compiler.
fn neighbours<T: Sample, const TAPS: usize>(x: &[T], windows: Windows<'_>, out: &mut [T]) {
    let weights = windows.weights.as_chunks::<TAPS>().0;
    for ((out, &start), weights) in out.iter_mut().zip(windows.starts).zip(weights) {
        if let Some(x) = x.get(start as usize..).and_then(|x| x.first_chunk::<TAPS>()) {
            *out = dot(x, weights);
        }
    }
}

fn lane<T: Sample>(x: &[T], windows: Windows<'_>, out: &mut [T]) {
    let weights = windows.weights.chunks_exact(windows.taps);
    for ((out, &start), weights) in out.iter_mut().zip(windows.starts).zip(weights) {
        if let Some(x) = x.get(start as usize..).and_then(|x| x.get(..weights.len())) {
            *out = dot(x, weights);
        }
    }
}

#[inline(always)]
fn dot<T: Sample>(x: &[T], weights: &[f32]) -> T {
    x.iter().zip(weights).fold(T::default(), |sum, (&x, &weight)| sum + x * T::from(weight))
}

/// Lanes side by side: whole rows are added up.
fn rows<T: Sample>(x: &[T], inner: usize, windows: Windows<'_>, out: &mut [T]) {
    let weights = windows.weights.chunks_exact(windows.taps);
    for ((out, &start), weights) in out.chunks_exact_mut(inner).zip(windows.starts).zip(weights) {
        let from = (start as usize).saturating_mul(inner);
        let Some(x) = x.get(from..).and_then(|x| x.get(..inner.saturating_mul(weights.len()))) else {
            continue;
        };
        let (first, x) = x.split_at(inner);
        let (&[weight, ref weights @ ..], Some((second, x))) = (weights, x.split_at_checked(inner)) else {
            let weight = T::from(weights.first().copied().unwrap_or_default());
            out.iter_mut().zip(first).for_each(|(out, &x)| *out = x * weight);
            continue;
        };
        let (&[next, ref weights @ ..], weight) = (weights, T::from(weight)) else { continue };
        let next = T::from(next);
        for ((out, &a), &b) in out.iter_mut().zip(first).zip(second) {
            *out = a * weight + b * next;
        }
        for (x, &weight) in x.chunks_exact(inner).zip(weights) {
            let weight = T::from(weight);
            out.iter_mut().zip(x).for_each(|(out, &x)| *out = *out + x * weight);
        }
    }
}

/// Weighted sums of `taps` elements from anywhere, those of each place of `out`
/// one after the other in `places`. An element that is outside counts as zero.
pub fn scattered<T: Sample>(x: &[T], places: &[u32], weights: &[f32], taps: usize, out: &mut [T]) {
    let taps = taps.max(1);
    let each = places.chunks_exact(taps).zip(weights.chunks_exact(taps));
    for (out, (places, weights)) in out.iter_mut().zip(each) {
        *out = places.iter().zip(weights).fold(T::default(), |sum, (&place, &weight)| {
            x.get(place as usize).map_or(sum, |&x| sum + x * T::from(weight))
        });
    }
}

/// As [`scattered`], but the largest of the weighted elements, and zero where
/// there are none.
pub fn largest<T: Sample + PartialOrd>(x: &[T], places: &[u32], weights: &[f32], taps: usize, out: &mut [T]) {
    let taps = taps.max(1);
    let each = places.chunks_exact(taps).zip(weights.chunks_exact(taps));
    for (out, (places, weights)) in out.iter_mut().zip(each) {
        let weighted = places
            .iter()
            .zip(weights)
            .map(|(&place, &weight)| x.get(place as usize).map_or(T::default(), |&x| x * T::from(weight)));
        *out = weighted.reduce(|a, b| if b > a { b } else { a }).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As one would write it down.
    fn naive(x: &[f64], length: usize, inner: usize, windows: Windows<'_>, out: &mut [f64]) {
        let Windows { starts, weights, taps } = windows;
        for (place, out) in out.iter_mut().enumerate() {
            let (outer, to, at) = (place / inner / starts.len(), place / inner % starts.len(), place % inner);
            let start = starts[to] as usize;
            if start.checked_add(taps).is_some_and(|end| end <= length) {
                let x = |tap| x[(outer * length + start + tap) * inner + at];
                *out = (0..taps).map(|tap| x(tap) * f64::from(weights[to * taps + tap])).sum();
            }
        }
    }

    fn is_as_naive(outer: usize, length: usize, inner: usize, resized: usize, taps: usize) {
        let x: Vec<f64> = (0..outer * length * inner).map(|i| (i * 7 % 23) as f64 - 11.0).collect();
        let starts: Vec<u32> = (0..resized).map(|i| (i * 5 % (length + 2)) as u32).collect();
        let weights: Vec<f32> = (0..resized * taps).map(|i| (i * 11 % 7) as f32 / 4.0).collect();
        let windows = Windows { starts: &starts, weights: &weights, taps };
        let mut expected = vec![99.0; outer * resized * inner];
        let (mut wide, mut narrow) = (expected.clone(), vec![99.0f32; expected.len()]);
        naive(&x, length, inner, windows, &mut expected);
        along(&x, length, inner, windows, &mut wide);
        let x: Vec<f32> = x.iter().map(|&x| x as f32).collect();
        along(&x, length, inner, windows, &mut narrow);
        assert_eq!(wide, expected, "{outer} x {length} x {inner} to {resized} by {taps}");
        assert!(narrow.iter().zip(&expected).all(|(&a, &b)| f64::from(a) == b));
    }

    #[test]
    fn is_as_naive_for_every_number_of_taps() {
        for taps in 1..7 {
            for inner in [1, 2, 3, 4, 5, 8, 9] {
                for length in [1, 2, 4, 6, 7] {
                    is_as_naive(2, length, inner, 5, taps);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn is_as_naive_for_any_shape(
            outer in 0..4usize, length in 0..9usize, inner in 1..20usize,
            resized in 0..12usize, taps in 1..6usize,
        ) {
            is_as_naive(outer, length, inner, resized, taps);
        }
    }

    #[test]
    fn elements_from_anywhere_are_added_up() {
        let mut out = [9.0; 3];
        let (places, weights) = ([0, 2, u32::MAX, 1, 3, 3], [0.5, 2.0, 1.0, 1.0, 0.25, 0.5]);
        scattered(&[1.0f32, 2.0, 4.0, 8.0], &places, &weights, 2, &mut out);
        assert_eq!(out, [8.5, 2.0, 6.0]);
        scattered(&[1.0f32], &[], &[], 0, &mut out);
        assert_eq!(out, [8.5, 2.0, 6.0]);
        largest(&[1.0f32, -2.0, -4.0, 8.0], &places, &weights, 2, &mut out);
        assert_eq!(out, [0.5, 0.0, 4.0]);
    }

    #[test]
    fn lengths_that_do_not_fit_do_no_harm() {
        let windows = Windows { starts: &[0, u32::MAX, 1], weights: &[1.0; 4], taps: 3 };
        for (length, inner) in [(0, 1), (1, 0), (3, 2), (usize::MAX, 2), (2, usize::MAX), (5, 1)] {
            along(&[1.0f32; 10], length, inner, windows, &mut [0.0; 7]);
        }
    }
}
