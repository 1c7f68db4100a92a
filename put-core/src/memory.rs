//! The reference store: everything in memory, in the order of the keys, behind one lock.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::SystemTime;

use crate::change::{Change, Decision};
use crate::guard::not_under_a_lock;
use crate::precondition::Precondition;
use crate::removal::Removal;
use crate::store::{Deletion, Key, Outcome, Reply, State, Store, StoreError, StoreFor};

/// Keeps the states of one resource in memory, until it is dropped. Clones share them.
///
/// ```
/// use put_core::{MemoryStore, PutResource};
/// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
/// # #[put(path = "/notes/{id}")]
/// # struct Note { #[put(key)] id: u64 }
///
/// let notes = Note::endpoint(MemoryStore::new());
/// ```
pub struct MemoryStore<R> {
    shelf: Arc<Shelf>,
    resource: PhantomData<fn() -> R>,
}

impl<R> MemoryStore<R> {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self { shelf: Arc::default(), resource: PhantomData }
    }
}

impl<R> Default for MemoryStore<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R> Clone for MemoryStore<R> {
    fn clone(&self) -> Self {
        Self { shelf: Arc::clone(&self.shelf), resource: PhantomData }
    }
}

impl<R> fmt::Debug for MemoryStore<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("len", &self.shelf.read().len()).finish()
    }
}

impl<R> StoreFor<R> for MemoryStore<R> {
    fn into_store(self) -> Arc<dyn Store> {
        self.shelf
    }
}

#[derive(Debug, Default)]
struct Shelf(RwLock<BTreeMap<Key, State>>);

impl Shelf {
    // A panic under the lock leaves the map as it was before or after one insertion, never between: the lock is
    // as good as before.
    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<Key, State>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<Key, State>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn decide(&self, key: Key, change: &Change, precondition: &Precondition) -> Result<Outcome, StoreError> {
        let mut states = self.write();
        Ok(match change.decide(states.get(&key), precondition, SystemTime::now())? {
            Decision::Answer(outcome) => outcome,
            Decision::Create(state) => {
                states.insert(key, state.clone());
                Outcome::Created(state)
            }
            Decision::Replace(state) => {
                states.insert(key, state.clone());
                Outcome::Replaced(state)
            }
        })
    }
}

impl Store for Shelf {
    fn get(&self, key: &Key) -> Reply<Option<State>> {
        Reply::ready(not_under_a_lock().map(|()| self.read().get(key).cloned()))
    }

    fn put(&self, key: Key, change: Change, precondition: Precondition) -> Reply<Outcome> {
        Reply::ready(not_under_a_lock().and_then(|()| self.decide(key, &change, &precondition)))
    }

    fn delete(&self, key: Key, removal: Removal) -> Reply<Deletion> {
        if let Err(error) = not_under_a_lock() {
            return Reply::ready(Err(error));
        }
        let mut states = self.write();
        if let Err(deletion) = removal.decide(states.get(&key)) {
            return Reply::ready(Ok(deletion));
        }
        states.remove(&key);
        Reply::ready(Ok(Deletion::Deleted))
    }

    fn list(&self, after: Option<Key>, limit: usize) -> Reply<Vec<State>> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let states =
            || self.read().range((from, Bound::Unbounded)).take(limit).map(|(_, state)| state.clone()).collect();
        Reply::ready(not_under_a_lock().map(|()| states()))
    }
}
