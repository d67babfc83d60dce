use serde::Deserialize;

/// Where rates, counters, the state of models and cached answers are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct State {
    /// Which store; without it, the host's where there is one, and else memory.
    pub store: Option<StoreKind>,
    /// What the host calls the store; Spin's is `default`.
    pub label: Option<String>,
}

/// A kind of store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StoreKind {
    /// The memory of each instance.
    Memory,
    /// The host's store of values by key.
    KeyValue,
}
