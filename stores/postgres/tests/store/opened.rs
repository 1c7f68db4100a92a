//! A store that is open, and what the tests ask of it.

use std::sync::Arc;

use put_conformance::store::block_on;
use put_core::store::{Deletion, Key, Outcome, Reply, State, Store, StoreError, StoreFor as _};
use put_core::{Endpoint, Precondition, PutResource, Violations};
use put_postgres::{OpenError, Options, PostgresStore};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::support::Schema;

/// One value beside a key: the resource of a table that is about the type of one column.
#[derive(Debug, Serialize, serde::Deserialize, PutResource)]
#[put(path = "/cells/{id}")]
pub(crate) struct Cell<T> {
    #[put(key)]
    pub(crate) id: i64,
    pub(crate) value: T,
}

pub(crate) struct Opened<R> {
    pub(crate) store: Arc<dyn Store>,
    endpoint: Endpoint<R>,
}

/// How a store of this table is opened. Nothing here outlives a crash, so that no commit waits for the disk.
pub(crate) fn options<R: PutResource>(schema: &Schema, table: &str) -> Options<R> {
    PostgresStore::<R>::connect(with_setting(&schema.url, "synchronous_commit=off"))
        .table(schema.table(table))
        .connections(2)
}

/// The URL with a setting of the session.
pub(crate) fn with_setting(url: &str, setting: &str) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}options=-c%20{}", setting.replace('=', "%3D"))
}

/// Opens a store and forgets it.
pub(crate) fn try_open<R: PutResource>(schema: &Schema, table: &str) -> Result<(), OpenError> {
    block_on(options::<R>(schema, table).open()).map(drop)
}

impl<R: PutResource + DeserializeOwned> Opened<R> {
    /// A table that fits.
    pub(crate) fn new(schema: &Schema, table: &str) -> Self {
        Self::with(options(schema, table))
    }

    pub(crate) fn with(options: Options<R>) -> Self {
        let store = block_on(options.open()).unwrap_or_else(|error| panic!("{error}")).into_store();
        Self { endpoint: R::endpoint(Arc::clone(&store)), store }
    }

    /// Hands a change to the store without waiting.
    pub(crate) fn begin(&self, value: &R, precondition: Precondition) -> Reply<Outcome> {
        let (key, change) = self.endpoint.change(value).unwrap();
        self.store.put(key, change, precondition)
    }

    pub(crate) fn put_if(&self, value: &R, precondition: Precondition) -> Result<Outcome, StoreError> {
        block_on(self.begin(value, precondition))
    }

    pub(crate) fn put(&self, value: &R) -> Result<Outcome, StoreError> {
        self.put_if(value, Precondition::none())
    }

    /// What is there now, however it came there.
    pub(crate) fn write(&self, value: &R) -> State {
        state(self.put(value).unwrap())
    }

    /// The resource that a state is.
    #[expect(clippy::unused_self, reason = "it knows the type")]
    pub(crate) fn read(&self, json: &[u8]) -> R {
        serde_json::from_slice(json).unwrap_or_else(|error| panic!("{}: {error}", String::from_utf8_lossy(json)))
    }

    pub(crate) fn key(&self, value: &R) -> Key {
        self.endpoint.change(value).unwrap().0
    }

    pub(crate) fn get(&self, key: &Key) -> Option<State> {
        block_on(self.store.get(key)).unwrap()
    }

    pub(crate) fn delete(&self, key: &Key, precondition: Precondition) -> Result<Deletion, StoreError> {
        block_on(self.store.delete(key.clone(), precondition.into()))
    }

    /// The state that an answer shows is the one that is there, and to put it back changes nothing.
    pub(crate) fn is_steady(&self, key: &Key, state: &State) -> Result<(), String> {
        let json = |state: &State| String::from_utf8_lossy(state.json()).into_owned();
        let got = self.get(key).ok_or("there is nothing to get")?;
        if (got.json(), got.tag(), got.modified()) != (state.json(), state.tag(), state.modified()) {
            return Err(format!("the answer shows {state:?}, and get {got:?}"));
        }
        for precondition in [Precondition::none(), Precondition::if_match(state.tag().clone())] {
            match self.put_if(&self.read(state.json()), precondition.clone()) {
                Ok(Outcome::Unchanged(same)) if same == got => {}
                other => return Err(format!("{} put back, {precondition:?}: {other:?}", json(state))),
            }
        }
        Ok(())
    }
}

/// The state of an answer that has one.
pub(crate) fn state(outcome: Outcome) -> State {
    match outcome {
        Outcome::Created(state) | Outcome::Replaced(state) | Outcome::Unchanged(state) => state,
        other => panic!("no state: {other:?}"),
    }
}

/// The states as text.
pub(crate) fn text(state: &State) -> &str {
    std::str::from_utf8(state.json()).unwrap()
}

/// Where each violation is, and which constraint it is of.
pub(crate) fn told(violations: &Violations) -> Vec<(&str, Option<&str>)> {
    violations.iter().map(|violation| (violation.pointer().as_str(), violation.constraint())).collect()
}
