//! The store that Spin gives: values by key, which all instances share.

use std::future::ready;

use edgeinfer_core::{Error, ErrorKind, Result};
use edgeinfer_service::{About, Bytes, Change, Item, Reach, Store, StoreFuture, Updates};
use spin_sdk::wit::wasi::keyvalue::atomics::{Cas, CasError, swap};
use spin_sdk::wit::wasi::keyvalue::store::{Bucket, Error as KeyValueError, open};

/// A key-value store of the host. `wasi:keyvalue` and not Spin's own interface to the
/// same stores, as it has a compare-and-swap, by which no change is lost.
pub(crate) struct KeyValue {
    bucket: Bucket,
    label: String,
}

/// How often a value is read anew because another instance changed it meanwhile.
const MOST_ATTEMPTS: usize = 1000;

impl KeyValue {
    /// The store that the host calls `label`.
    ///
    /// # Errors
    ///
    /// It has none, or this component may not use it.
    pub(crate) fn open(label: &str) -> Result<Self> {
        let bucket = open(label).map_err(|error| failed(label, &error))?;
        Ok(Self { bucket, label: label.to_owned() })
    }

    fn change(&self, key: &str, change: Change<'_>) -> Result<()> {
        let failed = |error| failed(&self.label, &error);
        let mut cas = Cas::new(&self.bucket, key).map_err(failed)?;
        for _ in 0..MOST_ATTEMPTS {
            let before = cas.current().map_err(failed)?;
            let Some(item) = change(before.as_deref()) else { return Ok(()) };
            cas = match swap(cas, &item.value) {
                Ok(()) => return Ok(()),
                Err(CasError::CasFailed(newer)) => newer,
                Err(CasError::StoreError(error)) => return Err(failed(error)),
            };
        }
        Err(Error::new(ErrorKind::Internal, format!("others kept changing `{key}` of the store")))
    }
}

impl Store for KeyValue {
    fn about(&self) -> About {
        About {
            name: format!("key-value `{}`", self.label),
            reach: Reach::Global,
            updates: Updates::Exact,
            interval: std::time::Duration::ZERO,
        }
    }

    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        let value = self.bucket.get(key).map_err(|error| failed(&self.label, &error));
        Box::pin(ready(value.map(|value| value.map(Bytes::from))))
    }

    fn put<'a>(&'a self, key: &'a str, item: Item) -> StoreFuture<'a, ()> {
        let done = self.bucket.set(key, &item.value);
        Box::pin(ready(done.map_err(|error| failed(&self.label, &error))))
    }

    fn delete<'a>(&'a self, key: &'a str) -> StoreFuture<'a, ()> {
        Box::pin(ready(self.bucket.delete(key).map_err(|error| failed(&self.label, &error))))
    }

    fn update<'a>(&'a self, key: &'a str, change: Change<'a>) -> StoreFuture<'a, ()> {
        Box::pin(ready(self.change(key, change)))
    }
}

fn failed(label: &str, error: &KeyValueError) -> Error {
    let reason = match error {
        KeyValueError::NoSuchStore => "the host has none of that name",
        KeyValueError::AccessDenied => "the component's key_value_stores do not name it",
        KeyValueError::Other(reason) => reason,
    };
    Error::new(ErrorKind::ModelUnavailable, format!("the key-value store `{label}` cannot be used: {reason}"))
}
