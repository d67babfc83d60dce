//! The inputs of a recurrent layer.

use super::layer::Layer;
use crate::native::Native;
use crate::ops::{Inputs, failed};
use crate::tensor_ref::TensorRef;
use crate::{Error, Result, Shape};

/// How large a layer is, and how its tensors are laid out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) steps: usize,
    pub(super) batch: usize,
    pub(super) input: usize,
    pub(super) hidden: usize,
    pub(super) directions: usize,
    /// Whether the batch comes before the steps and the directions.
    pub(super) batch_first: bool,
}

/// The inputs, their shapes checked; those that are left out are empty.
pub(super) struct Given<'a, T> {
    pub(super) sizes: Sizes,
    pub(super) gates: usize,
    pub(super) x: &'a [T],
    pub(super) weights: &'a [T],
    pub(super) recurrent: &'a [T],
    pub(super) bias: &'a [T],
    pub(super) lengths: &'a [i32],
    pub(super) hidden: &'a [T],
    pub(super) cell: &'a [T],
    pub(super) peepholes: &'a [T],
}

impl Sizes {
    /// Of the input X and the recurrent weights R.
    fn of(x: &TensorRef<'_>, r: &TensorRef<'_>, layer: &Layer) -> Result<Self> {
        let (&[first, second, input], &[_, _, hidden]) = (x.shape, r.shape) else {
            let (x, r) = (x.shape, r.shape);
            return Err(failed(format!("expected X and R of three dimensions, got shapes {x:?} and {r:?}")));
        };
        if let Some(expected) = layer.hidden.filter(|size| usize::try_from(*size) != Ok(hidden)) {
            return Err(failed(format!("hidden_size is {expected}, but R is of {hidden} hidden numbers")));
        }
        let batch_first = layer.batch_first;
        let (steps, batch) = if batch_first { (second, first) } else { (first, second) };
        Ok(Self { steps, batch, input, hidden, directions: layer.directions.len(), batch_first })
    }

    /// The shape of a state of all directions.
    pub(super) fn state(&self) -> [usize; 3] {
        if self.batch_first {
            [self.batch, self.directions, self.hidden]
        } else {
            [self.directions, self.batch, self.hidden]
        }
    }

    /// The shape of the hidden states of all steps.
    pub(super) fn states(&self) -> [usize; 4] {
        if self.batch_first {
            [self.batch, self.steps, self.directions, self.hidden]
        } else {
            [self.steps, self.directions, self.batch, self.hidden]
        }
    }

    /// Which of the rows of X is that of a step of a sequence.
    pub(super) fn place_in_x(&self, step: usize, sequence: usize) -> usize {
        if self.batch_first { sequence * self.steps + step } else { step * self.batch + sequence }
    }

    /// Which of the hidden states of all steps is that of a direction.
    pub(super) fn place_in_states(&self, step: usize, direction: usize, sequence: usize) -> usize {
        if self.batch_first {
            (sequence * self.steps + step) * self.directions + direction
        } else {
            (step * self.directions + direction) * self.batch + sequence
        }
    }

    /// Which part of a state of all directions is that of one.
    pub(super) fn place_in_state(&self, direction: usize, sequence: usize) -> usize {
        if self.batch_first {
            sequence * self.directions + direction
        } else {
            direction * self.batch + sequence
        }
    }
}

impl<'a, T: Native> Given<'a, T> {
    pub(super) fn of(inputs: &Inputs<'a>, gates: usize, layer: &Layer) -> Result<Self> {
        let (x, r) = (inputs.tensor(0)?, inputs.tensor(2)?);
        let sizes = Sizes::of(&x, &r, layer)?;
        let Sizes { steps, batch, input, hidden, directions, .. } = sizes;
        let times =
            |count: usize| hidden.checked_mul(count).ok_or_else(|| failed("the weights are too large"));
        let state = sizes.state();
        let given = Self {
            sizes,
            gates,
            x: elements(&x, x.shape, "X")?,
            weights: elements(&inputs.tensor(1)?, &[directions, times(gates)?, input], "W")?,
            recurrent: elements(&r, &[directions, times(gates)?, hidden], "R")?,
            bias: optional(inputs, 3, &[directions, times(2 * gates)?], "B")?,
            lengths: optional(inputs, 4, &[batch], "sequence_lens")?,
            hidden: optional(inputs, 5, &state, "initial_h")?,
            cell: optional(inputs, 6, &state, "initial_c")?,
            peepholes: optional(inputs, 7, &[directions, times(3)?], "P")?,
        };
        let fits = |length: &i32| usize::try_from(*length).is_ok_and(|length| length <= steps);
        match given.lengths.iter().find(|length| !fits(length)) {
            Some(length) => Err(failed(format!("sequence_lens: X has {steps} steps, not {length}"))),
            None => Ok(given),
        }
    }

    /// The number of steps of a sequence.
    pub(super) fn length(&self, sequence: usize) -> usize {
        match self.lengths.get(sequence) {
            Some(length) => usize::try_from(*length).unwrap_or(0),
            None => self.sizes.steps,
        }
    }
}

fn optional<'a, T: Native>(
    inputs: &Inputs<'a>,
    index: usize,
    shape: &[usize],
    name: &str,
) -> Result<&'a [T]> {
    match inputs.optional(index)? {
        Some(tensor) => elements(&tensor, shape, name),
        None => Ok(&[]),
    }
}

/// The elements of a tensor that has to have the shape `shape`.
fn elements<'a, T: Native>(tensor: &TensorRef<'a>, shape: &[usize], name: &str) -> Result<&'a [T]> {
    let elements = tensor.read().filter(|_| tensor.shape == shape);
    elements.ok_or_else(|| misfit(tensor, T::TYPE.name(), shape, name))
}

#[cold]
fn misfit(tensor: &TensorRef<'_>, element: &str, shape: &[usize], name: &str) -> Error {
    let (shape, got) = (Shape::from_slice(shape), Shape::from_slice(tensor.shape));
    let got_element = tensor.element_type();
    failed(format!("expected {name} of {element} and shape {shape:?}, got {got_element} and shape {got:?}"))
}
