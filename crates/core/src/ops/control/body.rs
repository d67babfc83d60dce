use std::ops::Range;

use smallvec::SmallVec;

use crate::ops::{Inputs, Node, Outputs, Scope, ValueRef, failed};
use crate::program::Program;
use crate::{Result, Value};

/// The values that a body takes.
pub(in crate::ops) type Arguments<'a> = SmallVec<[ValueRef<'a>; 8]>;

/// What is left of the values that a body has given.
pub(in crate::ops) type Remaining = smallvec::IntoIter<[Value; 2]>;

/// The body of an operator of control flow.
pub(in crate::ops) struct Body {
    program: Program,
    /// The number of the node's inputs that are not captured.
    own: usize,
}

impl Body {
    /// The body that the attribute `name` holds, which takes `own` values before
    /// those that it captures.
    pub(in crate::ops) fn new(node: &Node<'_>, name: &str, own: usize) -> Result<Self> {
        let program = node.body(name)?;
        let (expected, got) = (own.saturating_add(captures(node)?), program.input_count());
        if expected != got {
            return Err(node.invalid(format_args!("{name}: expected {expected} inputs, got {got}")));
        }
        Ok(Self { program, own: own_inputs(node)? })
    }

    pub(in crate::ops) fn output_count(&self) -> usize {
        self.program.output_count()
    }

    /// The outputs for `arguments` and what is captured of `inputs`, the node's.
    pub(in crate::ops) fn run<'a>(
        &self,
        mut arguments: Arguments<'a>,
        inputs: &Inputs<'a>,
        scope: &mut Scope,
    ) -> Result<Outputs> {
        arguments.extend_from_slice(&values(inputs, self.own..inputs.len())?);
        self.program.run(&arguments, scope)
    }
}

/// The number of the node's inputs that its bodies capture.
fn captures(node: &Node<'_>) -> Result<usize> {
    let captures = node.int_or("captures", 0)?;
    let captures = usize::try_from(captures).ok().filter(|&captures| captures <= node.step().inputs.len());
    captures.ok_or_else(|| node.invalid("captures: there are not as many inputs"))
}

/// The number of the node's inputs that its bodies do not capture.
pub(in crate::ops) fn own_inputs(node: &Node<'_>) -> Result<usize> {
    Ok(node.step().inputs.len() - captures(node)?)
}

/// The inputs at `range`, none of them left out.
pub(in crate::ops) fn values<'a>(inputs: &Inputs<'a>, range: Range<usize>) -> Result<Arguments<'a>> {
    let mut values = Arguments::new();
    for index in range {
        values.push(inputs.value(index).ok_or_else(|| failed(format!("input {index} is missing")))?);
    }
    Ok(values)
}

/// The values that an iteration gives to the next one: at first some of the
/// node's inputs.
pub(in crate::ops) struct States<'a> {
    first: Arguments<'a>,
    now: Vec<Value>,
}

impl<'a> States<'a> {
    pub(in crate::ops) fn new(first: Arguments<'a>) -> Self {
        Self { first, now: Vec::new() }
    }

    /// Appends the values to `arguments`.
    pub(in crate::ops) fn give<'b>(&'b self, arguments: &mut Arguments<'b>) {
        match self.now.is_empty() {
            true => arguments.extend_from_slice(&self.first),
            false => self.now.iter().for_each(|value| arguments.push(value.into())),
        }
    }

    /// Takes the next values off the front of `outputs`.
    pub(in crate::ops) fn replace(&mut self, outputs: &mut Remaining, scope: &mut Scope) {
        self.now.drain(..).for_each(|value| scope.recycle(value));
        for _ in 0..self.first.len() {
            self.now.extend(outputs.next());
        }
    }

    /// The values after the last iteration.
    pub(in crate::ops) fn into_outputs(self, scope: &mut Scope) -> Result<Outputs> {
        let mut outputs = Outputs::new();
        if self.now.is_empty() {
            for value in self.first {
                outputs.push(value.to_value(scope)?);
            }
        }
        self.now.into_iter().for_each(|value| outputs.push(value));
        Ok(outputs)
    }
}
