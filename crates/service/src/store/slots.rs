use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use axum::body::Bytes;
use borsh::{BorshDeserialize, BorshSerialize};

use super::{About, Change, Item, Store, StoreFuture};
use crate::cache;
use crate::clock::Clock;
use crate::config::CacheConfig;

/// A store over one that never forgets a value by itself.
///
/// What has an age is kept in one of so many slots, by a hash of its key: a client of
/// many addresses gets no more room. A value whose slot another key takes is gone;
/// two given clients share one with a chance of 1 in 65,536.
pub struct Slots<S> {
    store: S,
    clock: Clock,
    /// How many slots there are for answers.
    answers: u64,
}

/// How many slots there are for values of one kind.
const SLOTS: u64 = 1 << 16;

/// What is in a slot.
#[derive(BorshSerialize, BorshDeserialize)]
struct Slot {
    /// Of which key the value is.
    key: String,
    /// Until when it is of use, in nanoseconds since 1970.
    until: u64,
    value: Vec<u8>,
}

/// The kinds of which there is one value, which is of use for good.
const LASTING: [&str; 2] = ["edgeinfer-counts:", "edgeinfer-models:"];

impl<S: Store> Slots<S> {
    /// A store over `store`, which knows what is too old by `clock`, and has as many slots
    /// for answers as `cache` says.
    pub fn new(store: S, clock: Clock, cache: CacheConfig) -> Self {
        Self { store, clock, answers: (cache.entries as u64).max(1) }
    }

    /// The key of the slot that `key` has.
    fn slot(&self, key: &str) -> String {
        if LASTING.iter().any(|kind| key.starts_with(kind)) {
            return key.to_owned();
        }
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let kind = key.split_once(':').map_or("", |(kind, _)| kind);
        let slots = if kind == cache::KIND { self.answers } else { SLOTS };
        format!("{kind}:slot {}", hasher.finish().checked_rem(slots).unwrap_or_default())
    }

    fn now(&self) -> Duration {
        (self.clock.unix)()
    }
}

/// The value of `key` in a slot that holds `bytes`.
fn open(key: &str, bytes: &[u8], now: Duration) -> Option<Vec<u8>> {
    let slot: Slot = borsh::from_slice(bytes).ok()?;
    (slot.key == key && Duration::from_nanos(slot.until) > now).then_some(slot.value)
}

/// `item` of `key` as it is kept in a slot.
fn close(key: &str, item: Item, now: Duration) -> Item {
    let until = item.age.map_or(Duration::MAX, |age| now.saturating_add(age));
    let until = u64::try_from(until.as_nanos()).unwrap_or(u64::MAX);
    let slot = Slot { key: key.to_owned(), until, value: item.value.into() };
    // Of what is here nothing cannot be written.
    Item { value: borsh::to_vec(&slot).unwrap_or_default().into(), age: item.age }
}

impl<S: Store> Store for Slots<S> {
    fn about(&self) -> About {
        self.store.about()
    }

    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        Box::pin(async move {
            let bytes = self.store.get(&self.slot(key)).await?;
            Ok(bytes.and_then(|bytes| open(key, &bytes, self.now())).map(Bytes::from))
        })
    }

    fn put<'a>(&'a self, key: &'a str, item: Item) -> StoreFuture<'a, ()> {
        let item = close(key, item, self.now());
        Box::pin(async move { self.store.put(&self.slot(key), item).await })
    }

    fn delete<'a>(&'a self, key: &'a str) -> StoreFuture<'a, ()> {
        Box::pin(async move { self.store.delete(&self.slot(key)).await })
    }

    fn update<'a>(&'a self, key: &'a str, change: Change<'a>) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let now = self.now();
            let mut within = |before: Option<&[u8]>| {
                let before = before.and_then(|bytes| open(key, bytes, now));
                change(before.as_deref()).map(|item| close(key, item, now))
            };
            self.store.update(&self.slot(key), &mut within).await
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use futures::FutureExt as _;

    use super::*;
    use crate::store::MemoryStore;

    static NOW: AtomicU64 = AtomicU64::new(0);

    fn store() -> Slots<MemoryStore> {
        let now = || Duration::from_secs(NOW.load(Ordering::Relaxed));
        // The store below has no clock: it never forgets.
        Slots::new(MemoryStore::default(), Clock { monotonic: now, unix: now }, CacheConfig::default())
    }

    fn done<T>(future: StoreFuture<'_, T>) -> T {
        future.now_or_never().unwrap().unwrap()
    }

    #[test]
    fn keeps_values_until_they_are_too_old() {
        let store = store();
        let item = Item { value: Bytes::from_static(b"x"), age: Some(Duration::from_secs(5)) };
        done(store.put("a:1", item.clone()));
        assert_eq!(done(store.get("a:1")), Some(item.value.clone()));
        done(store.update("a:1", &mut |before| {
            assert_eq!(before, Some(&b"x"[..]));
            Some(Item { value: Bytes::from_static(b"y"), ..item.clone() })
        }));
        assert_eq!(done(store.get("a:1")), Some(Bytes::from_static(b"y")));
        NOW.store(5, Ordering::Relaxed);
        assert_eq!(done(store.get("a:1")), None);
        done(store.put("a:1", item));
        done(store.delete("a:1"));
        assert_eq!(done(store.get("a:1")), None);
    }

    #[test]
    fn a_slot_gives_its_value_to_its_own_key_alone() {
        let store = store();
        let other =
            (0..).map(|index| format!("a:{index}")).find(|key| store.slot(key) == store.slot("a:x")).unwrap();
        done(store.put("a:x", Item { value: Bytes::from_static(b"x"), age: None }));
        assert_eq!(done(store.get(&other)), None);
        done(store.put(&other, Item { value: Bytes::from_static(b"y"), age: None }));
        assert_eq!((done(store.get("a:x")), done(store.get(&other))), (None, Some(Bytes::from_static(b"y"))));
    }

    #[test]
    fn what_someone_else_wrote_is_nothing() {
        let store = store();
        store.store.write(&store.slot("a:1"), Item { value: Bytes::from_static(b"other"), age: None });
        assert_eq!(done(store.get("a:1")), None);
    }
}
