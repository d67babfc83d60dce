use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::Run;
use crate::registry::Entry;

/// What a handler finds out about a request that its log line and the counters tell.
#[derive(Default)]
pub(crate) struct Note {
    model: OnceLock<(Arc<Entry>, usize)>,
    runs: Mutex<Vec<(Arc<Entry>, Run)>>,
    cache: OnceLock<&'static str>,
}

impl Note {
    /// The request is about `rows` rows for `entry`.
    pub(crate) fn about(&self, entry: &Arc<Entry>, rows: usize) {
        // The first is the request's.
        let _ = self.model.set((Arc::clone(entry), rows));
    }

    /// The request ran `entry`.
    pub(crate) fn ran(&self, entry: &Arc<Entry>, run: Run) {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).push((Arc::clone(entry), run));
    }

    /// What became of the request at the cache.
    pub(crate) fn cached(&self, outcome: &'static str) {
        let _ = self.cache.set(outcome);
    }

    /// What became of the request at the cache, where it came there.
    pub(crate) fn cache(&self) -> Option<&'static str> {
        self.cache.get().copied()
    }

    /// The model that the request is about, and over how many rows.
    pub(crate) fn model(&self) -> Option<(&Entry, usize)> {
        self.model.get().map(|(entry, rows)| (entry.as_ref(), *rows))
    }

    /// The runs of the request, which are its no more.
    pub(crate) fn take_runs(&self) -> Vec<(Arc<Entry>, Run)> {
        std::mem::take(&mut *self.runs.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
