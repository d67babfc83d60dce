use prost::Enumeration;

/// The type of a tensor's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enumeration)]
#[repr(i32)]
pub enum DataType {
    /// None.
    Undefined = 0,
    /// IEEE 754 single precision.
    Float = 1,
    /// Unsigned 8-bit integer.
    Uint8 = 2,
    /// Signed 8-bit integer.
    Int8 = 3,
    /// Unsigned 16-bit integer.
    Uint16 = 4,
    /// Signed 16-bit integer.
    Int16 = 5,
    /// Signed 32-bit integer.
    Int32 = 6,
    /// Signed 64-bit integer.
    Int64 = 7,
    /// UTF-8 text.
    String = 8,
    /// True or false.
    Bool = 9,
    /// IEEE 754 half precision.
    Float16 = 10,
    /// IEEE 754 double precision.
    Double = 11,
    /// Unsigned 32-bit integer.
    Uint32 = 12,
    /// Unsigned 64-bit integer.
    Uint64 = 13,
    /// Two of single precision.
    Complex64 = 14,
    /// Two of double precision.
    Complex128 = 15,
    /// The upper half of single precision.
    Bfloat16 = 16,
    /// 4 bits of exponent, 3 of fraction; no infinity.
    Float8e4m3fn = 17,
    /// The same without a negative zero.
    Float8e4m3fnuz = 18,
    /// 5 bits of exponent, 2 of fraction.
    Float8e5m2 = 19,
    /// The same without infinity and negative zero.
    Float8e5m2fnuz = 20,
    /// Unsigned 4-bit integer.
    Uint4 = 21,
    /// Signed 4-bit integer.
    Int4 = 22,
    /// 2 bits of exponent, 1 of fraction.
    Float4e2m1 = 23,
    /// A power of two.
    Float8e8m0 = 24,
    /// Unsigned 2-bit integer.
    Uint2 = 25,
    /// Signed 2-bit integer.
    Int2 = 26,
}

impl DataType {
    /// The name in `onnx.proto`, in small letters: `float`, `int64`, `float8e4m3fn`.
    #[must_use]
    pub fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }
}
