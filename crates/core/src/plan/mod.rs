//! The plan: a model as steps over numbered values, as the compiler writes it
//! into the file's manifest.
//!
//! A graph's values are numbered: its inputs from 0 on, then the constants (of
//! the outermost graph alone), then what each step gives, in order. A step
//! takes only values of lower numbers.

mod attribute;
mod constant;
mod payload;
mod storage;

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};

pub use attribute::Attribute;
pub use constant::ConstantSpec;
pub(crate) use constant::{Constant, Stored};
pub use payload::Payload;
pub use storage::Storage;

/// A model, ready to be run: its graph and its constants.
#[derive(Clone, Debug, Default, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct Plan {
    /// The constants, whose elements are in the engine section.
    pub constants: Vec<ConstantSpec>,
    /// The steps.
    pub graph: Graph,
}

/// Steps from inputs to outputs.
#[derive(Clone, Debug, Default, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct Graph {
    /// The number of inputs.
    pub inputs: usize,
    /// The steps, in an order in which they can run.
    pub steps: Vec<Step>,
    /// The numbers of the values that come out.
    pub outputs: Vec<usize>,
}

/// One node: an operator with its attributes, and the values that it takes and
/// gives.
#[derive(Clone, Debug, Default, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct Step {
    /// The node's name in the ONNX graph, for errors.
    pub name: String,
    /// The operator's domain; empty for ONNX's own, `edgeinfer` for fused ones.
    pub domain: String,
    /// The operator.
    pub op: String,
    /// The version of the domain's operator set.
    pub version: u32,
    /// The numbers of the values that it takes; `None` for an optional input
    /// that is left out.
    pub inputs: Vec<Option<usize>>,
    /// For each of its outputs, whether somebody takes it. Those that are taken
    /// have the next free numbers.
    pub outputs: Vec<bool>,
    /// The attributes.
    pub attributes: BTreeMap<String, Attribute>,
}
