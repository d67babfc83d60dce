//! A tensor seen through steps: part of it, its axes in another order, or again
//! and again.

use smallvec::SmallVec;

use super::runs::{Runs, gathered};
use crate::ops::{Scope, failed};
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{Result, Shape, Tensor, TensorData};

/// Where the elements of a result lie in its source: `start`, and the distance
/// that one place along an axis makes.
pub(crate) struct Layout {
    pub(crate) start: usize,
    pub(crate) axes: SmallVec<[Axis; 6]>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Axis {
    pub(crate) length: usize,
    pub(crate) step: isize,
}

impl Layout {
    /// A tensor of `shape` as it lies.
    pub(crate) fn dense(shape: &[usize]) -> Self {
        let mut step = 1isize;
        let mut axes: SmallVec<[Axis; 6]> = SmallVec::new();
        for &length in shape.iter().rev() {
            axes.push(Axis { length, step });
            step = step.wrapping_mul(length as isize);
        }
        axes.reverse();
        Self { start: 0, axes }
    }

    /// The axis with number `axis`.
    pub(crate) fn axis(&mut self, axis: usize) -> Result<&mut Axis> {
        self.axes.get_mut(axis).ok_or_else(|| failed(format!("there is no axis {axis}")))
    }

    /// Moves axis `from` to the place `to`.
    pub(crate) fn move_axis(&mut self, from: usize, to: usize) {
        if from < self.axes.len() && to < self.axes.len() {
            let axis = self.axes.remove(from);
            self.axes.insert(to, axis);
        }
    }

    /// Only `length` places of `axis`, from `first` on, each `step` places after
    /// the one before.
    pub(crate) fn narrow(&mut self, axis: usize, first: usize, length: usize, step: isize) -> Result<()> {
        let narrowed = self.axis(axis)?;
        let shift = narrowed.step.wrapping_mul(first as isize);
        *narrowed = Axis { length, step: narrowed.step.wrapping_mul(step) };
        self.start = self.start.wrapping_add_signed(shift);
        Ok(())
    }

    pub(crate) fn shape(&self) -> Shape {
        let mut shape = Shape::new();
        self.axes.iter().for_each(|axis| shape.push(axis.length));
        shape
    }

    /// The elements of `source` in this layout.
    pub(crate) fn of(&self, source: DataRef<'_>, scope: &mut Scope) -> Result<TensorData> {
        let runs = self.runs(scope)?;
        gathered(source, runs, scope)
    }

    /// As [`Layout::of`], with the shape.
    pub(crate) fn tensor(&self, source: TensorRef<'_>, scope: &mut Scope) -> Result<Tensor> {
        Tensor::new(self.shape(), self.of(source.data, scope)?)
    }

    /// The places of all elements.
    pub(crate) fn places(&self, scope: &mut Scope) -> Result<Vec<u32>> {
        self.starts(&self.merged(), scope)
    }

    fn runs(&self, scope: &mut Scope) -> Result<Runs> {
        if self.axes.iter().any(|axis| axis.length == 0) {
            return Ok(Runs { starts: Vec::new(), length: 0, step: 1 });
        }
        let mut axes = self.merged();
        let run = axes.pop().unwrap_or(Axis { length: 1, step: 1 });
        Ok(Runs { starts: self.starts(&axes, scope)?, length: run.length, step: run.step })
    }

    /// The axes, as few as there can be.
    fn merged(&self) -> SmallVec<[Axis; 6]> {
        let mut merged: SmallVec<[Axis; 6]> = SmallVec::new();
        for &axis in self.axes.iter().filter(|axis| axis.length != 1) {
            match merged.last_mut() {
                Some(last) if last.step == axis.step.wrapping_mul(axis.length as isize) => {
                    *last = Axis { length: last.length.saturating_mul(axis.length), step: axis.step };
                }
                _ => merged.push(axis),
            }
        }
        merged
    }

    fn starts(&self, axes: &[Axis], scope: &mut Scope) -> Result<Vec<u32>> {
        if axes.iter().any(|axis| axis.length == 0) {
            return scope.vec(0);
        }
        let mut starts = scope.vec(1)?;
        starts.push(self.start as u32);
        for axis in axes {
            let count = starts.len().saturating_mul(axis.length);
            let mut wider: Vec<u32> = scope.vec(count)?;
            for start in &starts {
                wider.extend(
                    (0..axis.length as u32).map(|i| i.wrapping_mul(axis.step as u32).wrapping_add(*start)),
                );
            }
            scope.keep(std::mem::replace(&mut starts, wider));
        }
        Ok(starts)
    }
}
