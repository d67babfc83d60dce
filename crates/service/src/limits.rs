use serde::Deserialize;

/// How much one request may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The longest request body, in bytes.
    pub body_bytes: usize,
    /// The most rows in one batch.
    pub batch_rows: usize,
}

impl Default for Limits {
    /// Bodies of 4 MiB, batches of 10,000 rows.
    fn default() -> Self {
        Self { body_bytes: 4 << 20, batch_rows: 10_000 }
    }
}
