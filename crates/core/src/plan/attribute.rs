use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Graph;

/// The value of an attribute. Lists of floating-point numbers, and long lists
/// of any kind, are tensors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribute {
    /// A whole number.
    Int(i64),
    /// A float32. Written as its bits, which every reader of JSON reads right.
    #[serde(serialize_with = "write_bits", deserialize_with = "read_bits")]
    Float(f32),
    /// Text.
    String(String),
    /// Whole numbers.
    Ints(Vec<i64>),
    /// Texts.
    Strings(Vec<String>),
    /// A constant, by its place in the plan's list.
    Tensor(usize),
    /// The body of an operator of control flow.
    Graph(Graph),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn write_bits<S: Serializer>(value: &f32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u32(value.to_bits())
}

fn read_bits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f32, D::Error> {
    u32::deserialize(deserializer).map(f32::from_bits)
}
