//! Products of weights with what they are laid on.

use edgeinfer_kernels::{Columns, Gathered, Panel, Start, multiply, scratch_length};

use super::fraction::Fraction;
use super::planes::length;
use crate::Result;
use crate::ops::Scope;

/// What is done to sums that are complete: the row, the first column, the sums.
pub(super) type Finish<'a> = &'a mut dyn FnMut(usize, usize, &mut [f32]);

struct Side<'a, 'f> {
    gathered: Gathered<'a>,
    finish: Finish<'f>,
}

impl Columns for Side<'_, '_> {
    fn fill(&mut self, row: usize, column: usize, panel: &mut [Panel]) {
        self.gathered.fill(row, column, panel);
    }

    fn finish(&mut self, row: usize, column: usize, sums: &mut [f32]) {
        (self.finish)(row, column, sums);
    }
}

/// `y = start + weights · gathered`.
pub(super) fn product(
    weights: &[f32],
    gathered: Gathered<'_>,
    start: Start<'_>,
    y: &mut [f32],
    finish: Finish<'_>,
    scope: &mut Scope,
) -> Result<()> {
    let size = (gathered.rows.len(), gathered.columns.len());
    let mut scratch = scope.any(scratch_length(size.0, size.1))?;
    multiply(weights, size, &mut Side { gathered, finish }, start, y, &mut scratch);
    scope.keep(scratch);
    Ok(())
}

/// Numbers of `shape` `[N, M, D1, …]`, each the bias of its channel.
pub(super) fn biased<T: Fraction>(shape: &[usize], bias: Option<&[T]>, scope: &mut Scope) -> Result<Vec<T>> {
    let (length, size) = (length(shape)?, length(shape.get(2..).unwrap_or_default())?);
    let Some(bias) = bias.filter(|_| length > 0) else { return scope.zeros(length) };
    let mut y = scope.any(length)?;
    y.chunks_exact_mut(size).zip(bias.iter().cycle()).for_each(|(y, bias)| T::fill(y, *bias));
    Ok(y)
}

/// As [`biased`], and `addend`, which has as many numbers, is added.
pub(super) fn added(
    addend: &[f32],
    shape: &[usize],
    bias: Option<&[f32]>,
    scope: &mut Scope,
) -> Result<Vec<f32>> {
    let size = length(shape.get(2..).unwrap_or_default())?.max(1);
    let mut y = scope.copy(addend)?;
    let biases = bias.unwrap_or_default().iter().cycle();
    y.chunks_exact_mut(size).zip(biases).for_each(|(y, bias)| y.iter_mut().for_each(|y| *y += bias));
    Ok(y)
}

/// `0, step, 2 · step, …`.
pub(super) fn multiples(step: usize, count: usize, scope: &mut Scope) -> Result<Vec<u32>> {
    let mut multiples = scope.vec(count)?;
    multiples.extend((0..count).map(|i| i.saturating_mul(step) as u32));
    Ok(multiples)
}
