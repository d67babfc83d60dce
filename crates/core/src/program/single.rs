//! Steps by themselves: what a compiler tries, and folds constants with.

use crate::ops::{Inputs, Node, Operator, Scope, ValueRef, build};
use crate::plan::{Constant, ConstantSpec, Step};
use crate::{ModelBytes, Result, Value, Values};

/// Checks that this runtime has the operator of `step` with the attributes that
/// the step gives it. Their tensors are `constants` of `section`.
///
/// # Errors
///
/// [`ErrorKind::UnsupportedModel`](crate::ErrorKind::UnsupportedModel) or
/// [`ErrorKind::InvalidModel`](crate::ErrorKind::InvalidModel), with the reason.
pub fn check_step(step: &Step, constants: &[ConstantSpec], section: &ModelBytes) -> Result<()> {
    operator(step, constants, section).map(drop)
}

/// Runs `step` once on `inputs`.
///
/// # Errors
///
/// As [`check_step`], and
/// [`ErrorKind::InferenceFailed`](crate::ErrorKind::InferenceFailed) when the
/// operator does not take the inputs.
pub fn run_step(
    step: &Step,
    constants: &[ConstantSpec],
    section: &ModelBytes,
    inputs: &[Option<Value>],
) -> Result<Values> {
    let operator = operator(step, constants, section)?;
    let inputs: Vec<_> = inputs.iter().map(|value| value.as_ref().map(ValueRef::from)).collect();
    operator.run(&Inputs::new(&inputs), &mut Scope::default())
}

fn operator(step: &Step, constants: &[ConstantSpec], section: &ModelBytes) -> Result<Box<dyn Operator>> {
    let constants = constants.iter().map(|spec| Constant::read(spec, section)).collect::<Result<Vec<_>>>()?;
    build(&Node::new(step, &constants, 0))
}
