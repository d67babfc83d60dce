use super::super::tensor::axis::axis;
use super::super::tensor::join::stacked;
use super::super::tensor::sequence::grow;
use super::body::Remaining;
use crate::ops::{Node, Outputs, Scope, failed};
use crate::tensor_ref::TensorRef;
use crate::{Result, Tensor, Value};

/// How the tensors that iterations give become one.
pub(super) struct Collected {
    /// The new axis.
    pub(super) axis: i64,
    /// Whether that of the last iteration comes first.
    pub(super) backwards: bool,
    /// Whether somebody takes it.
    pub(super) taken: bool,
}

/// The tensors that iterations have given.
pub(super) struct Collection<'a> {
    outputs: &'a [Collected],
    parts: Vec<Vec<Tensor>>,
    size: usize,
}

impl Collected {
    /// Those of the outputs from `first` on, along the first axis.
    pub(super) fn of(node: &Node<'_>, first: usize, count: usize) -> Vec<Self> {
        let taken = |index| node.step().outputs.get(first + index) == Some(&true);
        let mut collected = Vec::new();
        for index in 0..count {
            collected.push(Self { axis: 0, backwards: false, taken: taken(index) });
        }
        collected
    }
}

impl<'a> Collection<'a> {
    pub(super) fn new(outputs: &'a [Collected]) -> Self {
        Self { outputs, parts: vec![Vec::new(); outputs.len()], size: 0 }
    }

    /// Adds what an iteration gives.
    pub(super) fn push(&mut self, values: Remaining, scope: &mut Scope) -> Result<()> {
        for ((value, parts), output) in values.zip(&mut self.parts).zip(self.outputs) {
            match value {
                Value::Tensor(tensor) if output.taken => {
                    grow(&mut self.size, &tensor)?;
                    parts.push(tensor);
                }
                Value::Tensor(_) => scope.recycle(value),
                _ => return Err(failed("expected a body to give tensors after its states")),
            }
        }
        Ok(())
    }

    /// All of them, each as one tensor.
    pub(super) fn finish(self, outputs: &mut Outputs, scope: &mut Scope) -> Result<()> {
        for (mut parts, output) in self.parts.into_iter().zip(self.outputs) {
            if !output.taken {
                outputs.push(Value::Sequence(Vec::new()));
                continue;
            }
            let first = parts.first().ok_or_else(|| {
                failed("there was no iteration, so that the type of what they give is not known")
            })?;
            let axis = axis(output.axis, first.shape().len() + 1)?;
            if output.backwards {
                parts.reverse();
            }
            let refs: Vec<TensorRef<'_>> = parts.iter().map(TensorRef::from).collect();
            outputs.push(Value::Tensor(stacked(&refs, axis, scope)?));
            parts.into_iter().for_each(|part| scope.recycle(part.into()));
        }
        Ok(())
    }
}
