//! How many requests are left to a client.

use std::time::Duration;

use axum::body::Bytes;
use edgeinfer_core::Result;

use super::Rate;
use crate::store::{Item, Store};

/// What became of a request in its bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Whether there was one left.
    pub(crate) allowed: bool,
    /// How many are left after it.
    pub(crate) remaining: u32,
    /// When the next one is there, where none is; when all are, otherwise.
    pub(crate) reset: Duration,
}

/// Takes one request out of `bucket`, which `rate` fills, at `now`: the generic cell
/// rate algorithm, whose state is the time at which the bucket is full again.
///
/// <https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm>
///
/// # Errors
///
/// Those of the store.
pub(super) async fn take(store: &dyn Store, bucket: &str, rate: Rate, now: Duration) -> Result<Taken> {
    let mut taken = Taken { allowed: true, remaining: rate.requests, reset: Duration::ZERO };
    let mut change = |full: Option<&[u8]>| {
        let full = full.and_then(read).unwrap_or(now);
        let (after, next) = rate.take(full, now);
        taken = after;
        next.map(|next| Item { value: written(next), age: Some(next.saturating_sub(now)) })
    };
    store.update(&format!("edgeinfer-rate:{bucket}"), &mut change).await?;
    Ok(taken)
}

/// Nanoseconds; what is none was written by someone else.
fn read(full: &[u8]) -> Option<Duration> {
    full.try_into().ok().map(|bytes| Duration::from_nanos(u64::from_le_bytes(bytes)))
}

fn written(full: Duration) -> Bytes {
    let nanoseconds = u64::try_from(full.as_nanos()).unwrap_or(u64::MAX);
    Bytes::copy_from_slice(&nanoseconds.to_le_bytes())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::thread;

    use futures::FutureExt as _;

    use super::*;
    use crate::store::MemoryStore;

    fn seconds(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    fn take_from(store: &MemoryStore, bucket: &str, rate: Rate, now: f64) -> Taken {
        take(store, bucket, rate, seconds(now)).now_or_never().unwrap().unwrap()
    }

    #[test]
    fn gives_as_many_as_the_rate_says_and_then_one_by_one() {
        let (store, rate) = (MemoryStore::default(), Rate { requests: 3, seconds: 6 });
        let take = |now: f64| take_from(&store, "a", rate, 100.0 + now);
        assert_eq!(take(0.0), Taken { allowed: true, remaining: 2, reset: seconds(2.0) });
        assert_eq!(take(0.0).remaining, 1);
        assert_eq!(take(0.0), Taken { allowed: true, remaining: 0, reset: seconds(6.0) });
        assert_eq!(take(0.5), Taken { allowed: false, remaining: 0, reset: seconds(1.5) });
        assert!(!take(1.9).allowed);
        assert!(take(2.0).allowed);
        assert!(!take(2.1).allowed);
        assert_eq!(take(60.0).remaining, 2);
        assert!(take_from(&store, "b", rate, 100.0).allowed);
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
                        if take_from(&store, "a", rate, 5.0).allowed {
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
    fn a_clock_that_was_ahead_bars_nobody_for_longer_than_the_period() {
        let (store, rate) = (MemoryStore::default(), Rate { requests: 2, seconds: 10 });
        assert!(take_from(&store, "a", rate, 5000.0).allowed);
        assert!(!take_from(&store, "a", rate, 100.0).allowed);
        assert_eq!(take_from(&store, "a", rate, 100.0).reset, seconds(5.0));
        assert!(take_from(&store, "a", rate, 6000.0).allowed);
    }

    #[test]
    fn what_someone_else_wrote_is_a_full_bucket() {
        let store = MemoryStore::default();
        store.write("edgeinfer-rate:a", Item { value: Bytes::from_static(b"other"), age: None });
        assert_eq!(take_from(&store, "a", Rate { requests: 2, seconds: 1 }, 1.0).remaining, 1);
    }
}
