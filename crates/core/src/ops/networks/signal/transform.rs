//! Signals one at a time, transformed.

use std::sync::Arc;

use crate::Result;
use crate::ops::{Scope, failed};
use edgeinfer_kernels::Fourier;

/// A transform, and room for a signal.
pub(super) struct Transform {
    fourier: Arc<Fourier>,
    pub(super) re: Vec<f64>,
    pub(super) im: Vec<f64>,
    scratch: Vec<f64>,
}

impl Transform {
    /// Of signals of `length` numbers.
    pub(super) fn new(length: usize, scope: &mut Scope) -> Result<Self> {
        let (re, im) = (scope.zeros(length)?, scope.zeros(length)?);
        // What the transform keeps is as long at most.
        let room = scope.vec::<f64>(Fourier::room(length))?;
        scope.keep(room);
        let fourier = scope.fourier(length);
        let scratch = scope.zeros(fourier.scratch_length())?;
        Ok(Self { fourier, re, im, scratch })
    }

    /// Takes the signal `numbers`, each of one part or two; what is missing is
    /// zero.
    pub(super) fn load<'a>(&mut self, numbers: impl Iterator<Item = &'a [f64]>) {
        self.re.fill(0.0);
        self.im.fill(0.0);
        for ((re, im), number) in self.re.iter_mut().zip(&mut self.im).zip(numbers) {
            match number {
                [real] => *re = *real,
                [real, imaginary] => (*re, *im) = (*real, *imaginary),
                _ => {}
            }
        }
    }

    pub(super) fn forward(&mut self) {
        self.fourier.transform(&mut self.re, &mut self.im, &mut self.scratch);
    }

    pub(super) fn inverse(&mut self) {
        self.fourier.transform(&mut self.im, &mut self.re, &mut self.scratch);
        let scale = 1.0 / self.re.len() as f64;
        self.re.iter_mut().chain(&mut self.im).for_each(|x| *x *= scale);
    }

    /// The spectrum of a real signal from its first half: the rest is that of the
    /// negative frequencies, mirrored.
    pub(super) fn mirror(&mut self) {
        let length = self.re.len();
        let half = length / 2;
        let mirror = |part: &mut [f64], sign: f64| {
            let (first, last) = part.split_at_mut(half.saturating_add(1).min(length));
            last.iter_mut().rev().zip(first.iter().skip(1)).for_each(|(last, first)| *last = sign * first);
        };
        mirror(&mut self.re, 1.0);
        mirror(&mut self.im, -1.0);
        // What has no mirror image is real.
        self.im.iter_mut().take(1).for_each(|im| *im = 0.0);
        if length.is_multiple_of(2) {
            self.im.iter_mut().skip(half).take(1).for_each(|im| *im = 0.0);
        }
    }

    pub(super) fn recycle(self, scope: &mut Scope) {
        [self.re, self.im, self.scratch].into_iter().for_each(|list| scope.keep(list));
    }
}

/// The number of parts of the numbers of a signal, its last dimension.
pub(super) fn parts(shape: &[usize]) -> Result<usize> {
    match shape.last() {
        Some(&parts @ 1..=2) if shape.len() > 1 => Ok(parts),
        _ => Err(failed(format!(
            "expected a signal of one part or two in its last dimension, got shape {shape:?}"
        ))),
    }
}

/// How many frequencies there are: all, or those that are not mirror images.
pub(super) fn frequencies(length: usize, onesided: bool) -> usize {
    if onesided { length / 2 + 1 } else { length }
}
