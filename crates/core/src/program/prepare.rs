//! Steps that give the same in every run, and more than the file holds: weights
//! that are kept quantised or in 16 bits. They run once, as the model is loaded.

use smallvec::SmallVec;

use super::{Program, Ready};
use crate::ops::{Inputs, Scope, ValueRef};
use crate::plan::{Graph, Step};
use crate::{Value, Values};

/// What makes weights of what the file holds, and what only moves them.
const OPERATORS: [&str; 8] =
    ["DequantizeLinear", "Cast", "Identity", "Transpose", "Reshape", "Flatten", "Squeeze", "Unsqueeze"];

/// How many times as long as the file, in bytes, all prepared values may be: a
/// damaged file that makes the same weights again and again is not worth it. Two
/// bits as a float32 are 16 times as long.
const LONGEST: usize = 32;

impl Program {
    /// Runs the steps of `graph`, this program's, that take constants alone and
    /// are of use as values that are there from the start. One that fails stays
    /// as it is: a run says why.
    pub(super) fn prepare(&mut self, graph: &Graph, file: usize) {
        let (mut scope, mut room) = (Scope::default(), file.saturating_mul(LONGEST));
        let mut first = 0;
        for (index, step) in graph.steps.iter().enumerate() {
            let taken = step.outputs.iter().filter(|taken| **taken).count();
            if is_weights(step)
                && let Some(values) = self.constant(index, &mut scope)
                && let Some(left) = room.checked_sub(values.iter().map(bytes).sum())
            {
                room = left;
                self.keep(index, first, values);
            }
            first += taken;
        }
    }

    /// The outputs of a step whose inputs are all constants or prepared.
    fn constant(&self, index: usize, scope: &mut Scope) -> Option<Values> {
        let Ready { operator, inputs, .. } = self.steps.get(index)?;
        let value = |input: &Option<usize>| match input {
            Some(number) => self.known(*number).map(Some),
            None => Some(None),
        };
        let inputs = inputs.iter().map(value).collect::<Option<SmallVec<[_; 6]>>>()?;
        operator.run(&Inputs::new(&inputs), scope).ok()
    }

    fn known(&self, number: usize) -> Option<ValueRef<'_>> {
        let number = number.checked_sub(self.inputs)?;
        match number.checked_sub(self.constants.len()) {
            None => self.constants.get(number).map(|constant| ValueRef::Tensor(constant.view())),
            Some(made) => self.prepared.get(made)?.as_ref().map(ValueRef::from),
        }
    }

    /// Keeps what a step gives, whose first taken output is value `first`.
    fn keep(&mut self, index: usize, first: usize, values: Values) {
        let Some(step) = self.steps.get_mut(index) else { return };
        if values.len() < step.outputs.len() {
            return;
        }
        step.prepared = true;
        self.prepared.resize_with(self.made, || None);
        let taken = values.into_iter().zip(&step.outputs).filter(|(_, taken)| **taken);
        for ((value, _), place) in taken.zip(self.prepared.iter_mut().skip(first)) {
            *place = Some(value);
        }
    }
}

fn is_weights(step: &Step) -> bool {
    let known = step.domain.is_empty() || step.domain == "com.microsoft";
    known && OPERATORS.contains(&step.op.as_str())
}

fn bytes(value: &Value) -> usize {
    let length = value.as_tensor().map_or(usize::MAX, |tensor| tensor.data().len());
    length.saturating_mul(size_of::<f64>())
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{f32s, i64s, tensor};
    use crate::ops::{Scope, ValueRef};
    use crate::plan::{ConstantSpec, Graph, Payload, Plan, Step};
    use crate::program::Program;
    use crate::{Tensor, TensorData, Value};

    fn step(op: &str, inputs: &[usize]) -> Step {
        Step {
            op: op.to_owned(),
            version: 17,
            inputs: inputs.iter().copied().map(Some).collect(),
            outputs: vec![true],
            ..Step::default()
        }
    }

    /// A program with one input and `constants`.
    fn program(constants: &[Tensor], steps: Vec<Step>, output: usize) -> Program {
        let mut payload = Payload::default();
        let constants: Vec<ConstantSpec> = constants.iter().map(|tensor| payload.push(tensor)).collect();
        let graph = Graph { inputs: 1, steps, outputs: vec![output] };
        Program::new(&Plan { constants, graph }, &payload.to_model_bytes()).unwrap()
    }

    fn run(program: &Program, x: Tensor) -> Value {
        let x = Value::Tensor(x);
        program.run(&[ValueRef::from(&x)], &mut Scope::default()).unwrap().remove(0)
    }

    #[test]
    fn weights_are_made_once() {
        let constants = [i64s(&[1, 2], &[3, 4]), f32s(&[], &[9.0])];
        // Value 3 is the weights, 4 their transpose, 5 the product.
        let steps = vec![step("Cast", &[1]), step("Transpose", &[3]), step("MatMul", &[0, 4])];
        let mut steps = steps;
        steps[0].attributes.insert("to".to_owned(), crate::Attribute::Int(1));
        let program = program(&constants, steps, 5);
        assert_eq!(program.steps.iter().map(|step| step.prepared).collect::<Vec<_>>(), [true, true, false]);
        for _ in 0..2 {
            assert_eq!(run(&program, f32s(&[1, 2], &[1.0, 10.0])), Value::Tensor(f32s(&[1, 1], &[43.0])));
        }
    }

    #[test]
    fn prepared_values_come_out_and_what_fails_says_so_in_a_run() {
        let bytes = tensor(&[2], TensorData::Int8(vec![1, 2]));
        let identity = program(std::slice::from_ref(&bytes), vec![step("Identity", &[1])], 2);
        assert_eq!(run(&identity, f32s(&[], &[0.0])), Value::Tensor(bytes));
        let shape = self::program(&[i64s(&[2], &[3, 1])], vec![step("Reshape", &[1, 1])], 2);
        let x = Value::Tensor(f32s(&[], &[0.0]));
        assert!(!shape.steps[0].prepared);
        assert!(shape.run(&[ValueRef::from(&x)], &mut Scope::default()).is_err());
    }

    #[test]
    fn no_more_is_made_than_a_file_is_worth() {
        let constants = [i64s(&[8], &[1; 8])];
        let steps = (0..100).map(|_| step("Identity", &[1])).collect();
        let program = program(&constants, steps, 101);
        let prepared = program.steps.iter().filter(|step| step.prepared).count();
        assert_eq!(prepared, super::LONGEST);
        assert_eq!(run(&program, f32s(&[], &[0.0])), Value::Tensor(i64s(&[8], &[1; 8])));
    }
}
