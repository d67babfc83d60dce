use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::ledger::{Labels, Ledger};
use crate::clock::Clock;
use crate::registry::Entry;
use crate::store::{Item, Pace, Reach, Store};

/// Where the ledger of all instances is in the store. The number is that of its form.
const KEY: &str = "edgeinfer-counts:1";

/// What is counted of requests, whatever they are about.
///
/// With a store of this instance's own, all of it is here. With one that instances
/// share, it is there: each request adds what it is about in one change of one value,
/// or, where the store wants to be written less often, several requests together.
#[derive(Default)]
pub(crate) struct Counts {
    /// What is not in the store, or not yet.
    own: Mutex<Ledger>,
    active: AtomicI64,
    settling: AtomicBool,
    pace: Pace,
}

/// A request that is being answered.
pub(crate) struct Active<'a>(&'a AtomicI64);

impl Drop for Active<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What is on its way into the store; back with the rest where it does not get there,
/// or where nobody waits for that any more.
struct Part<'a> {
    counts: &'a Counts,
    ledger: Ledger,
}

impl Part<'_> {
    /// All that is in the store after it, where `before` was there.
    fn added_to(&self, before: Option<&[u8]>) -> Item {
        let mut all = before.map(Ledger::read).unwrap_or_default();
        all.merge(&self.ledger);
        Item { value: all.write(), age: None }
    }
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        self.counts.own().merge(&self.ledger);
        self.counts.settling.store(false, Ordering::Release);
    }
}

/// A run of a model.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    /// Over so many rows.
    pub(crate) rows: usize,
    pub(crate) succeeded: bool,
    pub(crate) time: Duration,
    /// When it ended, since 1970.
    pub(crate) end: Duration,
}

impl Counts {
    /// A request begins. It ends when what is given is dropped, so that one whose
    /// client goes away ends too.
    pub(crate) fn begin(&self) -> Active<'_> {
        self.active.fetch_add(1, Ordering::Relaxed);
        Active(&self.active)
    }

    /// How many requests this instance is answering.
    pub(super) fn active(&self) -> i64 {
        self.active.load(Ordering::Relaxed)
    }

    /// A request was answered in `time`; `code` is its error's.
    pub(crate) fn answered(&self, labels: Labels, code: Option<&'static str>, time: Duration) {
        self.own().answered(labels, code, time);
    }

    /// `entry` did `run`.
    pub(crate) fn ran(&self, entry: &Entry, run: Run) {
        let rows = run.succeeded.then_some(run.rows);
        self.own().stats_mut(entry.name(), entry.version()).ran(rows, run.time, run.end);
    }

    /// `entry` was loaded in `time`, until `now`.
    pub(crate) fn loaded(&self, entry: &Entry, time: Duration, now: Duration) {
        self.own().stats_mut(entry.name(), entry.version()).loaded(time, now);
    }

    /// A request came to the cache, with `outcome`.
    pub(crate) fn cached(&self, outcome: &'static str) {
        self.own().cached(outcome);
    }

    /// The store did not do what it was asked for.
    pub(crate) fn store_failed(&self) {
        let mut own = self.own();
        own.store_failures = own.store_failures.saturating_add(1);
    }

    /// Brings what was counted into `store`, where instances share it. What does not
    /// get there now does with a later request.
    pub(crate) async fn settle(&self, store: &dyn Store, clock: Option<Clock>) {
        let about = store.about();
        if about.reach == Reach::Instance || !self.pace.is_due(about.interval, clock) {
            return;
        }
        // Requests beside this one leave their parts to it.
        while !self.settling.swap(true, Ordering::Acquire) {
            let mut part = Part { counts: self, ledger: std::mem::take(&mut *self.own()) };
            let done = store.update(KEY, &mut |before| Some(part.added_to(before))).await;
            if done.is_ok() {
                part.ledger = Ledger::default();
            } else {
                self.store_failed();
            }
            drop(part);
            if done.is_err() || self.own().is_empty() {
                return;
            }
        }
    }

    /// All that is counted: of all instances, where they share `store`.
    pub(crate) async fn all(&self, store: &dyn Store) -> Ledger {
        if store.about().reach == Reach::Instance {
            return self.own().clone();
        }
        let shared = store.get(KEY).await;
        if shared.is_err() {
            self.store_failed();
        }
        let mut all = shared.ok().flatten().map(|bytes| Ledger::read(&bytes)).unwrap_or_default();
        all.merge(&self.own());
        all
    }

    fn own(&self) -> MutexGuard<'_, Ledger> {
        locked(&self.own)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
