use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::Rate;

/// Where what is counted across requests is kept.
///
/// [`MemoryStore`] is exact within one instance of the service and knows nothing of
/// others. A host that runs several, or one for each request, gives a store of its
/// own.
pub trait Store: Send + Sync {
    /// Takes one request out of `bucket`, which `rate` fills, at `now`.
    fn take(&self, bucket: &str, rate: Rate, now: Duration) -> Taken;
}

/// What became of a request in its bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Whether there was one left.
    pub allowed: bool,
    /// How many are left after it.
    pub remaining: u32,
    /// When the next one is there, where none is; when all are, otherwise.
    pub reset: Duration,
}

/// A store in the memory of one instance.
#[derive(Debug, Default)]
pub struct MemoryStore {
    /// When each bucket is full again.
    full_at: Mutex<HashMap<String, Duration>>,
}

/// How many buckets are kept: a client of many addresses gets no more memory.
const MOST_BUCKETS: usize = 10_000;

impl Store for MemoryStore {
    /// The generic cell rate algorithm: exact, and one number a bucket.
    ///
    /// <https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm>
    fn take(&self, bucket: &str, rate: Rate, now: Duration) -> Taken {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= MOST_BUCKETS && !full_at.contains_key(bucket) {
            make_room(&mut full_at, now);
        }
        let full = full_at.entry(bucket.to_owned()).or_insert(now);
        let taken = rate.take(*full, now);
        if let Some(next) = taken.1 {
            *full = next;
        }
        taken.0
    }
}

/// Forgets the buckets that are full; where none is, those that are the fullest.
fn make_room(full_at: &mut HashMap<String, Duration>, now: Duration) {
    full_at.retain(|_, full| *full > now);
    if full_at.len() >= MOST_BUCKETS {
        let mut times: Vec<Duration> = full_at.values().copied().collect();
        let middle = times.len() / 2;
        let (_, median, _) = times.select_nth_unstable(middle);
        let median = *median;
        full_at.retain(|_, full| *full > median);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::thread;

    use super::*;

    fn seconds(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    #[test]
    fn gives_as_many_as_the_rate_says_and_then_one_by_one() {
        let (store, rate) = (MemoryStore::default(), Rate { requests: 3, seconds: 6 });
        let take = |now: f64| store.take("a", rate, seconds(100.0 + now));
        assert_eq!(take(0.0), Taken { allowed: true, remaining: 2, reset: seconds(2.0) });
        assert_eq!(take(0.0).remaining, 1);
        assert_eq!(take(0.0), Taken { allowed: true, remaining: 0, reset: seconds(6.0) });
        assert_eq!(take(0.5), Taken { allowed: false, remaining: 0, reset: seconds(1.5) });
        assert!(!take(1.9).allowed);
        assert!(take(2.0).allowed);
        assert!(!take(2.1).allowed);
        assert_eq!(take(60.0).remaining, 2);
        assert!(store.take("b", rate, seconds(100.0)).allowed);
    }

    #[test]
    fn is_exact_with_many_threads() {
        let (store, allowed) = (Arc::new(MemoryStore::default()), Arc::new(AtomicU32::new(0)));
        let rate = Rate { requests: 1234, seconds: 3600 };
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let (store, allowed) = (Arc::clone(&store), Arc::clone(&allowed));
                thread::spawn(move || {
                    for _ in 0..12_500 {
                        if store.take("a", rate, seconds(5.0)).allowed {
                            allowed.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(allowed.load(Ordering::Relaxed), 1234);
    }

    #[test]
    fn many_buckets_take_no_more_memory() {
        let (store, rate) = (MemoryStore::default(), Rate { requests: 1, seconds: 60 });
        for index in 0..3 * MOST_BUCKETS {
            store.take(&index.to_string(), rate, Duration::from_millis(index as u64));
        }
        assert!(store.full_at.lock().unwrap().len() <= MOST_BUCKETS);
    }
}
