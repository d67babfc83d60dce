//! Where what is counted across requests is kept.

mod memory;
mod pace;
mod slots;

use std::pin::Pin;
use std::time::Duration;

use axum::body::Bytes;
use edgeinfer_core::Result;

pub use self::memory::MemoryStore;
pub(crate) use self::pace::Pace;
pub use self::slots::Slots;

/// A place for small values by key, which a host may share between instances of the
/// service.
///
/// Rates, counters, the state of models and cached answers are written once over
/// this, and [`Store::about`] says what they are worth: [`MemoryStore`] is exact, and
/// knows nothing of other instances.
///
/// Futures are `Send`, as axum asks of its handlers. Where a host has one thread
/// and its futures are not, as those of JavaScript, a wrapper that checks the thread
/// makes them so.
///
/// A key is the name of what is kept, a colon, and which one it is.
pub trait Store: Send + Sync {
    /// What the store is, and what it gives.
    fn about(&self) -> About;

    /// The value of `key`.
    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Bytes>>;

    /// Makes `item` the value of `key`.
    fn put<'a>(&'a self, key: &'a str, item: Item) -> StoreFuture<'a, ()>;

    /// Forgets the value of `key`.
    fn delete<'a>(&'a self, key: &'a str) -> StoreFuture<'a, ()>;

    /// Changes the value of `key`. Nobody else's change may come in between where
    /// the store says that it is [`Updates::Exact`]; `change` is called again where
    /// one did. By default it reads and then writes, which is not.
    fn update<'a>(&'a self, key: &'a str, change: Change<'a>) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let before = self.get(key).await?;
            match change(before.as_deref()) {
                Some(item) => self.put(key, item).await,
                None => Ok(()),
            }
        })
    }
}

/// What an operation of a store gives in the end.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// What becomes of a value: it is called with the one that is there, and gives the
/// one that shall be, or `None` to leave it.
pub type Change<'a> = &'a mut (dyn FnMut(Option<&[u8]>) -> Option<Item> + Send);

/// A value, and for how long it is of use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The value.
    pub value: Bytes,
    /// The store may forget it after so long; `None` for never. One that is older may
    /// still come back: what counts on an age keeps it in the value.
    pub age: Option<Duration>,
}

/// What a store is, and what it gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// What people call it.
    pub name: String,
    /// Who shares it.
    pub reach: Reach,
    /// Whether concurrent changes may be lost.
    pub updates: Updates,
    /// How often one key may be written: zero for as often as there are requests.
    /// Counters are written no more often than that, together.
    pub interval: Duration,
}

/// Who shares a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The requests of one instance of the service.
    Instance,
    /// Those of all instances.
    Global,
}

/// What becomes of changes of one value at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Updates {
    /// All are kept.
    Exact,
    /// Some may be lost.
    Lossy,
}
