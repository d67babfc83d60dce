use std::collections::HashMap;
use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use edgeinfer_core::Result;

use super::{About, Change, Item, Reach, Store, StoreFuture, Updates};
use crate::clock::Clock;

/// A store in the memory of one instance: exact, bounded, and gone with it.
///
/// What the part of a key before its colon names is bounded by itself, so that many
/// values of one kind do not drive out those of another. Where there is no more room,
/// what is of use for the shortest time goes first.
#[derive(Debug, Default)]
pub struct MemoryStore {
    clock: Option<Clock>,
    /// The bounds of kinds that have others than most.
    bounds: HashMap<String, Bounds>,
    kinds: Mutex<HashMap<String, Kind>>,
}

/// How many values of one kind are kept: a client of many addresses gets no more
/// memory.
const MOST_ITEMS: usize = 10_000;

/// How many bytes keys and values of one kind take at most.
const MOST_BYTES: usize = 64 << 20;

/// How many kinds there are; further ones share the last.
const MOST_KINDS: usize = 16;

/// How many values of one kind there are at most, and how many bytes keys and values.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    items: usize,
    bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { items: MOST_ITEMS, bytes: MOST_BYTES }
    }
}

/// The values of one kind.
#[derive(Debug, Default)]
struct Kind {
    bounds: Bounds,
    kept: HashMap<String, Kept>,
    bytes: usize,
}

#[derive(Debug)]
struct Kept {
    value: Bytes,
    until: Duration,
}

impl MemoryStore {
    /// A store that forgets what is too old by `clock`; without one, only where it
    /// needs the room.
    #[must_use]
    pub fn new(clock: Option<Clock>) -> Self {
        Self { clock, ..Self::default() }
    }

    /// The same with other bounds for the values of `kind`: at most so many `items`, and
    /// `bytes` of keys and values together.
    #[must_use]
    pub fn bounded(mut self, kind: &str, items: usize, bytes: usize) -> Self {
        self.bounds.insert(kind.to_owned(), Bounds { items, bytes });
        self
    }

    /// The value of `key`.
    #[must_use]
    pub fn read(&self, key: &str) -> Option<Bytes> {
        let now = self.now();
        let mut kinds = self.kinds();
        self.kind(&mut kinds, key).fresh(key, now).cloned()
    }

    /// Makes `item` the value of `key`.
    pub fn write(&self, key: &str, item: Item) {
        self.change(key, &mut |_| Some(item.clone()));
    }

    /// Forgets the value of `key`.
    pub fn remove(&self, key: &str) {
        self.kind(&mut self.kinds(), key).remove(key);
    }

    /// Changes the value of `key`; nobody else's change comes in between.
    pub fn change(&self, key: &str, change: Change<'_>) {
        let now = self.now();
        let mut kinds = self.kinds();
        let kind = self.kind(&mut kinds, key);
        if let Some(item) = change(kind.fresh(key, now).map(|value| &**value)) {
            kind.insert(key, item, now);
        }
    }

    /// The values of the kind that `key` is of.
    fn kind<'a>(&self, kinds: &'a mut HashMap<String, Kind>, key: &str) -> &'a mut Kind {
        let name = key.split_once(':').map_or("", |(name, _)| name);
        let name = if kinds.contains_key(name) || kinds.len() < MOST_KINDS { name } else { "" };
        if !kinds.contains_key(name) {
            let bounds = self.bounds.get(name).copied().unwrap_or_default();
            kinds.insert(name.to_owned(), Kind { bounds, ..Kind::default() });
        }
        kinds.entry(name.to_owned()).or_default()
    }

    fn now(&self) -> Duration {
        self.clock.map_or(Duration::ZERO, Clock::now)
    }

    fn kinds(&self) -> MutexGuard<'_, HashMap<String, Kind>> {
        self.kinds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kind {
    fn fresh(&self, key: &str, now: Duration) -> Option<&Bytes> {
        self.kept.get(key).filter(|kept| kept.until > now).map(|kept| &kept.value)
    }

    fn insert(&mut self, key: &str, item: Item, now: Duration) {
        let until = item.age.map_or(Duration::MAX, |age| now.saturating_add(age));
        let kept = Kept { value: item.value, until };
        if let Some(there) = self.kept.get_mut(key) {
            self.bytes = self.bytes.saturating_sub(there.value.len()).saturating_add(kept.value.len());
            *there = kept;
        } else {
            self.make_room(size(key, &kept), now);
            if self.is_full(size(key, &kept)) {
                return;
            }
            self.bytes = self.bytes.saturating_add(size(key, &kept));
            self.kept.insert(key.to_owned(), kept);
        }
    }

    fn remove(&mut self, key: &str) {
        if let Some(kept) = self.kept.remove(key) {
            self.bytes = self.bytes.saturating_sub(size(key, &kept));
        }
    }

    /// Forgets what is too old; where that is not enough, the half that is of use for
    /// the shortest time.
    fn make_room(&mut self, bytes: usize, now: Duration) {
        if !self.is_full(bytes) {
            return;
        }
        self.retain(|kept| kept.until > now);
        while self.is_full(bytes) && !self.kept.is_empty() {
            let mut times: Vec<Duration> = self.kept.values().map(|kept| kept.until).collect();
            let middle = times.len() / 2;
            let (_, median, _) = times.select_nth_unstable(middle);
            let median = *median;
            let before = self.kept.len();
            self.retain(|kept| kept.until > median);
            if self.kept.len() == before {
                break;
            }
        }
    }

    fn is_full(&self, bytes: usize) -> bool {
        self.kept.len() >= self.bounds.items || self.bytes.saturating_add(bytes) > self.bounds.bytes
    }

    fn retain(&mut self, keeps: impl Fn(&Kept) -> bool) {
        self.kept.retain(|_, kept| keeps(kept));
        self.bytes = self.counted();
    }

    fn counted(&self) -> usize {
        self.kept.iter().map(|(key, kept)| size(key, kept)).sum()
    }
}

fn size(key: &str, kept: &Kept) -> usize {
    key.len() + kept.value.len()
}

impl Store for MemoryStore {
    fn about(&self) -> About {
        About {
            name: "memory".to_owned(),
            reach: Reach::Instance,
            updates: Updates::Exact,
            interval: Duration::ZERO,
        }
    }

    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        done(self.read(key))
    }

    fn put<'a>(&'a self, key: &'a str, item: Item) -> StoreFuture<'a, ()> {
        self.write(key, item);
        done(())
    }

    fn delete<'a>(&'a self, key: &'a str) -> StoreFuture<'a, ()> {
        self.remove(key);
        done(())
    }

    fn update<'a>(&'a self, key: &'a str, change: Change<'a>) -> StoreFuture<'a, ()> {
        self.change(key, change);
        done(())
    }
}

fn done<'a, T: Send + 'a>(value: T) -> StoreFuture<'a, T> {
    let done: Result<T> = Ok(value);
    Box::pin(ready(done))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    fn item(value: &str, seconds: u64) -> Item {
        Item { value: Bytes::copy_from_slice(value.as_bytes()), age: Some(Duration::from_secs(seconds)) }
    }

    #[test]
    fn what_is_too_old_is_gone() {
        static NOW: AtomicU64 = AtomicU64::new(0);
        let now = || Duration::from_secs(NOW.load(Ordering::Relaxed));
        let store = MemoryStore::new(Some(Clock { monotonic: now, unix: now }));
        store.write("a:1", item("x", 5));
        store.write("b", Item { age: None, ..item("y", 0) });
        NOW.store(4, Ordering::Relaxed);
        assert_eq!(store.read("a:1").as_deref(), Some(&b"x"[..]));
        NOW.store(5, Ordering::Relaxed);
        assert_eq!(store.read("a:1"), None);
        store.change("a:1", &mut |before| {
            assert_eq!(before, None);
            None
        });
        assert_eq!(store.read("b").as_deref(), Some(&b"y"[..]));
        store.remove("b");
        assert_eq!(store.read("b"), None);
    }

    #[test]
    fn many_values_of_a_kind_take_no_more_memory_and_leave_others_alone() {
        let store = MemoryStore::default();
        store.write("b:1", item("kept", 1));
        for index in 0..3 * MOST_ITEMS {
            store.write(&format!("a:{index}"), item("x", 1 + index as u64));
        }
        let kinds = store.kinds();
        let kept = &kinds["a"].kept;
        assert!(kept.len() <= MOST_ITEMS && kept.contains_key(&format!("a:{}", 3 * MOST_ITEMS - 1)));
        assert_eq!(kinds["a"].bytes, kinds["a"].counted());
        assert_eq!(kinds["b"].kept.len(), 1);
    }

    #[test]
    fn large_values_are_bounded_by_their_bytes() {
        let store = MemoryStore::default();
        let large = Item { value: vec![0; MOST_BYTES / 4].into(), age: None };
        for index in 0..20 {
            store.write(&format!("a:{index}"), large.clone());
            assert!(store.kinds()["a"].bytes <= MOST_BYTES);
        }
        assert!(store.read("a:19").is_some());
        store.write("a:19", item("small", 1));
        let kinds = store.kinds();
        assert_eq!(kinds["a"].bytes, kinds["a"].counted());
    }

    #[test]
    fn kinds_are_bounded() {
        let store = MemoryStore::default();
        for index in 0..1000 {
            store.write(&format!("{index}:1"), item("x", 1));
        }
        assert!(store.kinds().len() <= MOST_KINDS + 1);
        assert!(store.read("999:1").is_some());
    }
}
