//! What a fused convolution does besides adding up: another tensor is added, and
//! an activation applied.

use edgeinfer_kernels::Activation;

use crate::ops::{Inputs, Node, Operator, Outputs, Scope, ValueRef, build};
use crate::plan::Step;
use crate::{Result, Tensor, Value};

/// The attributes `activation`, and `alpha` and `beta` where it has such.
pub(super) fn activation(node: &Node<'_>) -> Result<Option<Activation>> {
    let [alpha, beta] = [node.float_or("alpha", 1.0)?, node.float_or("beta", 0.0)?];
    Ok(Some(match node.string_or("activation", "")? {
        "" => return Ok(None),
        "Relu" => Activation::Relu,
        "LeakyRelu" => Activation::LeakyRelu(alpha),
        "Clip" => Activation::Clip(alpha, beta),
        "Sigmoid" => Activation::Sigmoid,
        "HardSigmoid" => Activation::HardSigmoid(alpha, beta),
        "HardSwish" => Activation::HardSwish,
        "Swish" => Activation::Swish(alpha),
        "Tanh" => Activation::Tanh,
        other => return Err(node.invalid(format_args!("activation: there is no {other:?}"))),
    }))
}

/// ONNX's `Add`, for what is not of the result's shape.
pub(super) fn add(_: &Node<'_>) -> Result<Box<dyn Operator>> {
    let step = Step { op: "Add".to_owned(), version: 14, ..Step::default() };
    build(&Node::new(&step, &[], 0))
}

/// The sum of `y` and `addend`, which is broadcast.
pub(super) fn broadcast(
    add: &dyn Operator,
    y: Tensor,
    addend: ValueRef<'_>,
    scope: &mut Scope,
) -> Result<Outputs> {
    let y = Value::Tensor(y);
    let sum = add.run(&Inputs::new(&[Some(ValueRef::from(&y)), Some(addend)]), scope);
    scope.recycle(y);
    sum
}
