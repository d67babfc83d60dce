//! `LSTM`: a layer with long short-term memory.
//! <https://onnx.ai/onnx/operators/onnx__LSTM.html>

use super::cell::{Cell, Phase, Row, part, parts};
use super::given::Given;
use super::layer::Layer;
use super::real::Real;
use crate::Result;
use crate::ops::{Inputs, Node, Operator, Outputs, Scope};

struct Lstm {
    layer: Layer,
    /// Whether the forget gate is what the input gate leaves.
    input_forget: bool,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let layer = Layer::new(node, &["Sigmoid", "Tanh", "Tanh"])?;
    Ok(Box::new(Lstm { layer, input_forget: node.flag("input_forget", false)? }))
}

impl Operator for Lstm {
    /// In float32 or float64. `clip` bounds the gates and not the cell, as in onnxruntime.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        self.layer.run(self, inputs, scope)
    }
}

impl<T: Real> Cell<T> for Lstm {
    fn phases(&self) -> &'static [Phase] {
        &[Phase { gates: 4, of_memory: false }]
    }

    fn gives_memory(&self) -> bool {
        true
    }

    /// The peepholes.
    fn extra<'a>(&self, given: &Given<'a, T>, direction: usize) -> &'a [T] {
        part(given.peepholes, 3 * given.sizes.hidden, direction)
    }

    fn step(&self, _: usize, row: Row<'_, T>) {
        let Row { functions, gates, product, hidden, memory: cell, extra } = row;
        let length = hidden.len();
        let peephole = |index| part(extra, length, index);
        T::add_each(gates, product);
        let [input, output, forget, candidate] = parts(gates, length);
        T::add_product(input, peephole(0), cell);
        functions.apply(0, input);
        if self.input_forget {
            forget.iter_mut().zip(input.iter()).for_each(|(forget, input)| *forget = T::from(1.0) - *input);
        } else {
            T::add_product(forget, peephole(2), cell);
            functions.apply(0, forget);
        }
        functions.apply(1, candidate);
        T::multiply_each(cell, forget);
        T::add_product(cell, input, candidate);
        T::add_product(output, peephole(1), cell);
        functions.apply(0, output);
        hidden.iter_mut().zip(cell).for_each(|(hidden, cell)| *hidden = *cell);
        functions.apply_unclipped(2, hidden);
        T::multiply_each(hidden, output);
    }
}
