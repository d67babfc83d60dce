//! `RNN`: a simple recurrent layer.
//! <https://onnx.ai/onnx/operators/onnx__RNN.html>

use super::cell::{Cell, Phase, Row};
use super::layer::Layer;
use super::real::Real;
use crate::Result;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope};

struct Rnn(Layer);

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Rnn(Layer::new(node, &["Tanh"])?)))
}

impl Operator for Rnn {
    /// In float32 or float64.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        self.0.run(self, inputs, scope)
    }
}

impl<T: Real> Cell<T> for Rnn {
    fn phases(&self) -> &'static [Phase] {
        &[Phase { gates: 1, of_memory: false }]
    }

    fn step(&self, _: usize, row: Row<'_, T>) {
        let Row { functions, gates, product, hidden, .. } = row;
        T::add_each(gates, product);
        functions.apply(0, gates);
        hidden.iter_mut().zip(gates).for_each(|(hidden, gate)| *hidden = *gate);
    }
}
