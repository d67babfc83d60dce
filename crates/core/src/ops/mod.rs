//! ONNX's operators, one file each: attributes, types, shapes, evaluation and
//! tests. A family's `mod.rs` lists its operators; [`build`] looks them up.

mod broadcast;
mod inputs;
mod lookup;
mod node;
mod numbers;
mod scope;
#[cfg(feature = "networks")]
mod twister;
mod types;
mod walk;
#[cfg(feature = "networks")]
mod widened;

mod control;
mod math;
mod ml;
#[cfg(feature = "networks")]
mod networks;
mod tensor;
mod text;

#[cfg(test)]
mod hostile;
#[cfg(test)]
pub(crate) mod testing;

pub(crate) use inputs::{Inputs, ValueRef};
pub(crate) use math::pack_linear;
pub use math::unpack_linear;
pub(crate) use ml::pack;
pub(crate) use node::Node;
pub(crate) use scope::Scope;

use crate::{Error, ErrorKind, Result, Shape, Tensor, TensorData, Value, Values};

/// An operator with its attributes, ready to run any number of times.
pub(crate) trait Operator: Send + Sync {
    /// The outputs for `inputs`, in the operator's order; all of them, though
    /// nobody may take some. Buffers come from `scope`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InferenceFailed`] with what was expected and what came; the
    /// caller adds the node.
    fn run(&self, inputs: &Inputs<'_>, scope: &mut Scope) -> Result<Outputs>;
}

/// What a step gives.
pub(crate) type Outputs = Values;

/// Makes an operator from a node; an error where its attributes are wrong.
pub(crate) type Build = fn(&Node<'_>) -> Result<Box<dyn Operator>>;

/// An operator of a family's list.
pub(crate) struct Entry {
    domain: &'static str,
    op: &'static str,
    build: Build,
    /// Which of its outputs, a bit for each, are numbers of 16 bits where its
    /// inputs are: it calculates in float32. `None` for an operator that takes
    /// and gives such numbers itself.
    #[cfg_attr(not(feature = "networks"), expect(dead_code, reason = "networks alone have such numbers"))]
    narrowed: Option<u32>,
}

/// ONNX's own domain.
pub(crate) const ONNX: &str = "";
/// The domain of classic machine learning.
pub(crate) const ML: &str = "ai.onnx.ml";
/// The domain of onnxruntime's own operators.
pub(crate) const MICROSOFT: &str = "com.microsoft";
/// The domain of this runtime's fused operators.
pub(crate) const EDGEINFER: &str = "edgeinfer";

/// An operator that calculates: its numbers of 16 bits are widened to float32
/// around it.
const fn entry(domain: &'static str, op: &'static str, build: Build) -> Entry {
    Entry { domain, op, build, narrowed: Some(u32::MAX) }
}

impl Entry {
    /// The operator, of which these outputs alone, a bit for each, are numbers of
    /// 16 bits where its inputs are; the others are always float32.
    #[cfg(feature = "networks")]
    const fn narrowing(self, outputs: u32) -> Self {
        Self { narrowed: Some(outputs), ..self }
    }
}

/// An operator that takes and gives elements of every type itself.
const fn native(domain: &'static str, op: &'static str, build: Build) -> Entry {
    Entry { domain, op, build, narrowed: None }
}

fn find(domain: &str, op: &str) -> Option<&'static Entry> {
    let all = CLASSIC.iter().chain(NETWORKS).chain(FAMILIES).copied().flatten();
    all.into_iter().find(|entry| entry.op == op && entry.domain == domain)
}

/// Whether every build has the operator.
pub(crate) fn is_classic(domain: &str, op: &str) -> bool {
    CLASSIC.iter().copied().flatten().any(|entry| entry.op == op && entry.domain == domain)
}

/// The families of every build.
const CLASSIC: &[&[Entry]] =
    &[control::OPERATORS, math::OPERATORS, ml::OPERATORS, tensor::OPERATORS, text::OPERATORS];

#[cfg(feature = "networks")]
const NETWORKS: &[&[Entry]] = &[math::NETWORKS, tensor::NETWORKS];
#[cfg(not(feature = "networks"))]
const NETWORKS: &[&[Entry]] = &[];
#[cfg(feature = "networks")]
const FAMILIES: &[&[Entry]] = networks::FAMILIES;
#[cfg(not(feature = "networks"))]
const FAMILIES: &[&[Entry]] = &[];

/// The operator of `node`.
///
/// # Errors
///
/// [`ErrorKind::UnsupportedModel`] where there is no such operator or it lacks
/// what the node asks for, [`ErrorKind::InvalidModel`] where the node's
/// attributes contradict the operator.
pub(crate) fn build(node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let step = node.step();
    match find(&step.domain, &step.op) {
        Some(entry) => made(entry, node),
        None => Err(Error::new(ErrorKind::UnsupportedModel, UNKNOWN)),
    }
}

#[cfg(feature = "networks")]
const UNKNOWN: &str = "this operator is not supported";
#[cfg(not(feature = "networks"))]
const UNKNOWN: &str =
    "this operator is not supported by this build of the runtime, which has those of classic models";

#[cfg(feature = "networks")]
fn made(entry: &Entry, node: &Node<'_>) -> Result<Box<dyn Operator>> {
    let operator = (entry.build)(node)?;
    match entry.narrowed {
        Some(narrowed) => widened::widened(operator, node, narrowed),
        None => Ok(operator),
    }
}

#[cfg(not(feature = "networks"))]
fn made(entry: &Entry, node: &Node<'_>) -> Result<Box<dyn Operator>> {
    (entry.build)(node)
}

/// One tensor as a step's only output.
pub(crate) fn one(shape: impl Into<Shape>, data: TensorData) -> Result<Outputs> {
    one_of(shape.into(), data)
}

#[inline(never)]
fn one_of(shape: Shape, data: TensorData) -> Result<Outputs> {
    Tensor::new(shape, data).map(only)
}

/// A value as a step's only output.
#[inline(never)]
pub(crate) fn only(value: impl Into<Value>) -> Outputs {
    let mut outputs = Outputs::new();
    outputs.push(value.into());
    outputs
}

/// An operator that failed on its inputs.
#[cold]
pub(crate) fn failed(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InferenceFailed, message)
}
