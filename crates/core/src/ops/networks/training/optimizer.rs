//! What the optimisers have in common: their inputs, and a step number by number.

use crate::ops::math::whole::in_type;
use crate::ops::numbers::doubles;
use crate::ops::tensor::runs::scalar;
use crate::ops::{Inputs, Outputs, Scope, failed};
use crate::{Error, Result, Shape, Tensor, Value};

/// A number that is optimised, its gradient, and what the optimiser keeps of it.
#[derive(Clone, Copy)]
pub(super) struct Number {
    pub(super) x: f64,
    pub(super) gradient: f64,
    pub(super) kept: [f64; 2],
}

/// How often the numbers have changed before, and how much they are to change.
#[derive(Clone, Copy)]
pub(super) struct Rate {
    pub(super) rate: f64,
    pub(super) count: f64,
}

/// The outputs of a step: the new numbers of each tensor, then the lists that are
/// kept, `kept` of them. The inputs are the rate, the count, the tensors, their
/// gradients, and those lists. Calculates in float64.
pub(super) fn step(
    inputs: &Inputs<'_>,
    kept: usize,
    scope: &mut Scope,
    f: &dyn Fn(Rate, Number) -> Number,
) -> Result<Outputs> {
    let rate =
        Rate { rate: number(inputs, 0, scope)?, count: scalar::<i64>(&inputs.tensor(1)?, "T")? as f64 };
    let tensors = inputs.len().saturating_sub(2);
    let parts = 2 + kept;
    if tensors == 0 || !tensors.is_multiple_of(parts) {
        return Err(failed(format!(
            "expected {parts} inputs for each tensor after the first two, got {tensors}"
        )));
    }
    let tensors = tensors / parts;
    let mut outputs: [Outputs; 3] = Default::default();
    for index in 0..tensors {
        let at = |part: usize| 2 + part * tensors + index;
        let values = one(inputs, at, kept, scope, &|number| f(rate, number))?;
        outputs.iter_mut().zip(values).for_each(|(outputs, value)| outputs.push(value));
    }
    Ok(outputs.into_iter().flatten().collect())
}

/// The new numbers of one tensor, and what is kept of it.
fn one(
    inputs: &Inputs<'_>,
    at: impl Fn(usize) -> usize,
    kept: usize,
    scope: &mut Scope,
    f: &dyn Fn(Number) -> Number,
) -> Result<Vec<Value>> {
    let x = inputs.tensor(at(0))?;
    let mut lists = Vec::new();
    for part in 0..2 + kept {
        let tensor = inputs.tensor(at(part))?;
        if tensor.shape != x.shape || tensor.element_type() != x.element_type() {
            return Err(misfit(x.shape, tensor.shape));
        }
        let numbers = doubles(&tensor, scope)?;
        lists.push(scope.own(numbers)?);
    }
    let [x_list, gradients, rest @ ..] = lists.as_mut_slice() else { return Ok(Vec::new()) };
    for (index, (x, gradient)) in x_list.iter_mut().zip(gradients.iter()).enumerate() {
        let mut number = Number { x: *x, gradient: *gradient, kept: [0.0; 2] };
        let places = || rest.iter().map(|list| list.get(index).copied().unwrap_or(0.0));
        number.kept.iter_mut().zip(places()).for_each(|(kept, value)| *kept = value);
        number = f(number);
        *x = number.x;
        for (list, kept) in rest.iter_mut().zip(number.kept) {
            list.iter_mut().skip(index).take(1).for_each(|place| *place = kept);
        }
    }
    scope.keep(lists.remove(1));
    let mut values = Vec::new();
    for list in lists {
        values.push(Value::Tensor(Tensor::new(x.shape, in_type(list, x.element_type(), scope)?)?));
    }
    Ok(values)
}

#[cold]
fn misfit(x: &[usize], other: &[usize]) -> Error {
    let (x, other) = (Shape::from_slice(x), Shape::from_slice(other));
    failed(format!("expected a tensor like the one of shape {x:?} that is optimised, got shape {other:?}"))
}

/// The only element of input `index`, a number of any type.
fn number(inputs: &Inputs<'_>, index: usize, scope: &mut Scope) -> Result<f64> {
    let numbers = doubles(&inputs.tensor(index)?, scope)?;
    let number = match *numbers {
        [number] => Ok(number),
        ref numbers => Err(failed(format!("input {index}: expected one number, got {}", numbers.len()))),
    };
    scope.keep_cow(numbers);
    number
}
