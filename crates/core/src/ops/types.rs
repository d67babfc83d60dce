//! Element types by ONNX's numbers.

use crate::ElementType;

/// The element type with that number in `TensorProto.DataType`.
pub(crate) fn numbered(number: i64) -> Option<ElementType> {
    Some(match number {
        1 => ElementType::Float32,
        2 => ElementType::UInt8,
        3 => ElementType::Int8,
        4 => ElementType::UInt16,
        5 => ElementType::Int16,
        6 => ElementType::Int32,
        7 => ElementType::Int64,
        8 => ElementType::String,
        9 => ElementType::Bool,
        10 => ElementType::Float16,
        11 => ElementType::Float64,
        12 => ElementType::UInt32,
        13 => ElementType::UInt64,
        16 => ElementType::BFloat16,
        17 => ElementType::Float8E4M3Fn,
        18 => ElementType::Float8E4M3FnUz,
        19 => ElementType::Float8E5M2,
        20 => ElementType::Float8E5M2FnUz,
        21 => ElementType::UInt4,
        22 => ElementType::Int4,
        23 => ElementType::Float4E2M1,
        24 => ElementType::Float8E8M0,
        25 => ElementType::UInt2,
        26 => ElementType::Int2,
        _ => return None,
    })
}

/// The element type that the first operator set calls `name`.
pub(crate) fn named(name: &str) -> Option<ElementType> {
    const NAMES: [&str; 13] = [
        "FLOAT", "UINT8", "INT8", "UINT16", "INT16", "INT32", "INT64", "STRING", "BOOL", "FLOAT16", "DOUBLE",
        "UINT32", "UINT64",
    ];
    let index = NAMES.iter().position(|known| *known == name)?;
    numbered(index as i64 + 1)
}
