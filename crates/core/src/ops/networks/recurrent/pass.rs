//! One direction of a recurrent layer.

use super::cell::{Cell, Functions, Row, part, part_mut};
use super::given::Given;
use super::real::Real;
use super::weights::Weights;
use crate::Result;
use crate::ops::{Scope, failed};

/// A direction, and what it calculates with.
pub(super) struct Pass<'a, T> {
    pub(super) cell: &'a dyn Cell<T>,
    pub(super) given: &'a Given<'a, T>,
    pub(super) functions: Functions<'a>,
    /// Which direction.
    pub(super) index: usize,
    /// Whether sequences are taken from their ends.
    pub(super) backwards: bool,
}

/// What a direction hands on from step to step, for all sequences.
pub(super) struct States<T> {
    pub(super) hidden: Vec<T>,
    pub(super) memory: Vec<T>,
}

impl<T: Real> Pass<'_, T> {
    /// Takes every step, and puts the hidden states that come of them into their
    /// places in `all`. The states after the last steps are left in the result.
    pub(super) fn run(&self, all: &mut [T], scope: &mut Scope) -> Result<States<T>> {
        let Given { sizes, .. } = self.given;
        let mut gates = self.input_share(scope)?;
        let mut states = States {
            hidden: self.first(self.given.hidden, scope)?,
            memory: self.first(self.given.cell, scope)?,
        };
        let phases = self.recurrent_weights(scope)?;
        let mut product = scope.vec(sizes.batch.saturating_mul(self.length_of_gates()?))?;
        for step in 0..sizes.steps {
            for (phase, (weights, part)) in phases.iter().zip(self.cell.phases()).enumerate() {
                let x = if part.of_memory { &states.memory } else { &states.hidden };
                weights.multiply(x, &mut product);
                self.step(step, phase, &mut gates, &product, &mut states);
            }
            self.put(step, &states.hidden, all);
        }
        phases.into_iter().for_each(|weights| weights.recycle(scope));
        [gates, product].into_iter().for_each(|values| scope.keep(values));
        Ok(states)
    }

    fn length_of_gates(&self) -> Result<usize> {
        let length = self.given.sizes.hidden.checked_mul(self.given.gates);
        length.ok_or_else(|| failed("the gates are too many"))
    }

    /// What the inputs of all steps give to the gates, `[steps, batch]` as X has
    /// them, with the biases.
    fn input_share(&self, scope: &mut Scope) -> Result<Vec<T>> {
        let Given { sizes, x, weights, bias, .. } = *self.given;
        let length = self.length_of_gates()?;
        let rows = sizes.steps.checked_mul(sizes.batch).ok_or_else(|| failed("X is too large"))?;
        let total = rows.checked_mul(length).ok_or_else(|| failed("the gates are too many"))?;
        let mut share = scope.any(total)?;
        let weights = part(weights, length.saturating_mul(sizes.input), self.index);
        let weights = Weights::new(weights, sizes.input, rows, scope)?;
        weights.multiply(x, &mut share);
        weights.recycle(scope);
        share.resize(total, T::default());
        let bias = part(bias, 2 * length, self.index);
        let (bias, recurrent) = bias.split_at_checked(length).unwrap_or_default();
        let recurrent = recurrent.get(..length - self.cell.apart() * sizes.hidden).unwrap_or_default();
        for row in share.chunks_exact_mut(length.max(1)) {
            T::add_each(row, bias);
            T::add_each(row, recurrent);
        }
        Ok(share)
    }

    /// The recurrent weights of each phase.
    fn recurrent_weights(&self, scope: &mut Scope) -> Result<smallvec::SmallVec<[Weights<'_, T>; 2]>> {
        let Given { sizes, recurrent, .. } = *self.given;
        let mut rest = part(recurrent, self.length_of_gates()?.saturating_mul(sizes.hidden), self.index);
        let mut phases = smallvec::SmallVec::new();
        for phase in self.cell.phases() {
            let length = phase.gates.saturating_mul(sizes.hidden).saturating_mul(sizes.hidden);
            let (rows, others) = rest.split_at_checked(length).unwrap_or_default();
            phases.push(Weights::new(rows, sizes.hidden, sizes.batch, scope)?);
            rest = others;
        }
        Ok(phases)
    }

    /// The direction's part of an initial state; zeros without, and for sequences
    /// without steps, as in onnxruntime.
    fn first(&self, given: &[T], scope: &mut Scope) -> Result<Vec<T>> {
        let sizes = &self.given.sizes;
        let length =
            sizes.batch.checked_mul(sizes.hidden).ok_or_else(|| failed("the states are too large"))?;
        let mut first = scope.zeros::<T>(length)?;
        for (sequence, first) in first.chunks_exact_mut(sizes.hidden.max(1)).enumerate() {
            if self.given.length(sequence) > 0 {
                let given = part(given, sizes.hidden, sizes.place_in_state(self.index, sequence));
                first.iter_mut().zip(given).for_each(|(first, given)| *first = *given);
            }
        }
        Ok(first)
    }

    /// A phase of a step of all sequences that are not at their end.
    fn step(&self, step: usize, phase: usize, gates: &mut [T], product: &[T], states: &mut States<T>) {
        let Given { sizes, .. } = self.given;
        let width = sizes.hidden * self.given.gates;
        let product_width = self.cell.phases().get(phase).map_or(0, |phase| phase.gates * sizes.hidden);
        for sequence in 0..sizes.batch {
            if let Some(at) = self.place(step, sequence) {
                self.cell.step(
                    phase,
                    Row {
                        functions: self.functions,
                        gates: part_mut(gates, width, sizes.place_in_x(at, sequence)),
                        product: part(product, product_width, sequence),
                        hidden: part_mut(&mut states.hidden, sizes.hidden, sequence),
                        memory: part_mut(&mut states.memory, sizes.hidden, sequence),
                        extra: self.cell.extra(self.given, self.index),
                    },
                );
            }
        }
    }

    /// Where in X the direction is at a step of a sequence, unless it is through.
    fn place(&self, step: usize, sequence: usize) -> Option<usize> {
        let length = self.given.length(sequence);
        let place = if self.backwards { length.checked_sub(step + 1)? } else { step };
        Some(place).filter(|place| *place < length)
    }

    fn put(&self, step: usize, hidden: &[T], all: &mut [T]) {
        let Given { sizes, .. } = self.given;
        for sequence in 0..sizes.batch {
            if let Some(at) = self.place(step, sequence) {
                let place = sizes.place_in_states(at, self.index, sequence);
                let from = part(hidden, sizes.hidden, sequence);
                part_mut(all, sizes.hidden, place).iter_mut().zip(from).for_each(|(to, from)| *to = *from);
            }
        }
    }
}
