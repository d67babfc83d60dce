use super::super::tensor::gathering::Gathering;
use super::body::Remaining;
use crate::ops::{Node, Outputs, Scope, failed};
use crate::{Result, Tensor, Value};

/// How the tensors that iterations give become one.
pub(super) struct Collected {
    /// The new axis.
    pub(super) axis: i64,
    /// Whether that of the last iteration comes first.
    pub(super) backwards: bool,
    /// Whether somebody takes it.
    pub(super) taken: bool,
    /// What it is where there is no iteration, if that is known.
    empty: Option<Tensor>,
}

/// The tensors that iterations have given.
pub(super) struct Collection<'a> {
    outputs: &'a [Collected],
    gathered: Vec<Gathering>,
    /// How many iterations there are at least, as far as is known.
    times: usize,
}

impl Collected {
    /// Those of the outputs from `first` on, along the first axis. The compiler
    /// gives the attributes `empty_0` and so on, for each of them.
    pub(super) fn of(node: &Node<'_>, first: usize, count: usize) -> Result<Vec<Self>> {
        let taken = |index| node.step().outputs.get(first + index) == Some(&true);
        let mut collected = Vec::new();
        for index in 0..count {
            let empty = node.tensor(&format!("empty_{index}"))?;
            let empty = empty.map(|constant| constant.view().to_tensor()).transpose()?;
            collected.push(Self { axis: 0, backwards: false, taken: taken(index), empty });
        }
        Ok(collected)
    }
}

impl<'a> Collection<'a> {
    pub(super) fn new(outputs: &'a [Collected], times: usize) -> Self {
        Self { outputs, gathered: outputs.iter().map(|_| Gathering::default()).collect(), times }
    }

    /// Adds what an iteration gives.
    pub(super) fn push(&mut self, values: Remaining, scope: &mut Scope) -> Result<()> {
        for ((value, gathered), output) in values.zip(&mut self.gathered).zip(self.outputs) {
            match &value {
                Value::Tensor(tensor) if output.taken => gathered.push(tensor.into(), self.times, scope)?,
                Value::Tensor(_) => {}
                _ => return Err(failed("expected a body to give tensors after its states")),
            }
            scope.recycle(value);
        }
        Ok(())
    }

    /// All of them, each as one tensor.
    pub(super) fn finish(self, outputs: &mut Outputs, scope: &mut Scope) -> Result<()> {
        for (gathered, output) in self.gathered.into_iter().zip(self.outputs) {
            if !output.taken {
                outputs.push(Value::Sequence(Vec::new()));
                continue;
            }
            let tensor = gathered.finish(output.axis, output.backwards, scope)?;
            let tensor = tensor.or_else(|| output.empty.clone()).ok_or_else(|| {
                failed("there was no iteration, so that the type of what they give is not known")
            })?;
            outputs.push(Value::Tensor(tensor));
        }
        Ok(())
    }
}
