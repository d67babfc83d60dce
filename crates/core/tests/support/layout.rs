use edgeinfer_core::FORMAT_VERSION;
use xxhash_rust::xxh3::xxh3_64;

/// A compiled model with a right header and checksum around any manifest, as
/// `src/file.rs` documents the format.
pub(crate) fn file_of(manifest: &[u8], payload: &[u8]) -> Vec<u8> {
    let start = (64 + manifest.len()).div_ceil(64) * 64;
    let mut file = vec![0; start];
    file[64..64 + manifest.len()].copy_from_slice(manifest);
    file.extend_from_slice(payload);
    let checksum = xxh3_64(&file[64..]);
    file[0..4].copy_from_slice(b"EDGE");
    file[4..8].copy_from_slice(&FORMAT_VERSION.to_le_bytes());
    file[8..16].copy_from_slice(&(manifest.len() as u64).to_le_bytes());
    file[16..24].copy_from_slice(&(start as u64).to_le_bytes());
    file[24..32].copy_from_slice(&(payload.len() as u64).to_le_bytes());
    file[32..40].copy_from_slice(&checksum.to_le_bytes());
    file
}
