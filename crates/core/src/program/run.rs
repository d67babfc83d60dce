use smallvec::SmallVec;

use super::{Program, Ready};
use crate::ops::{Inputs, Outputs, Scope, ValueRef, failed};
use crate::{Result, Value};

/// The values of a run.
struct Frame<'a> {
    inputs: &'a [ValueRef<'a>],
    program: &'a Program,
    made: Vec<Option<Value>>,
}

impl Program {
    /// The number of inputs that [`Program::run`] takes.
    pub(crate) fn input_count(&self) -> usize {
        self.inputs
    }

    /// The number of outputs that [`Program::run`] gives.
    pub(crate) fn output_count(&self) -> usize {
        self.outputs.len()
    }

    /// The outputs for `inputs`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InferenceFailed`](crate::ErrorKind::InferenceFailed) with
    /// the node that failed.
    pub(crate) fn run(&self, inputs: &[ValueRef<'_>], scope: &mut Scope) -> Result<Outputs> {
        if inputs.len() != self.inputs {
            return Err(failed(format!("expected {} inputs, got {}", self.inputs, inputs.len())));
        }
        let mut frame = Frame { inputs, program: self, made: scope.frame(self.made) };
        let outputs = frame.run(scope);
        let Frame { made, .. } = frame;
        scope.leave(made);
        outputs
    }
}

impl Frame<'_> {
    fn run(&mut self, scope: &mut Scope) -> Result<Outputs> {
        let mut next = 0;
        for step in &self.program.steps {
            if step.prepared {
                next += step.outputs.iter().filter(|taken| **taken).count();
                continue;
            }
            let outputs = self.step(step, scope).map_err(|error| error.within(&step.place))?;
            self.store(step, outputs, &mut next, scope)?;
            for &value in &step.release {
                if let Some(value) = self.made.get_mut(value).and_then(Option::take) {
                    scope.recycle(value);
                }
            }
        }
        self.outputs(scope)
    }

    fn step(&self, step: &Ready, scope: &mut Scope) -> Result<Outputs> {
        let value = |input: &Option<usize>| match input {
            Some(number) => self.value(*number).map(Some),
            None => Ok(None),
        };
        let inputs = step.inputs.iter().map(value).collect::<Result<SmallVec<[_; 6]>>>()?;
        step.operator.run(&Inputs::new(&inputs), scope)
    }

    fn store(&mut self, step: &Ready, outputs: Outputs, next: &mut usize, scope: &mut Scope) -> Result<()> {
        if outputs.len() < step.outputs.len() {
            let message = format!("expected {} outputs, got {}", step.outputs.len(), outputs.len());
            return Err(failed(message).at(step.place.clone()));
        }
        for (index, value) in outputs.into_iter().enumerate() {
            match self.made.get_mut(*next).filter(|_| step.outputs.get(index) == Some(&true)) {
                Some(place) => {
                    *place = Some(value);
                    *next += 1;
                }
                None => scope.recycle(value),
            }
        }
        Ok(())
    }

    fn value(&self, number: usize) -> Result<ValueRef<'_>> {
        let constants = self.program.constants.as_slice();
        let value = match number.checked_sub(self.inputs.len()) {
            None => self.inputs.get(number).copied(),
            Some(number) => match number.checked_sub(constants.len()) {
                None => constants.get(number).map(|constant| ValueRef::Tensor(constant.view())),
                Some(number) => {
                    let made = self.made.get(number).and_then(Option::as_ref);
                    let prepared = || self.program.prepared.get(number).and_then(Option::as_ref);
                    made.or_else(prepared).map(ValueRef::from)
                }
            },
        };
        value.ok_or_else(|| failed(format!("value {number} is not there")))
    }

    /// The outputs: moved where a step made them and no later output is the
    /// same, otherwise copied.
    fn outputs(&mut self, scope: &mut Scope) -> Result<Outputs> {
        let first = self.inputs.len() + self.program.constants.len();
        let numbers = self.program.outputs.as_slice();
        let mut outputs = Outputs::new();
        for (index, &number) in numbers.iter().enumerate() {
            let later = numbers.get(index + 1..).is_some_and(|later| later.contains(&number));
            let made = number.checked_sub(first).filter(|_| !later);
            let moved = made.and_then(|made| self.made.get_mut(made)).and_then(Option::take);
            outputs.push(match moved {
                Some(value) => value,
                None => self.value(number)?.to_value(scope)?,
            });
        }
        Ok(outputs)
    }
}
