//! The compiled model, one `.edge` file.
//!
//! | bytes | what (integers are little-endian) |
//! |---|---|
//! | 0..4 | the magic `EDGE` |
//! | 4..8 | format version, `u32` |
//! | 8..16 | length of the manifest, `u64` |
//! | 16..24 | where the engine section starts, `u64`, a multiple of 64 |
//! | 24..32 | length of the engine section, `u64`; it ends the file |
//! | 32..40 | XXH3-64 of all bytes from 64 on, `u64` |
//! | 40..44 | what it needs of the runtime, `u32`: bit 0 for the operators of networks |
//! | 44..64 | zero |
//! | 64.. | the manifest, in [Borsh](https://borsh.io); then zeros up to the engine section |
//!
//! The checksum does not cover bytes 40 to 64, so they are checked to be what the
//! manifest makes them.

use std::ops::Range;

use borsh::{BorshDeserialize, BorshSerialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::needs::needs;
use crate::{EngineSection, Error, ErrorKind, Metadata, ModelBytes, Result, Schema};

/// The format version that this runtime writes and reads.
pub const FORMAT_VERSION: u32 = 4;

/// What a compiled model begins with.
pub const MAGIC: &[u8] = b"EDGE";
const HEADER: usize = 64;
const ALIGNMENT: usize = 64;

/// What a compiled model says about itself.
#[derive(Clone, Debug, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct Manifest {
    /// The inputs and outputs and what they mean.
    pub schema: Schema,
    /// What the model's makers say about it.
    pub metadata: Metadata,
    /// What the engine section holds.
    pub engine: EngineSection,
}

/// The parts of a compiled model, verified against its checksum.
#[derive(Debug)]
pub struct ModelFile {
    /// What the model says about itself.
    pub manifest: Manifest,
    /// The engine section.
    pub payload: ModelBytes,
    /// The size of the whole file.
    pub size_bytes: usize,
}

/// Writes a compiled model.
///
/// # Errors
///
/// [`ErrorKind::InvalidModel`] when the schema contradicts itself.
pub fn write_model(manifest: &Manifest, payload: &[u8]) -> Result<Vec<u8>> {
    manifest.schema.check()?;
    let mut body =
        borsh::to_vec(manifest).map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))?;
    let start = (HEADER + body.len()).next_multiple_of(ALIGNMENT);
    let mut file = Vec::with_capacity(start + payload.len());
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
    for number in [body.len(), start, payload.len()] {
        file.extend_from_slice(&(number as u64).to_le_bytes());
    }
    body.resize(start - HEADER, 0);
    body.extend_from_slice(payload);
    file.extend_from_slice(&xxh3_64(&body).to_le_bytes());
    file.extend_from_slice(&needs(manifest).to_le_bytes());
    file.resize(HEADER, 0);
    file.append(&mut body);
    Ok(file)
}

impl ModelFile {
    /// Reads a compiled model without copying its engine section.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidModel`] for bytes that are not a compiled model or a
    /// damaged one, [`ErrorKind::UnsupportedVersion`] for any other format
    /// version.
    pub fn parse(bytes: &ModelBytes) -> Result<Self> {
        let header =
            bytes.get(..HEADER).filter(|header| header.starts_with(MAGIC)).ok_or_else(|| foreign(bytes))?;
        let version = u32::from_le_bytes(field(header, 4)?);
        if version != FORMAT_VERSION {
            return Err(other_version(version));
        }
        if header.get(44..).is_none_or(|reserved| reserved.iter().any(|&byte| byte != 0)) {
            return Err(damaged("its header is not one of this format version"));
        }
        let (manifest, payload) = sections(bytes, header).ok_or_else(|| {
            damaged(&format!("its {} bytes are not as long as its header says", bytes.len()))
        })?;
        let checksum = u64::from_le_bytes(field(header, 32)?);
        if bytes.get(HEADER..).map(xxh3_64) != Some(checksum) {
            return Err(damaged("its checksum does not match its content"));
        }
        let manifest: Manifest =
            borsh::from_slice(manifest).map_err(|error| damaged(&format!("its manifest: {error}")))?;
        manifest.schema.check()?;
        if u32::from_le_bytes(field(header, 40)?) != needs(&manifest) {
            return Err(damaged("its header does not say what it needs"));
        }
        let payload = bytes.part(payload).ok_or_else(|| damaged("its engine section is cut short"))?;
        Ok(Self { manifest, payload, size_bytes: bytes.len() })
    }
}

/// The manifest and the engine section, where the header's lengths fit the file.
fn sections<'a>(bytes: &'a [u8], header: &[u8]) -> Option<(&'a [u8], Range<usize>)> {
    let number = |at| usize::try_from(u64::from_le_bytes(field(header, at).ok()?)).ok();
    let manifest_end = HEADER.checked_add(number(8)?)?;
    let start = number(16)?;
    let end = start.checked_add(number(24)?)?;
    if manifest_end > start || !start.is_multiple_of(ALIGNMENT) || end != bytes.len() {
        return None;
    }
    Some((bytes.get(HEADER..manifest_end)?, start..end))
}

fn field<const N: usize>(header: &[u8], at: usize) -> Result<[u8; N]> {
    let bytes = header.get(at..at + N).and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| damaged("its header is cut short"))
}

fn other_version(version: u32) -> Error {
    let age = if version > FORMAT_VERSION { "newer" } else { "older" };
    let message = format!(
        "the file has format version {version}, {age} than version {FORMAT_VERSION}, which this runtime \
         reads; use the edgeinfer that compiled it, or compile the model again with this one"
    );
    Error::new(ErrorKind::UnsupportedVersion, message)
}

fn damaged(what: &str) -> Error {
    let message = format!("damaged compiled model: {what}; copy or download it again, or compile it again");
    Error::new(ErrorKind::InvalidModel, message)
}

/// Bytes that do not start as a compiled model: a guess at what they are.
fn foreign(bytes: &[u8]) -> Error {
    let what = match bytes {
        [] => "the file is empty",
        [0x08, ..] => "this looks like ONNX; compile it first with `edgeinfer compile MODEL.onnx`",
        [b'<', ..] => "this looks like HTML or XML; check the address that the model is loaded from",
        [b'v', b'e', b'r', b's', ..] => {
            "this looks like a Git LFS pointer; fetch the file itself with `git lfs pull`"
        }
        bytes if bytes.starts_with(MAGIC) => "its header is cut short",
        _ => "it does not begin as one",
    };
    Error::new(ErrorKind::InvalidModel, format!("not a compiled model: {what}"))
}
