//! Stores that fail, and a store that takes its time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use put_conformance::http::{Connection, Request};
use put_core::change::Change;
use put_core::store::{Deletion, Key, Outcome, Removal, Reply, State, Store, StoreError, StoreFor};
use put_core::{MemoryStore, Precondition};

use super::{get, is_incident, is_problem, log, open, put};
use crate::programs::{exchange, wait_until};
use crate::resources::{Item, Plain};
use crate::servers::{Adapter, Endpoints, Server};

/// What goes wrong in a store that fails.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// Nothing is known to help.
    Failed,
    /// Waiting is.
    Busy,
    /// The code of the store panics, after it has begun.
    Panics,
}

const REASON: &str = "the archivist has gone home";

impl Fault {
    fn reply<T: Send + 'static>(self) -> Reply<T> {
        match self {
            Self::Failed => Reply::ready(Err(StoreError::failed(REASON))),
            Self::Busy => Reply::new(async {
                tokio::task::yield_now().await;
                Err(StoreError::busy(Duration::from_millis(1500), REASON))
            }),
            Self::Panics => Reply::new(async {
                tokio::task::yield_now().await;
                panic!("{REASON}")
            }),
        }
    }
}

/// A store in which reads, writes or both fail.
struct Faulty {
    reads: Option<Fault>,
    writes: Option<Fault>,
    sound: Arc<dyn Store>,
}

impl Store for Faulty {
    fn get(&self, key: &Key) -> Reply<Option<State>> {
        self.reads.map_or_else(|| self.sound.get(key), Fault::reply)
    }

    fn put(&self, key: Key, change: Change, precondition: Precondition) -> Reply<Outcome> {
        self.writes.map_or_else(|| self.sound.put(key, change, precondition), Fault::reply)
    }

    fn delete(&self, key: Key, removal: Removal) -> Reply<Deletion> {
        self.writes.map_or_else(|| self.sound.delete(key, removal), Fault::reply)
    }

    fn list(&self, after: Option<Key>, limit: usize) -> Reply<Vec<State>> {
        self.sound.list(after, limit)
    }
}

fn over(adapter: Adapter, items: Arc<dyn Store>) -> Server {
    Server::with(adapter, Endpoints::<Plain>::over(items, MemoryStore::new(), MemoryStore::new()))
}

fn faulty(adapter: Adapter, reads: Option<Fault>, writes: Option<Fault>) -> Server {
    over(adapter, Arc::new(Faulty { reads, writes, sound: MemoryStore::<Item>::new().into_store() }))
}

const GOOD: &str = r#"{"name":"n"}"#;

#[test]
fn a_read_that_fails_is_500_and_never_an_absence() {
    log::keep();
    for adapter in Adapter::BOTH {
        let server = faulty(adapter, Some(Fault::Failed), None);
        is_incident(&get(&server, "/items/1"), 500, REASON);
        let conditional = |request: Request| exchange(server.addr(), &request.field("If-Match", "\"x\""));
        is_incident(&conditional(Request::get("/items/1")), 500, REASON);
        // The first look at the preconditions: with Expect, with much content, and owed after bad content.
        let expects = conditional(Request::put("/items/1").field("Expect", "100-continue").json(GOOD));
        is_incident(&expects, 500, REASON);
        let much = format!(r#"{{"name":"{}"}}"#, "x".repeat(100_000));
        is_incident(&conditional(Request::put("/items/1").json(&much)), 500, REASON);
        is_incident(&conditional(Request::put("/items/1").json("{")), 500, REASON);
        // A write asks nothing but the store's own verdict.
        assert_eq!(put(&server, "/items/1", GOOD).status, 201);
        is_problem(&conditional(Request::put("/items/1").json(GOOD)), 412);
    }
}

#[test]
fn a_write_that_fails_is_500_or_503_and_says_when_to_come_back() {
    log::keep();
    for adapter in Adapter::BOTH {
        for (fault, status, wait) in [(Fault::Failed, 500, None), (Fault::Busy, 503, Some("2"))] {
            let server = faulty(adapter, None, Some(fault));
            let update_only = Request::put("/existing/items/1").json(GOOD);
            let delete = Request::delete("/removable/items/1");
            let create = Request::put("/items/1").field("If-None-Match", "*").json(GOOD);
            for request in [create, update_only, delete] {
                let answer = exchange(server.addr(), &request);
                is_incident(&answer, status, REASON);
                assert_eq!(answer.field("Retry-After"), wait);
            }
            is_problem(&put(&server, "/items/1", "{}"), 422);
            is_problem(&get(&server, "/items/1"), 404);
        }
        // A panic in a write that has begun is an answer too.
        let server = faulty(adapter, None, Some(Fault::Panics));
        is_incident(&put(&server, "/items/1", GOOD), 500, "before the write had ended");
        is_problem(&get(&server, "/items/1"), 404);
    }
}

/// A store that writes in two steps and takes its time between them. A read takes its time as well.
struct Slow {
    sound: Arc<dyn Store>,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    writes_begun: AtomicUsize,
    writes_ended: AtomicUsize,
    reads_begun: AtomicUsize,
    reads_dropped: AtomicUsize,
}

struct CountDrop(Arc<Counts>);

impl Drop for CountDrop {
    fn drop(&mut self) {
        self.0.reads_dropped.fetch_add(1, Ordering::SeqCst);
    }
}

impl Store for Slow {
    fn get(&self, key: &Key) -> Reply<Option<State>> {
        let (read, counts) = (self.sound.get(key), Arc::clone(&self.counts));
        if counts.writes_begun.load(Ordering::SeqCst) > 0 {
            return read;
        }
        Reply::new(async move {
            counts.reads_begun.fetch_add(1, Ordering::SeqCst);
            let _dropped = CountDrop(Arc::clone(&counts));
            tokio::time::sleep(Duration::from_mins(1)).await;
            read.await
        })
    }

    fn put(&self, key: Key, change: Change, precondition: Precondition) -> Reply<Outcome> {
        let (sound, counts) = (Arc::clone(&self.sound), Arc::clone(&self.counts));
        Reply::new(async move {
            counts.writes_begun.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(300)).await;
            let outcome = sound.put(key, change, precondition).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
            counts.writes_ended.fetch_add(1, Ordering::SeqCst);
            outcome
        })
    }

    fn delete(&self, key: Key, removal: Removal) -> Reply<Deletion> {
        self.sound.delete(key, removal)
    }

    fn list(&self, after: Option<Key>, limit: usize) -> Reply<Vec<State>> {
        self.sound.list(after, limit)
    }
}

/// Sends a request on a connection that has an answer to another one waiting, which the client does not read. Closing
/// it is then abrupt, so that the server cannot take it for the end of what the client has to say.
fn asks(server: &Server, request: &Request) -> Connection {
    let mut connection = open(server);
    connection.write_head(&Request::get("/pages/none"));
    thread::sleep(Duration::from_millis(20));
    connection.write_head(request);
    connection.write_content(request);
    connection
}

#[test]
fn a_write_that_has_begun_ends_although_its_client_has_left() {
    for adapter in Adapter::BOTH {
        let counts = Arc::<Counts>::default();
        let sound = MemoryStore::<Item>::new().into_store();
        let server = over(adapter, Arc::new(Slow { sound, counts: Arc::clone(&counts) }));
        let count = |counter: &AtomicUsize| counter.load(Ordering::SeqCst);

        // The framework really drops what it does for a client that leaves: a read ends there.
        let connection = asks(&server, &Request::get("/items/1"));
        wait_until(|| count(&counts.reads_begun) == 1);
        drop(connection);
        wait_until(|| count(&counts.reads_dropped) == 1);

        let put = |id| asks(&server, &Request::put(format!("/items/{id}")).json(GOOD));
        let connections: Vec<_> = (0..5).map(put).collect();
        wait_until(|| count(&counts.writes_begun) == 5);
        drop(connections);
        wait_until(|| count(&counts.writes_ended) == 5);
        for id in 0..5 {
            assert_eq!(get(&server, &format!("/items/{id}")).status, 200, "{adapter:?}");
        }
        thread::sleep(Duration::from_millis(20));
        assert_eq!(count(&counts.writes_begun), 5, "each was written once");
    }
}
