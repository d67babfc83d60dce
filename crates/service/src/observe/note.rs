use std::sync::{Arc, OnceLock};

use crate::registry::Entry;

/// What a handler finds out about a request that its log line tells.
#[derive(Default)]
pub(crate) struct Note {
    model: OnceLock<(Arc<Entry>, usize)>,
}

impl Note {
    /// The request ran `entry` over `rows` rows.
    pub(crate) fn ran(&self, entry: &Arc<Entry>, rows: usize) {
        // The first run is the request's.
        let _ = self.model.set((Arc::clone(entry), rows));
    }

    /// The model that was run, and over how many rows.
    pub(crate) fn run(&self) -> Option<(&Entry, usize)> {
        self.model.get().map(|(entry, rows)| (entry.as_ref(), *rows))
    }
}
