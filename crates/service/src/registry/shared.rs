//! Which models were loaded and unloaded, for the instances that share a store.

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};
use edgeinfer_core::Result;

use super::{Entry, Registry};
use crate::clock::Clock;
use crate::store::{Item, Reach, Store};

/// Where the marks of all models are in the store. The number is that of their form.
const KEY: &str = "edgeinfer-models:1";

/// What was last asked of each version of each model. A version that is in none is as
/// it was when the service started.
type Marks = BTreeMap<(String, String), Mark>;

/// What was asked of a version of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) struct Mark {
    /// Counts what was asked of it: an instance that has seen a lower one is behind.
    pub(super) generation: u64,
    pub(super) unloaded: bool,
}

impl Registry {
    /// Does to the models here what was asked of them at other instances, as `store`
    /// tells; no more often than it wants to be asked.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub(crate) async fn follow(&self, store: &dyn Store, clock: Option<Clock>) -> Result<()> {
        let about = store.about();
        if about.reach == Reach::Instance || !self.pace.is_due(about.interval, clock) {
            return Ok(());
        }
        let Some(bytes) = store.get(KEY).await? else { return Ok(()) };
        let marks = read(&bytes);
        for entry in self.entries().filter(|_| !marks.is_empty()) {
            if let Some(mark) = marks.get(&key(entry)) {
                entry.follow(*mark, clock);
            }
        }
        Ok(())
    }

    /// Tells the other instances that `entries` were unloaded, or loaded anew.
    ///
    /// # Errors
    ///
    /// Those of the store: then it is so at this instance alone.
    pub(crate) async fn announce(&self, store: &dyn Store, entries: &[&Entry], unloaded: bool) -> Result<()> {
        if store.about().reach == Reach::Instance || entries.is_empty() {
            return Ok(());
        }
        let mut after = Marks::new();
        let mut change = |before: Option<&[u8]>| {
            after = before.map(read).unwrap_or_default();
            for entry in entries {
                let mark = after.entry(key(entry)).or_insert(Mark { generation: 0, unloaded });
                *mark = Mark { generation: mark.generation.saturating_add(1), unloaded };
            }
            // Of what is here nothing cannot be written.
            let value = borsh::to_vec(&after).unwrap_or_default().into();
            Some(Item { value, age: None })
        };
        store.update(KEY, &mut change).await?;
        for entry in entries {
            if let Some(mark) = after.get(&key(entry)) {
                entry.saw(*mark);
            }
        }
        Ok(())
    }
}

/// What someone else wrote is none.
fn read(bytes: &[u8]) -> Marks {
    borsh::from_slice(bytes).unwrap_or_default()
}

fn key(entry: &Entry) -> (String, String) {
    (entry.name().to_owned(), entry.version().to_owned())
}
