//! A resource that callers share, rules that answer at once or wait, and requests in somebody's name. One file, because
//! all of it is what one test of rules needs.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use put_core::change::Change;
use put_core::store::{Deletion, Key, Outcome, Removal, Reply, State, Store, StoreError, StoreFor as _};
use put_core::{Admission, Caller, Endpoint, Engine, Head, MemoryStore, Precondition, PutResource, Stored};
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, Semaphore};
use tokio::time::timeout;

use crate::support::Answer;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
#[put(path = "/stock/{id}")]
pub(crate) struct Stock {
    #[put(key)]
    pub(crate) id: u64,
    pub(crate) tenant: String,
    #[put(immutable)]
    pub(crate) unit: String,
    pub(crate) quantity: i64,
}

/// When what has not happened yet will not.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who makes a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct User(pub(crate) &'static str);

pub(crate) fn of(tenant: &str, quantity: i64) -> Stock {
    Stock { id: 1, tenant: tenant.to_owned(), unit: "kg".to_owned(), quantity }
}

/// The content that puts this quantity.
pub(crate) fn content(quantity: i64) -> String {
    format!(r#"{{"tenant":"a","unit":"kg","quantity":{quantity}}}"#)
}

/// A switch of a mount.
pub(crate) type Switched = fn(Endpoint<Stock, User>) -> Endpoint<Stock, User>;

pub(crate) fn memory() -> Arc<dyn Store> {
    MemoryStore::<Stock>::new().into_store()
}

pub(crate) fn stock() -> Endpoint<Stock, User> {
    over(memory())
}

pub(crate) fn over(store: Arc<dyn Store>) -> Endpoint<Stock, User> {
    Stock::endpoint(store).caller()
}

/// What is stored under the key 1, whoever may see it.
pub(crate) async fn current(store: &Arc<dyn Store>) -> Option<Stored<Stock>> {
    Stock::endpoint(Arc::clone(store)).get(&1).await.unwrap()
}

/// Puts without asking anybody.
pub(crate) async fn given(store: &Arc<dyn Store>, stock: Stock) -> Stored<Stock> {
    Stock::endpoint(Arc::clone(store)).put(stock, Precondition::none()).await.unwrap().into_stored()
}

/// How a rule comes to its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    AtOnce,
    Waits,
}

impl Pace {
    pub(crate) const BOTH: [Self; 2] = [Self::AtOnce, Self::Waits];

    pub(crate) async fn pass(self) {
        if self == Self::Waits {
            tokio::task::yield_now().await;
        }
    }
}

/// One request in the name of somebody, or of nobody.
#[derive(Clone, Debug)]
pub(crate) struct Sent<'a> {
    pub(crate) caller: Option<User>,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) fields: Vec<(&'a str, &'a str)>,
    pub(crate) content: String,
}

impl<'a> Sent<'a> {
    pub(crate) fn new(method: &'a str, fields: &[(&'a str, &'a str)], content: impl Into<String>) -> Self {
        let fields = fields.to_vec();
        Self { caller: Some(User("a")), method, path: "/stock/1", fields, content: content.into() }
    }

    /// A PUT of JSON.
    pub(crate) fn put(fields: &[(&'a str, &'a str)], content: impl Into<String>) -> Self {
        let mut sent = Self::new("PUT", fields, content);
        sent.fields.push(("content-type", "application/json"));
        sent
    }

    /// A PUT of this quantity.
    pub(crate) fn quantity(quantity: i64) -> Self {
        Self::put(&[], content(quantity))
    }

    pub(crate) fn by(mut self, caller: Option<&'static str>) -> Self {
        self.caller = caller.map(User);
        self
    }

    pub(crate) fn at(mut self, path: &'a str) -> Self {
        self.path = path;
        self
    }

    /// The answer, and whether the content was read for it.
    pub(crate) async fn answered(&self, engine: &Arc<Engine>) -> (Answer, bool) {
        let length = self.content.len().to_string();
        let admission = {
            let mut head = Head::new(self.method, self.path, engine.path());
            for (name, value) in &self.fields {
                head.field(name, value.as_bytes());
            }
            if self.content.is_empty() {
                head.without_content();
            } else if !self.fields.iter().any(|(name, _)| *name == "content-length") {
                head.field("content-length", length.as_bytes());
            }
            head.caller(Caller::of(self.caller.clone()));
            engine.admit(&head).await
        };
        match admission {
            Admission::Answer(response) => (Answer(response), false),
            Admission::Content(admitted) => (Answer(admitted.apply(self.content.clone().into()).await), true),
        }
    }

    pub(crate) async fn to(&self, engine: &Arc<Engine>) -> Answer {
        self.answered(engine).await.0
    }
}

/// All that a client sees of an answer, but the time and the id of an incident, which are no two times the same.
pub(crate) fn seen(answer: &Answer) -> (u16, Vec<(&'static str, String)>, String) {
    let fields = answer.0.fields().iter().filter(|(field, _)| field.name() != "date");
    let fields = fields.map(|(field, value)| (field.name(), String::from_utf8_lossy(value).into_owned())).collect();
    let text = answer.text();
    let text = match text.split_once("urn:put:incident:") {
        Some((before, after)) => {
            format!("{before}{}", after.trim_start_matches(|digit: char| digit.is_ascii_hexdigit()))
        }
        None => text,
    };
    (answer.status(), fields, text)
}

/// Polls a request once, as far as it goes by itself, and takes it away: the client has left.
pub(crate) async fn left<T>(request: impl Future<Output = T>) {
    let mut request = pin!(request);
    poll_fn(|context| {
        assert!(request.as_mut().poll(context).is_pending(), "it is under way");
        Poll::Ready(())
    })
    .await;
}

/// What rules and stores were asked, in order.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>, Arc<Notify>);

impl Log {
    pub(crate) fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
        self.1.notify_waiters();
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// Waits until there are so many notes.
    pub(crate) async fn reaches(&self, count: usize) -> Vec<String> {
        let reached = async {
            loop {
                let mut noted = pin!(self.1.notified());
                noted.as_mut().enable();
                let all = self.all();
                if all.len() >= count {
                    return all;
                }
                noted.await;
            }
        };
        timeout(PATIENCE, reached).await.unwrap_or_else(|_| panic!("no more was noted than {:?}", self.all()))
    }
}

thread_local! {
    /// Whether a store is at work on this thread.
    static IN_STORE: Cell<bool> = const { Cell::new(false) };
}

/// Whether this is asked in a store.
pub(crate) fn is_in_store() -> bool {
    IN_STORE.get()
}

fn in_store<T>(write: impl FnOnce() -> T) -> T {
    IN_STORE.set(true);
    let written = write();
    IN_STORE.set(false);
    written
}

/// A store that counts what it is asked, and whose writes wait for a turn if there is one.
pub(crate) struct Watched {
    store: Arc<dyn Store>,
    pub(crate) reads: AtomicUsize,
    pub(crate) writes: AtomicUsize,
    pub(crate) turns: Option<Arc<Semaphore>>,
}

impl Watched {
    pub(crate) fn new(turns: Option<Arc<Semaphore>>) -> Arc<Self> {
        Arc::new(Self { store: memory(), reads: AtomicUsize::new(0), writes: AtomicUsize::new(0), turns })
    }

    fn in_turn<T: Send + 'static>(&self, write: impl FnOnce(&dyn Store) -> Reply<T> + Send + 'static) -> Reply<T> {
        self.writes.fetch_add(1, Ordering::SeqCst);
        let store = Arc::clone(&self.store);
        match self.turns.clone() {
            None => in_store(|| write(&*store)),
            Some(turns) => Reply::new(async move {
                turns.acquire().await.map_err(StoreError::failed)?.forget();
                write(&*store).await
            }),
        }
    }
}

impl Store for Watched {
    fn get(&self, key: &Key) -> Reply<Option<State>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.store.get(key)
    }

    fn put(&self, key: Key, change: Change, precondition: Precondition) -> Reply<Outcome> {
        self.in_turn(move |store| store.put(key, change, precondition))
    }

    fn delete(&self, key: Key, removal: Removal) -> Reply<Deletion> {
        self.in_turn(move |store| store.delete(key, removal))
    }

    fn list(&self, after: Option<Key>, limit: usize) -> Reply<Vec<State>> {
        self.store.list(after, limit)
    }
}
