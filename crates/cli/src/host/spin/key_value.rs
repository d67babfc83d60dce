use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use edgeinfer_service::{Bytes, Clock, Item, MemoryStore};
use wasmtime::component::Resource;

use super::bindings::wasi::keyvalue::{atomics, store};
use crate::host::guest::State;

/// The stores by label, in this process's memory: gone when it ends.
#[derive(Default)]
pub(crate) struct Stores(Mutex<HashMap<String, Arc<MemoryStore>>>);

/// How many stores there may be.
const MOST_STORES: usize = 16;

/// Values have no age here. Where a store is full, those that were written last stay.
const AGE: Duration = Duration::from_secs(365 * 24 * 3600);

/// The process's clock.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);
const CLOCK: Clock = Clock { monotonic: || START.elapsed(), unix: || START.elapsed() };

impl Stores {
    fn open(&self, label: String) -> Option<Arc<MemoryStore>> {
        let mut stores = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if stores.len() >= MOST_STORES && !stores.contains_key(&label) {
            return None;
        }
        Some(Arc::clone(stores.entry(label).or_insert_with(|| Arc::new(MemoryStore::new(Some(CLOCK))))))
    }
}

/// A store that a guest has open.
#[allow(unreachable_pub, reason = "what bindgen! makes of it names it")]
pub struct Bucket(Arc<MemoryStore>);

/// A value that a guest is about to change.
#[allow(unreachable_pub, reason = "what bindgen! makes of it names it")]
pub struct Cas {
    store: Arc<MemoryStore>,
    key: String,
    /// What it has seen.
    current: Option<Bytes>,
}

impl Cas {
    fn new(store: Arc<MemoryStore>, key: String) -> Self {
        let current = store.read(&key);
        Self { store, key, current }
    }

    /// Makes `value` the value of the key, unless it is another than was seen.
    fn swap(&self, value: &[u8]) -> bool {
        let mut done = false;
        self.store.change(&self.key, &mut |before| {
            done = before == self.current.as_deref();
            done.then(|| item(value))
        });
        done
    }
}

fn item(value: &[u8]) -> Item {
    Item { value: Bytes::copy_from_slice(value), age: Some(AGE) }
}

/// What a host's function gives: an error for the guest, or a trap.
type Given<T, E = store::Error> = wasmtime::Result<Result<T, E>>;

impl State {
    fn store(&self, bucket: &Resource<Bucket>) -> wasmtime::Result<&MemoryStore> {
        Ok(&self.table.get(bucket)?.0)
    }
}

impl store::Host for State {
    fn open(&mut self, label: String) -> Given<Resource<Bucket>> {
        Ok(match self.shared.stores.open(label) {
            Some(store) => Ok(self.table.push(Bucket(store))?),
            None => Err(store::Error::AccessDenied),
        })
    }
}

impl store::HostBucket for State {
    fn get(&mut self, bucket: Resource<Bucket>, key: String) -> Given<Option<Vec<u8>>> {
        Ok(Ok(self.store(&bucket)?.read(&key).map(Vec::from)))
    }

    fn set(&mut self, bucket: Resource<Bucket>, key: String, value: Vec<u8>) -> Given<()> {
        self.store(&bucket)?.write(&key, item(&value));
        Ok(Ok(()))
    }

    fn delete(&mut self, bucket: Resource<Bucket>, key: String) -> Given<()> {
        self.store(&bucket)?.remove(&key);
        Ok(Ok(()))
    }

    fn exists(&mut self, bucket: Resource<Bucket>, key: String) -> Given<bool> {
        Ok(Ok(self.store(&bucket)?.read(&key).is_some()))
    }

    fn drop(&mut self, bucket: Resource<Bucket>) -> wasmtime::Result<()> {
        self.table.delete(bucket)?;
        Ok(())
    }
}

impl atomics::Host for State {
    fn swap(&mut self, cas: Resource<Cas>, value: Vec<u8>) -> Given<(), atomics::CasError> {
        let cas = self.table.delete(cas)?;
        if cas.swap(&value) {
            return Ok(Ok(()));
        }
        let newer = self.table.push(Cas::new(cas.store, cas.key))?;
        Ok(Err(atomics::CasError::CasFailed(newer)))
    }
}

impl atomics::HostCas for State {
    fn new(&mut self, bucket: Resource<Bucket>, key: String) -> Given<Resource<Cas>> {
        let store = Arc::clone(&self.table.get(&bucket)?.0);
        Ok(Ok(self.table.push(Cas::new(store, key))?))
    }

    fn current(&mut self, cas: Resource<Cas>) -> Given<Option<Vec<u8>>> {
        let current = self.table.get(&cas)?.current.as_deref();
        Ok(Ok(current.map(<[u8]>::to_vec)))
    }

    fn drop(&mut self, cas: Resource<Cas>) -> wasmtime::Result<()> {
        self.table.delete(cas)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn a_swap_is_refused_where_another_came_first() {
        let store = Stores::default().open("default".to_owned()).unwrap();
        let (first, second) = (Cas::new(store.clone(), "a".into()), Cas::new(store.clone(), "a".into()));
        assert!(first.swap(b"1"));
        assert!(!second.swap(b"2"));
        assert!(Cas::new(store.clone(), "a".into()).swap(b"3"));
        assert_eq!(store.read("a").as_deref(), Some(&b"3"[..]));
    }

    #[test]
    fn no_change_is_lost_between_threads() {
        let stores = Stores::default();
        let add = |store: &Arc<MemoryStore>| loop {
            let cas = Cas::new(Arc::clone(store), "a".into());
            let count =
                cas.current.as_deref().map_or(0, |bytes| u32::from_le_bytes(bytes.try_into().unwrap()));
            if cas.swap(&(count + 1).to_le_bytes()) {
                break;
            }
        };
        thread::scope(|scope| {
            for _ in 0..4 {
                let store = stores.open("default".to_owned()).unwrap();
                scope.spawn(move || (0..1000).for_each(|_| add(&store)));
            }
        });
        let store = stores.open("default".to_owned()).unwrap();
        assert_eq!(store.read("a").as_deref(), Some(&4000_u32.to_le_bytes()[..]));
    }

    #[test]
    fn stores_are_bounded() {
        let stores = Stores::default();
        assert!((0..MOST_STORES).all(|label| stores.open(label.to_string()).is_some()));
        assert!(stores.open("one more".to_owned()).is_none());
        assert!(stores.open("0".to_owned()).is_some());
    }
}
