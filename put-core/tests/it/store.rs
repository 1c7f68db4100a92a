//! The reference store under the contract of a store.

use std::sync::Arc;

use put_conformance::store::{Opening, Place, block_on, check};
use put_core::change::Change;
use put_core::store::{Deletion, Key, Outcome, Removal, Reply, State, Store, StoreError, StoreFor as _};
use put_core::{MemoryStore, Precondition, PutResource, Task};

struct Memory;

impl Place for Memory {
    fn open<R: PutResource>(&self) -> Opening {
        Ok(MemoryStore::<R>::new().into_store())
    }
}

#[test]
fn the_store_in_memory_keeps_every_rule() {
    let report = block_on(check(|| Memory));
    assert!(report.is_kept(), "{report}");
    // Memory neither outlives the process nor fails; all else is tried.
    let needs = |rule: &str| rule.starts_with("durability::") || rule.starts_with("faults::");
    assert!(report.not_tried().all(|(rule, _)| needs(rule)), "{report}");
}

/// A store that can do nothing without a runtime.
struct Spawning(Arc<dyn Store>);

fn spawned<T: Send + 'static>(reply: Reply<T>) -> Reply<T> {
    let work = tokio::spawn(reply);
    Reply::detached(async { work.await.unwrap_or_else(|error| Err(StoreError::failed(error))) })
}

impl Store for Spawning {
    fn get(&self, key: &Key) -> Reply<Option<State>> {
        spawned(self.0.get(key))
    }

    fn put(&self, key: Key, change: Change, precondition: Precondition) -> Reply<Outcome> {
        let store = Arc::clone(&self.0);
        spawned(Reply::new(async move { store.put(key, change, precondition).await }))
    }

    fn delete(&self, key: Key, removal: Removal) -> Reply<Deletion> {
        let store = Arc::clone(&self.0);
        spawned(Reply::new(async move { store.delete(key, removal).await }))
    }

    fn list(&self, after: Option<Key>, limit: usize) -> Reply<Vec<State>> {
        spawned(self.0.list(after, limit))
    }
}

struct Runtime;

impl Place for Runtime {
    fn open<R: PutResource>(&self) -> Opening {
        Ok(Arc::new(Spawning(MemoryStore::<R>::new().into_store())))
    }

    fn spawn(&self, task: Task) {
        drop(tokio::spawn(task));
    }
}

#[tokio::test]
async fn a_store_that_needs_a_runtime_is_asked_inside_it() {
    let report = check(|| Runtime).await;
    assert!(report.is_kept(), "{report}");
}
