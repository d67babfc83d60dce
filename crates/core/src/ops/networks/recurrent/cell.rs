//! What one kind of recurrent layer does in a step.

use super::function::Function;
use super::given::Given;
use super::real::Real;

/// A part of a step: a product of the recurrent weights of some gates, and what
/// comes of it.
pub(super) struct Phase {
    /// How many gates' weights.
    pub(super) gates: usize,
    /// Whether they are multiplied by the memory; otherwise by the hidden state.
    pub(super) of_memory: bool,
}

/// A step of one sequence.
pub(super) struct Row<'a, T> {
    pub(super) functions: Functions<'a>,
    /// The input's share of the gates with their biases, one gate after another;
    /// what a phase leaves there, the next one finds.
    pub(super) gates: &'a mut [T],
    /// The phase's product.
    pub(super) product: &'a [T],
    /// The hidden state, in which the step's result is after the last phase.
    pub(super) hidden: &'a mut [T],
    /// What the cell has besides, as long as the hidden state.
    pub(super) memory: &'a mut [T],
    /// The direction's extra; empty where it has none.
    pub(super) extra: &'a [T],
}

/// The functions of a direction.
#[derive(Clone, Copy)]
pub(super) struct Functions<'a> {
    pub(super) functions: &'a [Function],
    /// Numbers are brought between this and its opposite first.
    pub(super) clip: Option<f32>,
}

impl Functions<'_> {
    /// Puts the values of function `index` in the place of `values`.
    pub(super) fn apply<T: Real>(self, index: usize, values: &mut [T]) {
        if let Some(limit) = self.clip {
            T::clip(values, limit.into());
        }
        self.apply_unclipped(index, values);
    }

    /// What the values of function `index` lack to 1, in the place of `values`: a
    /// difference to 1 that is made of them has no digits left where they are close to 1.
    pub(super) fn apply_complement<T: Real>(self, index: usize, values: &mut [T]) {
        if let Some(limit) = self.clip {
            T::clip(values, limit.into());
        }
        if let Some(function) = self.functions.get(index) {
            function.apply_complement(values);
        }
    }

    pub(super) fn apply_unclipped<T: Real>(self, index: usize, values: &mut [T]) {
        if let Some(function) = self.functions.get(index) {
            function.apply(values);
        }
    }
}

/// A kind of layer, in numbers of one type.
pub(super) trait Cell<T> {
    /// The phases of a step; their gates are all that there are.
    fn phases(&self) -> &'static [Phase];

    /// Phase `phase` of a step.
    fn step(&self, phase: usize, row: Row<'_, T>);

    /// What a direction's steps need besides its weights.
    fn extra<'a>(&self, _: &Given<'a, T>, _: usize) -> &'a [T] {
        &[]
    }

    /// How many of the last gates have a recurrent bias that is not added to the
    /// input's share.
    fn apart(&self) -> usize {
        0
    }

    /// Whether the memory is an output.
    fn gives_memory(&self) -> bool {
        false
    }
}

/// The number of a layer's gates.
pub(super) fn gates<T>(cell: &dyn Cell<T>) -> usize {
    cell.phases().iter().map(|phase| phase.gates).sum()
}

/// The first `N` parts of `values`, each `length` long.
pub(super) fn parts<const N: usize, T>(values: &mut [T], length: usize) -> [&mut [T]; N] {
    let mut parts = values.chunks_exact_mut(length.max(1));
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

/// Part `index` of `values`, each `length` long.
pub(super) fn part<T>(values: &[T], length: usize, index: usize) -> &[T] {
    values.chunks_exact(length.max(1)).nth(index).unwrap_or_default()
}

/// As [`part`].
pub(super) fn part_mut<T>(values: &mut [T], length: usize, index: usize) -> &mut [T] {
    values.chunks_exact_mut(length.max(1)).nth(index).unwrap_or_default()
}
