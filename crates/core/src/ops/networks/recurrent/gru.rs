//! `GRU`: a layer of gated recurrent units.
//! <https://onnx.ai/onnx/operators/onnx__GRU.html>

use super::cell::{Cell, Phase, Row, part, parts};
use super::given::Given;
use super::layer::Layer;
use super::real::Real;
use crate::Result;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope};

/// Resets the hidden state before it is multiplied by the weights.
struct Gru(Layer);

/// Resets the product of hidden state and weights.
struct LinearBeforeReset(Layer);

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let layer = Layer::new(node, &["Sigmoid", "Tanh"])?;
    Ok(if node.flag("linear_before_reset", false)? {
        Box::new(LinearBeforeReset(layer))
    } else {
        Box::new(Gru(layer))
    })
}

impl Operator for Gru {
    /// In float32 or float64.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        self.0.run(self, inputs, scope)
    }
}

impl Operator for LinearBeforeReset {
    /// In float32 or float64.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        self.0.run(self, inputs, scope)
    }
}

impl<T: Real> Cell<T> for Gru {
    fn phases(&self) -> &'static [Phase] {
        &[Phase { gates: 2, of_memory: false }, Phase { gates: 1, of_memory: true }]
    }

    /// The memory is the hidden state after its reset.
    fn step(&self, phase: usize, row: Row<'_, T>) {
        let Row { functions, gates, product, hidden, memory, .. } = row;
        let length = hidden.len();
        let [update, reset, candidate] = parts(gates, length);
        if phase == 0 {
            T::add_each(update, product);
            T::add_each(reset, part(product, length, 1));
            functions.apply_complement(0, update);
            functions.apply(0, reset);
            memory.iter_mut().zip(hidden).for_each(|(memory, hidden)| *memory = *hidden);
            T::multiply_each(memory, reset);
        } else {
            T::add_each(candidate, product);
            functions.apply(1, candidate);
            T::blend(hidden, update, candidate);
        }
    }
}

impl<T: Real> Cell<T> for LinearBeforeReset {
    fn phases(&self) -> &'static [Phase] {
        &[Phase { gates: 3, of_memory: false }]
    }

    fn apart(&self) -> usize {
        1
    }

    /// The recurrent bias of the last gate.
    fn extra<'a>(&self, given: &Given<'a, T>, direction: usize) -> &'a [T] {
        part(given.bias, given.sizes.hidden, 6 * direction + 5)
    }

    fn step(&self, _: usize, row: Row<'_, T>) {
        let Row { functions, gates, product, hidden, extra, .. } = row;
        let length = hidden.len();
        let [update, reset, candidate] = parts(gates, length);
        T::add_each(update, product);
        T::add_each(reset, part(product, length, 1));
        functions.apply_complement(0, update);
        functions.apply(0, reset);
        T::add_product(candidate, reset, part(product, length, 2));
        T::add_product(candidate, reset, extra);
        functions.apply(1, candidate);
        T::blend(hidden, update, candidate);
    }
}
