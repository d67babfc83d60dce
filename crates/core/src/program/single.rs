//! Steps by themselves: what a compiler tries, and folds constants with.

use crate::ops::{Inputs, Node, Operator, Scope, ValueRef, build, pack, pack_linear};
use crate::plan::{Constant, ConstantSpec, Step};
use crate::{ModelBytes, Result, Tensor, Value, Values};

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

/// The form of `step` that this runtime runs fast, where ONNX's is another: the
/// step in its stead, and the tensors that its attributes number. `None` for all
/// other steps.
///
/// Whoever loads a model does not need it, and does not get it: ONNX's form of a
/// forest does not run, and matrices would be packed each time that one is loaded.
///
/// # Errors
///
/// [`ErrorKind::UnsupportedModel`](crate::ErrorKind::UnsupportedModel) or
/// [`ErrorKind::InvalidModel`](crate::ErrorKind::InvalidModel), with the reason.
pub fn pack_step(
    step: &Step,
    constants: &[ConstantSpec],
    section: &ModelBytes,
) -> Result<Option<(Step, Vec<Tensor>)>> {
    let constants = read(constants, section)?;
    let node = Node::new(step, &constants, 0);
    match pack(&node)? {
        Some(packed) => Ok(Some((packed.step, packed.tensors))),
        None => pack_linear(&node),
    }
}

fn operator(step: &Step, constants: &[ConstantSpec], section: &ModelBytes) -> Result<Box<dyn Operator>> {
    let constants = read(constants, section)?;
    let node = Node::new(step, &constants, 0);
    match pack(&node)? {
        Some(packed) => packed.build(),
        None => build(&node),
    }
}

fn read(constants: &[ConstantSpec], section: &ModelBytes) -> Result<Vec<Constant>> {
    constants.iter().map(|spec| Constant::read(spec, section)).collect()
}
