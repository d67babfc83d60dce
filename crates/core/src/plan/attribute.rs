use borsh::{BorshDeserialize, BorshSerialize};

use super::Graph;
use crate::written::{bits, nested};

/// The value of an attribute. Lists of floating-point numbers, and long lists
/// of any kind, are tensors.
#[derive(Clone, Debug, PartialEq, BorshSerialize, BorshDeserialize)]
pub enum Attribute {
    /// A whole number.
    Int(i64),
    /// A float32.
    Float(#[borsh(serialize_with = "bits::write", deserialize_with = "bits::read")] f32),
    /// Text.
    String(String),
    /// Whole numbers.
    Ints(Vec<i64>),
    /// Texts.
    Strings(Vec<String>),
    /// A constant, by its place in the plan's list.
    Tensor(usize),
    /// The body of an operator of control flow.
    Graph(#[borsh(deserialize_with = "nested")] Graph),
}
