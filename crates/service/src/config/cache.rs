use serde::Deserialize;

/// Which answers are kept to be given again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CacheConfig {
    /// For how long; 0 for none.
    pub seconds: u32,
    /// How many.
    pub entries: usize,
    /// How many bytes of them, together.
    pub bytes: usize,
}

impl Default for CacheConfig {
    /// None; with `seconds`, 1,000 answers and 16 MiB of them.
    fn default() -> Self {
        Self { seconds: 0, entries: 1_000, bytes: 16 << 20 }
    }
}
