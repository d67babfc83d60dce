//! What of a manifest is written otherwise than its type says.

use std::cell::Cell;

use borsh::io::{Error, ErrorKind, Read, Result, Write};
use borsh::{BorshDeserialize, BorshSerialize};

/// A float32 as its bits: Borsh has no NaN, and attributes may be one.
pub(crate) mod bits {
    use super::{BorshDeserialize as _, BorshSerialize as _, Read, Result, Write};

    pub(crate) fn write<W: Write>(value: &f32, writer: &mut W) -> Result<()> {
        value.to_bits().serialize(writer)
    }

    pub(crate) fn read<R: Read>(reader: &mut R) -> Result<f32> {
        u32::deserialize_reader(reader).map(f32::from_bits)
    }
}

/// The same for a float64 that may be absent.
pub(crate) mod some_bits {
    use super::{BorshDeserialize as _, BorshSerialize as _, Read, Result, Write};

    pub(crate) fn write<W: Write>(value: &Option<f64>, writer: &mut W) -> Result<()> {
        value.map(f64::to_bits).serialize(writer)
    }

    pub(crate) fn read<R: Read>(reader: &mut R) -> Result<Option<f64>> {
        Ok(Option::<u64>::deserialize_reader(reader)?.map(f64::from_bits))
    }
}

/// Fields of JSON as the text that they are.
pub(crate) mod json {
    use serde_json::{Map, Value};

    use super::{BorshDeserialize as _, BorshSerialize as _, Error, ErrorKind, Read, Result, Write};

    pub(crate) fn write<W: Write>(fields: &Map<String, Value>, writer: &mut W) -> Result<()> {
        // None, as most often, is no text: that needs no parser when it is read.
        let text = if fields.is_empty() { Ok(String::new()) } else { serde_json::to_string(fields) };
        text.map_err(|_| Error::new(ErrorKind::InvalidData, "fields that are no JSON"))?.serialize(writer)
    }

    pub(crate) fn read<R: Read>(reader: &mut R) -> Result<Map<String, Value>> {
        let text = String::deserialize_reader(reader)?;
        if text.is_empty() {
            return Ok(Map::new());
        }
        // As any value first: a reader of this type alone would be another parser.
        match serde_json::from_str(&text) {
            Ok(Value::Object(fields)) => Ok(fields),
            _ => Err(Error::new(ErrorKind::InvalidData, "fields of its metadata are no JSON object")),
        }
    }
}

/// How deep values of one kind may lie within each other: deeper than any model's
/// bodies of control flow, and far from the end of the stack.
const DEEPEST: u32 = 24;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Reads a value that may hold others of its kind.
pub(crate) fn nested<T: BorshDeserialize, R: Read>(reader: &mut R) -> Result<T> {
    let depth = DEPTH.get();
    if depth == DEEPEST {
        return Err(Error::new(ErrorKind::InvalidData, "values are nested too deep"));
    }
    DEPTH.set(depth + 1);
    let value = T::deserialize_reader(reader);
    DEPTH.set(depth);
    value
}
