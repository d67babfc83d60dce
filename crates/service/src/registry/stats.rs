use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What a version of a model was asked for since the service started.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    pub(crate) succeeded: Tally,
    pub(crate) failed: Tally,
    rows: AtomicU64,
    last: AtomicU64,
}

/// How many runs there were, and how long they took in all.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    count: AtomicU64,
    nanoseconds: AtomicU64,
}

impl Tally {
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    pub(crate) fn nanoseconds(&self) -> u64 {
        self.nanoseconds.load(Ordering::Relaxed)
    }

    fn add(&self, time: Duration) {
        self.count.fetch_add(1, Ordering::Relaxed);
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
    }
}

impl Stats {
    /// A run that took `time` and ended at `now`; it was over `rows` rows where it
    /// succeeded.
    pub(super) fn record(&self, rows: Option<usize>, time: Duration, now: Duration) {
        match rows {
            Some(rows) => {
                self.succeeded.add(time);
                self.rows.fetch_add(rows as u64, Ordering::Relaxed);
            }
            None => self.failed.add(time),
        }
        let now = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        self.last.fetch_max(now, Ordering::Relaxed);
    }

    /// The rows of all runs that succeeded.
    pub(crate) fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    /// When the last run ended, in milliseconds since 1970; 0 where none has.
    pub(crate) fn last(&self) -> u64 {
        self.last.load(Ordering::Relaxed)
    }
}
