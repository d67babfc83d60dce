//! The weights of the neighbours that a resized axis is made of.

use edgeinfer_kernels::samples;

use super::axis::{Axis, Transform};
use crate::Result;
use crate::ops::Scope;

/// How neighbours are weighted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filter {
    /// The coefficient of cubic interpolation; without, it is linear.
    pub(super) cubic: Option<f32>,
    /// Whether more neighbours count where the axis gets shorter.
    pub(super) antialias: bool,
    /// Whether neighbours outside of the axis do not count; otherwise they are
    /// as the outermost one.
    pub(super) exclude_outside: bool,
}

/// [`samples::Windows`], in buffers of a scope.
pub(super) struct Windows {
    starts: Vec<u32>,
    weights: Vec<f32>,
    taps: usize,
}

impl Windows {
    pub(super) fn new(axis: &Axis, transform: Transform, filter: Filter, scope: &mut Scope) -> Result<Self> {
        let squeeze = if filter.antialias { axis.scale.min(1.0) } else { 1.0 };
        let reach = filter.support() / squeeze;
        let taps = ((2.0 * reach).ceil() as usize).clamp(1, axis.length.max(1));
        let mut starts = scope.vec(axis.resized)?;
        let mut weights = scope.zeros(axis.resized.saturating_mul(taps))?;
        let last = axis.length as i64 - 1;
        for (place, weights) in (0..axis.resized).zip(weights.chunks_exact_mut(taps)) {
            let Some(x) = axis.original(transform, place) else {
                starts.push(u32::MAX);
                continue;
            };
            let neighbours = (x - reach).floor() as i64 + 1..=(x + reach).ceil() as i64 - 1;
            let start = (*neighbours.start()).clamp(0, axis.length.saturating_sub(taps) as i64);
            for neighbour in neighbours {
                let within = neighbour.clamp(0, last);
                if filter.exclude_outside && within != neighbour {
                    continue;
                }
                if let Some(weight) = weights.get_mut((within - start) as usize) {
                    *weight += filter.weight((neighbour as f32 - x) * squeeze);
                }
            }
            if filter.antialias || filter.exclude_outside {
                share(weights);
            }
            starts.push(start as u32);
        }
        Ok(Self { starts, weights, taps })
    }

    pub(super) fn view(&self) -> samples::Windows<'_> {
        samples::Windows { starts: &self.starts, weights: &self.weights, taps: self.taps }
    }

    pub(super) fn keep(self, scope: &mut Scope) {
        scope.keep(self.starts);
        scope.keep(self.weights);
    }
}

/// Makes the weights add up to 1.
fn share(weights: &mut [f32]) {
    let sum: f32 = weights.iter().sum();
    if sum != 0.0 {
        weights.iter_mut().for_each(|weight| *weight /= sum);
    }
}

impl Filter {
    /// How far away neighbours may be.
    fn support(&self) -> f32 {
        if self.cubic.is_some() { 2.0 } else { 1.0 }
    }

    /// The weight of a neighbour at a distance.
    fn weight(&self, distance: f32) -> f32 {
        let x = distance.abs();
        match self.cubic {
            None => (1.0 - x).max(0.0),
            Some(a) if x <= 1.0 => ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0,
            Some(a) if x < 2.0 => ((a * x - 5.0 * a) * x + 8.0 * a) * x - 4.0 * a,
            Some(_) => 0.0,
        }
    }
}
