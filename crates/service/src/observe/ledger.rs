//! What is counted, as a value: one instance's, or that of all together.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Bytes;
use borsh::{BorshDeserialize, BorshSerialize};

/// The upper bounds of the histogram of durations, in seconds: OpenTelemetry's, and
/// finer ones below them.
pub(super) const BOUNDS: [f64; 17] = [
    0.000_025, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5,
    1.0, 2.5, 10.0,
];

/// All that is counted of requests and of runs. Ledgers add up.
#[derive(Clone, Debug, Default, PartialEq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Ledger {
    pub(super) requests: BTreeMap<Labels, Histogram>,
    /// Requests that failed, by the error's code.
    pub(super) rejected: BTreeMap<Cow<'static, str>, u64>,
    /// What each version of each model was asked for.
    models: BTreeMap<(String, String), Stats>,
    /// Requests that came to the cache, by what became of them.
    pub(super) cached: BTreeMap<Cow<'static, str>, u64>,
    /// Operations of the store that failed.
    pub(super) store_failures: u64,
}

/// What requests are told apart by. The route is one of the API's own, so that
/// clients cannot make new ones.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub(crate) struct Labels {
    pub(crate) route: String,
    pub(crate) method: Cow<'static, str>,
    pub(crate) status: u16,
}

#[derive(Clone, Debug, Default, PartialEq, BorshSerialize, BorshDeserialize)]
pub(super) struct Histogram {
    /// How many took no longer than each bound, and longer than the one before.
    pub(super) counts: [u64; BOUNDS.len()],
    pub(super) time: Tally,
}

/// What a version of a model was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Stats {
    pub(crate) succeeded: Tally,
    pub(crate) failed: Tally,
    /// The rows of all runs that succeeded.
    pub(crate) rows: u64,
    /// When the last run ended, in milliseconds since 1970; 0 where none has.
    pub(crate) last: u64,
    /// How long the last load took, in nanoseconds, and when it was.
    load: Option<(u64, u64)>,
}

/// How many there were, and how long they took in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Tally {
    pub(crate) count: u64,
    pub(crate) nanoseconds: u64,
}

impl Ledger {
    /// A request was answered in `time`; `code` is its error's.
    pub(super) fn answered(&mut self, labels: Labels, code: Option<&'static str>, time: Duration) {
        self.requests.entry(labels).or_default().add(time);
        if let Some(code) = code {
            add(self.rejected.entry(Cow::Borrowed(code)).or_default(), 1);
        }
    }

    /// A request came to the cache.
    pub(super) fn cached(&mut self, outcome: &'static str) {
        add(self.cached.entry(Cow::Borrowed(outcome)).or_default(), 1);
    }

    /// What the version `version` of the model `name` was asked for.
    pub(crate) fn stats(&self, name: &str, version: &str) -> Stats {
        self.models.get(&(name.to_owned(), version.to_owned())).copied().unwrap_or_default()
    }

    pub(super) fn stats_mut(&mut self, name: &str, version: &str) -> &mut Stats {
        self.models.entry((name.to_owned(), version.to_owned())).or_default()
    }

    /// Adds what `other` has.
    pub(super) fn merge(&mut self, other: &Self) {
        for (labels, histogram) in &other.requests {
            self.requests.entry(labels.clone()).or_default().merge(histogram);
        }
        for (code, count) in &other.rejected {
            add(self.rejected.entry(code.clone()).or_default(), *count);
        }
        for (outcome, count) in &other.cached {
            add(self.cached.entry(outcome.clone()).or_default(), *count);
        }
        for (key, stats) in &other.models {
            self.models.entry(key.clone()).or_default().merge(stats);
        }
        add(&mut self.store_failures, other.store_failures);
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What [`Ledger::write`] wrote; what anyone else wrote is an empty one.
    pub(super) fn read(bytes: &[u8]) -> Self {
        borsh::from_slice(bytes).unwrap_or_default()
    }

    pub(super) fn write(&self) -> Bytes {
        // Of what is here nothing cannot be written.
        borsh::to_vec(self).unwrap_or_default().into()
    }
}

impl Histogram {
    fn add(&mut self, time: Duration) {
        self.time.add(time);
        let seconds = time.as_secs_f64();
        let place = BOUNDS.iter().position(|bound| seconds <= *bound);
        if let Some(count) = place.and_then(|place| self.counts.get_mut(place)) {
            add(count, 1);
        }
    }

    fn merge(&mut self, other: &Self) {
        self.time.merge(other.time);
        self.counts.iter_mut().zip(other.counts).for_each(|(count, other)| add(count, other));
    }
}

impl Stats {
    /// A run that took `time` and ended at `now`; it was over `rows` rows where it
    /// succeeded.
    pub(super) fn ran(&mut self, rows: Option<usize>, time: Duration, now: Duration) {
        match rows {
            Some(rows) => {
                self.succeeded.add(time);
                add(&mut self.rows, rows as u64);
            }
            None => self.failed.add(time),
        }
        self.last = self.last.max(milliseconds(now));
    }

    /// It took `time` to load, until `now`.
    pub(super) fn loaded(&mut self, time: Duration, now: Duration) {
        self.load = self.load.max(Some((milliseconds(now), nanoseconds(time))));
    }

    /// How long the last load took.
    pub(crate) fn load_time(&self) -> Option<Duration> {
        self.load.map(|(_, nanoseconds)| Duration::from_nanos(nanoseconds))
    }

    fn merge(&mut self, other: &Self) {
        self.succeeded.merge(other.succeeded);
        self.failed.merge(other.failed);
        add(&mut self.rows, other.rows);
        self.last = self.last.max(other.last);
        self.load = self.load.max(other.load);
    }
}

impl Tally {
    fn add(&mut self, time: Duration) {
        self.merge(Self { count: 1, nanoseconds: nanoseconds(time) });
    }

    fn merge(&mut self, other: Self) {
        add(&mut self.count, other.count);
        add(&mut self.nanoseconds, other.nanoseconds);
    }
}

/// Numbers that came out of a store may be any.
fn add(sum: &mut u64, more: u64) {
    *sum = sum.saturating_add(more);
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger(status: u16, seconds: f64) -> Ledger {
        let mut ledger = Ledger::default();
        let (time, now) = (Duration::from_secs_f64(seconds), Duration::from_secs(status.into()));
        let labels = Labels { route: "/predict".to_owned(), method: Cow::Borrowed("POST"), status };
        ledger.answered(labels, (status != 200).then_some("internal"), time);
        ledger.stats_mut("iris", "1").ran((status == 200).then_some(3), time, now);
        ledger.stats_mut("iris", "1").loaded(time, now);
        ledger
    }

    #[test]
    fn adds_up_whatever_the_order_and_however_it_was_kept() {
        let parts = [ledger(200, 0.0003), ledger(500, 20.0), ledger(200, 0.5)];
        let mut all = Ledger::default();
        for part in &parts {
            all.merge(&Ledger::read(&part.write()));
        }
        let mut back = Ledger::default();
        parts.iter().rev().for_each(|part| back.merge(part));
        assert_eq!(all, back);
        assert_eq!(Ledger::read(&all.write()), all);
        let stats = all.stats("iris", "1");
        assert_eq!((stats.succeeded.count, stats.failed.count, stats.rows), (2, 1, 6));
        assert_eq!((stats.last, stats.load_time()), (500_000, Some(Duration::from_secs(20))));
        assert_eq!(all.rejected.get("internal"), Some(&1));
        // What takes longer than all bounds is in none of them.
        assert_eq!(
            all.requests.values().map(|histogram| histogram.counts.iter().sum::<u64>()).sum::<u64>(),
            2
        );
    }

    #[test]
    fn what_someone_else_wrote_is_an_empty_one() {
        for bytes in [&b""[..], b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", b"{}"] {
            assert_eq!(Ledger::read(bytes), Ledger::default());
        }
    }
}
