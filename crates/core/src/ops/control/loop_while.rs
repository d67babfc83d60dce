//! `Loop`: a body again and again, a number of times or while a condition holds.
//! <https://onnx.ai/onnx/operators/onnx__Loop.html>

use super::super::tensor::indices::single;
use super::super::tensor::runs::scalar;
use super::body::{Arguments, Body, States, own_inputs, values};
use super::collect::{Collected, Collection};
use crate::ops::{Inputs, Node, Operator, Outputs, Scope, ValueRef, failed};
use crate::tensor_ref::{DataRef, TensorRef};
use crate::{Result, Value};

struct Loop {
    body: Body,
    /// The number of values that iterations hand on.
    states: usize,
    collected: Vec<Collected>,
}

pub(super) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let own = own_inputs(node)?;
    let states = own.checked_sub(2).ok_or_else(|| node.invalid("expected a number and a condition"))?;
    let body = Body::new(node, "body", own)?;
    let collected = body.output_count().checked_sub(1 + states);
    let collected = collected.ok_or_else(|| node.invalid("body: there are too few outputs"))?;
    Ok(Box::new(Loop { body, states, collected: Collected::of(node, states, collected)? }))
}

impl Operator for Loop {
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs> {
        let times = inputs.value(0).map(|_| single(inputs, 0)).transpose()?.unwrap_or(i64::MAX);
        let condition = inputs.optional(1)?.map(|condition| scalar(&condition, "condition"));
        let mut condition = condition.transpose()?.unwrap_or(true);
        let mut states = States::new(values(inputs, 2..2 + self.states)?);
        let mut collection = Collection::new(&self.collected, 0);
        let mut iteration = 0;
        while condition && iteration < times {
            scope.iterate()?;
            let outputs = self.iterate(iteration, &states, inputs, scope)?;
            let mut outputs = outputs.into_iter();
            condition = holds(outputs.next(), scope)?;
            states.replace(&mut outputs, scope);
            collection.push(outputs, scope)?;
            iteration += 1;
        }
        let mut outputs = states.into_outputs(scope)?;
        collection.finish(&mut outputs, scope)?;
        Ok(outputs)
    }
}

impl Loop {
    fn iterate(
        &self,
        iteration: i64,
        states: &States<'_>,
        inputs: &Inputs<'_>,
        scope: &mut Scope,
    ) -> Result<Outputs> {
        let number = [iteration];
        let scalars = [DataRef::Int64(&number), DataRef::Bool(&[true])];
        let mut arguments = Arguments::new();
        for data in scalars {
            arguments.push(ValueRef::Tensor(TensorRef { shape: &[], data }));
        }
        states.give(&mut arguments);
        self.body.run(arguments, inputs, scope)
    }
}

fn holds(value: Option<Value>, scope: &mut Scope) -> Result<bool> {
    let Some(Value::Tensor(tensor)) = value else {
        return Err(failed("expected the body to give a condition"));
    };
    let holds = scalar(&(&tensor).into(), "condition");
    scope.recycle(tensor.into());
    holds
}

#[cfg(test)]
mod tests {
    use crate::ops::testing::{Case, bools, f32s, graph, i64s};
    use crate::{Result, Tensor, Value};

    fn run(case: &Case, inputs: &[Option<Tensor>]) -> Result<Vec<Value>> {
        let inputs: Vec<_> = inputs.iter().cloned().map(|tensor| tensor.map(Value::Tensor)).collect();
        case.run_values(&inputs)
    }

    /// Appends the captured tensor to its state, and gives the iteration's
    /// number.
    fn appends() -> Case {
        let body = graph(4, &[("Concat", &[2, 3]), ("Identity", &[0])], &[1, 4, 5]);
        Case::new("", "Loop", 16).inputs(4).outputs(2).int("captures", 1).graph("body", body)
    }

    #[test]
    fn hands_states_on_and_collects_the_rest() {
        let (state, captured) = (Some(f32s(&[1], &[0.0])), Some(f32s(&[1], &[1.0])));
        let y = run(&appends(), &[Some(i64s(&[], &[3])), None, state, captured]).unwrap();
        assert_eq!(y, [f32s(&[4], &[0.0, 1.0, 1.0, 1.0]).into(), i64s(&[3], &[0, 1, 2]).into()]);
    }

    #[test]
    fn ends_when_the_condition_does_not_hold() {
        let body = graph(3, &[("Identity", &[2])], &[2, 3]);
        let case = Case::new("", "Loop", 16).inputs(3).outputs(1).graph("body", body);
        let y = run(&case, &[None, None, Some(bools(&[], &[false]))]).unwrap();
        assert_eq!(y, [bools(&[], &[false]).into()]);
    }

    #[test]
    fn without_an_iteration_the_states_are_the_inputs() {
        let body = graph(4, &[("Concat", &[2, 3]), ("Identity", &[0])], &[1, 4, 5]);
        let case = Case::new("", "Loop", 16).inputs(4).outputs(1).int("captures", 1).graph("body", body);
        let state = || Some(f32s(&[1], &[0.5]));
        let y = run(&case, &[Some(i64s(&[], &[3])), Some(bools(&[], &[false])), state(), state()]).unwrap();
        assert_eq!(y[0], f32s(&[1], &[0.5]).into());
        let never = [Some(i64s(&[], &[-3])), None, state(), state()];
        assert!(run(&appends(), &never).is_err());
        let y = run(&appends().tensor("empty_0", &i64s(&[0], &[])), &never).unwrap();
        assert_eq!(y, [f32s(&[1], &[0.5]).into(), i64s(&[0], &[]).into()]);
    }
}
