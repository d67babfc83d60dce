//! `RNN`: a simple recurrent layer.
//! <https://onnx.ai/onnx/operators/onnx__RNN.html>

use super::cell::{Cell, Phase, Row};
use super::layer::Layer;
use crate::Result;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope};
use edgeinfer_kernels::recurrent::add;

struct Rnn(Layer);

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(Rnn(Layer::new(node, &["Tanh"])?)))
}

impl Operator for Rnn {
    /// In float32.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        self.0.run(self, inputs, scope)
    }
}

impl Cell for Rnn {
    fn phases(&self) -> &'static [Phase] {
        &[Phase { gates: 1, of_memory: false }]
    }

    fn step(&self, _: usize, row: Row<'_>) {
        let Row { functions, gates, product, hidden, .. } = row;
        add(gates, product);
        functions.apply(0, gates);
        hidden.iter_mut().zip(gates).for_each(|(hidden, gate)| *hidden = *gate);
    }
}
