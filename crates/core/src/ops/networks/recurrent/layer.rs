//! What all recurrent layers have: attributes, directions, outputs.

use super::cell::{Cell, Functions, gates, part, part_mut};
use super::function::Function;
use super::given::{Given, Sizes};
use super::pass::{Pass, States};
use super::real::Real;
use crate::native::Native;
use crate::ops::{Inputs, Node, Outputs, Scope, failed};
use crate::tensor::element_count;
use crate::tensor_ref::DataRef;
use crate::{Result, Tensor, Value};

/// The attributes of all recurrent layers.
pub(super) struct Layer {
    /// The length of the hidden state, where the node says it.
    pub(super) hidden: Option<i64>,
    /// Whether each direction takes sequences from their ends.
    pub(super) directions: &'static [bool],
    /// Those of each direction, one after the other.
    functions: Vec<Function>,
    clip: Option<f32>,
    pub(super) batch_first: bool,
}

impl Layer {
    /// `defaults` are the functions of one direction.
    pub(super) fn new(node: &Node<'_>, defaults: &[&str]) -> Result<Self> {
        let directions: &[bool] = match node.string_or("direction", "forward")? {
            "forward" => &[false],
            "reverse" => &[true],
            "bidirectional" => &[false, true],
            other => {
                let expected = "expected forward, reverse or bidirectional";
                return Err(node.invalid(format_args!("direction: {expected}, got {other:?}")));
            }
        };
        let clip = Some(node.float_or("clip", 0.0)?).filter(|clip| *clip > 0.0);
        Ok(Self {
            hidden: node.int("hidden_size")?,
            directions,
            functions: Function::of(node, defaults, directions.len())?,
            clip,
            batch_first: node.flag("layout", false)?,
        })
    }

    /// The hidden states of all steps, the last hidden state, and the last memory where
    /// the layer gives it.
    pub(super) fn run<C>(&self, cell: &C, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs>
    where
        C: Cell<f32> + Cell<f64>,
    {
        match inputs.tensor(0)?.data {
            DataRef::Float64(_) => self.apply::<f64>(cell, inputs, scope),
            _ => self.apply::<f32>(cell, inputs, scope),
        }
    }

    fn apply<T: Real>(&self, cell: &dyn Cell<T>, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let given = Given::of(inputs, gates(cell), self)?;
        let sizes = given.sizes;
        let mut all = zeros(&sizes.states(), scope)?;
        let (mut hidden, mut memory) = (zeros(&sizes.state(), scope)?, zeros(&sizes.state(), scope)?);
        let count = self.functions.len().checked_div(self.directions.len()).unwrap_or(0).max(1);
        // Without elements there may be more steps than can be counted to.
        let most = if all.is_empty() { 0 } else { usize::MAX };
        let directions = self.directions.iter().zip(self.functions.chunks_exact(count));
        for (index, (&backwards, functions)) in directions.enumerate().take(most) {
            let functions = Functions { functions, clip: self.clip };
            let pass = Pass { cell, given: &given, functions, index, backwards };
            let last = pass.run(&mut all, scope)?;
            put(&last.hidden, &sizes, index, &mut hidden);
            put(&last.memory, &sizes, index, &mut memory);
            let States { hidden, memory } = last;
            scope.keep(hidden);
            scope.keep(memory);
        }
        let mut outputs = Outputs::new();
        outputs.push(tensor(&sizes.states(), all)?);
        outputs.push(tensor(&sizes.state(), hidden)?);
        if cell.gives_memory() {
            outputs.push(tensor(&sizes.state(), memory)?);
        } else {
            scope.keep(memory);
        }
        Ok(outputs)
    }
}

fn zeros<T: Native>(shape: &[usize], scope: &mut Scope) -> Result<Vec<T>> {
    scope.zeros(element_count(shape).ok_or_else(|| failed("the states are too many"))?)
}

fn tensor<T: Native>(shape: &[usize], values: Vec<T>) -> Result<Value> {
    Tensor::new(shape, T::wrap(values)).map(Value::Tensor)
}

/// Puts the states of one direction into their places among those of all.
fn put<T: Copy>(states: &[T], sizes: &Sizes, direction: usize, all: &mut [T]) {
    for sequence in 0..sizes.batch {
        let from = part(states, sizes.hidden, sequence);
        let to = part_mut(all, sizes.hidden, sizes.place_in_state(direction, sequence));
        to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
    }
}
