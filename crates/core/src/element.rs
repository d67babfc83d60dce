use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Serialize, Serializer};

/// The element type of a tensor: ONNX's, under their NumPy names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, BorshSerialize, BorshDeserialize)]
pub enum ElementType {
    /// IEEE 754 single precision.
    Float32,
    /// IEEE 754 double precision.
    Float64,
    /// Signed 8-bit integer.
    Int8,
    /// Signed 16-bit integer.
    Int16,
    /// Signed 32-bit integer.
    Int32,
    /// Signed 64-bit integer.
    Int64,
    /// Unsigned 8-bit integer.
    UInt8,
    /// Unsigned 16-bit integer.
    UInt16,
    /// Unsigned 32-bit integer.
    UInt32,
    /// Unsigned 64-bit integer.
    UInt64,
    /// True or false.
    Bool,
    /// UTF-8 text.
    String,
    /// IEEE 754 half precision.
    Float16,
    /// The upper half of single precision.
    BFloat16,
    /// 4 bits of exponent, 3 of fraction; no infinity.
    Float8E4M3Fn,
    /// The same without a negative zero.
    Float8E4M3FnUz,
    /// 5 bits of exponent, 2 of fraction.
    Float8E5M2,
    /// The same without infinity and negative zero.
    Float8E5M2FnUz,
    /// A power of two.
    Float8E8M0,
    /// 2 bits of exponent, 1 of fraction.
    Float4E2M1,
    /// Signed 4-bit integer.
    Int4,
    /// Unsigned 4-bit integer.
    UInt4,
    /// Signed 2-bit integer.
    Int2,
    /// Unsigned 2-bit integer.
    UInt2,
}

impl ElementType {
    /// All of them.
    const ALL: [Self; 24] = [
        Self::Float32,
        Self::Float64,
        Self::Int8,
        Self::Int16,
        Self::Int32,
        Self::Int64,
        Self::UInt8,
        Self::UInt16,
        Self::UInt32,
        Self::UInt64,
        Self::Bool,
        Self::String,
        Self::Float16,
        Self::BFloat16,
        Self::Float8E4M3Fn,
        Self::Float8E4M3FnUz,
        Self::Float8E5M2,
        Self::Float8E5M2FnUz,
        Self::Float8E8M0,
        Self::Float4E2M1,
        Self::Int4,
        Self::UInt4,
        Self::Int2,
        Self::UInt2,
    ];

    /// The type's name, as in NumPy.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Float32 => "float32",
            Self::Float64 => "float64",
            Self::Int8 => "int8",
            Self::Int16 => "int16",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::UInt8 => "uint8",
            Self::UInt16 => "uint16",
            Self::UInt32 => "uint32",
            Self::UInt64 => "uint64",
            Self::Bool => "bool",
            Self::String => "string",
            Self::Float16 => "float16",
            Self::BFloat16 => "bfloat16",
            Self::Float8E4M3Fn => "float8_e4m3fn",
            Self::Float8E4M3FnUz => "float8_e4m3fnuz",
            Self::Float8E5M2 => "float8_e5m2",
            Self::Float8E5M2FnUz => "float8_e5m2fnuz",
            Self::Float8E8M0 => "float8_e8m0fnu",
            Self::Float4E2M1 => "float4_e2m1fn",
            Self::Int4 => "int4",
            Self::UInt4 => "uint4",
            Self::Int2 => "int2",
            Self::UInt2 => "uint2",
        }
    }

    /// The type of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|element| element.name() == name)
    }

    /// Whether the elements are whole numbers.
    #[must_use]
    pub const fn is_integer(self) -> bool {
        !self.is_float() && !matches!(self, Self::Bool | Self::String)
    }

    /// Whether the elements are floating-point numbers.
    #[must_use]
    pub const fn is_float(self) -> bool {
        matches!(
            self,
            Self::Float32
                | Self::Float64
                | Self::Float16
                | Self::BFloat16
                | Self::Float8E4M3Fn
                | Self::Float8E4M3FnUz
                | Self::Float8E5M2
                | Self::Float8E5M2FnUz
                | Self::Float8E8M0
                | Self::Float4E2M1
        )
    }
}

/// Its name.
impl Serialize for ElementType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl fmt::Display for ElementType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
