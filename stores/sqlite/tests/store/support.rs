//! What the tests share: a resource, changes without an engine, a look at the file from outside.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use put_core::change::Change;
use put_core::store::{Deletion, Key, KeyPart, Outcome, Removal, Reply, State, Store, StoreError, StoreFor};
use put_core::{Endpoint, Precondition, PutResource};
use put_sqlite::Database;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
#[put(path = "/api/users/{id}")]
pub(crate) struct User {
    #[put(key)]
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) nickname: Option<String>,
}

pub(crate) fn user(id: u64, name: &str) -> User {
    User { id, name: name.into(), nickname: None }
}

pub(crate) fn folder() -> TempDir {
    TempDir::new().expect("a folder for the test")
}

pub(crate) fn open(folder: &TempDir) -> Database {
    Database::open(folder.path().join("app.db")).expect("the database opens")
}

/// The port of a store, for tests that hand changes to it without waiting for each.
pub(crate) fn port<R: PutResource>(database: &Database) -> Arc<dyn Store> {
    database.store::<R>().expect("the store opens").into_store()
}

pub(crate) fn key(id: u64) -> Key {
    KeyPart::Integer(id.into()).into()
}

/// Takes the changes that an endpoint makes, and never answers well.
#[derive(Default)]
struct Catcher(Mutex<Option<(Key, Change)>>);

impl Store for Catcher {
    fn get(&self, _key: &Key) -> Reply<Option<State>> {
        Reply::ready(Ok(None))
    }

    fn put(&self, key: Key, change: Change, _precondition: Precondition) -> Reply<Outcome> {
        *self.0.lock().unwrap() = Some((key, change));
        Reply::ready(Err(StoreError::failed("caught")))
    }

    fn delete(&self, _key: Key, _removal: Removal) -> Reply<Deletion> {
        Reply::ready(Ok(Deletion::Absent))
    }

    fn list(&self, _after: Option<Key>, _limit: usize) -> Reply<Vec<State>> {
        Reply::ready(Ok(Vec::new()))
    }
}

/// The key and the change that a PUT of this value comes to.
pub(crate) async fn change<R: PutResource>(value: R) -> (Key, Change) {
    let catcher = Arc::new(Catcher::default());
    let endpoint: Endpoint<R> = R::endpoint(Arc::clone(&catcher) as Arc<dyn Store>);
    let _ = endpoint.put(value, Precondition::none()).await;
    catcher.0.lock().unwrap().take().expect("the value is one that may be put")
}

/// Hands a user to the store; the answer comes later.
pub(crate) async fn put(store: &dyn Store, user: User) -> Reply<Outcome> {
    let (key, change) = change(user).await;
    store.put(key, change, Precondition::none())
}

/// A connection of somebody else. The database itself must not be read as a file while it is open here: closing that
/// would drop the locks.
pub(crate) fn elsewhere(path: &Path) -> Connection {
    let connection = Connection::open(path).expect("SQLite opens the file");
    connection.busy_timeout(Duration::from_secs(10)).unwrap();
    connection
}

/// Keeps the writer waiting, so that what is put meanwhile becomes one batch: the first job is taken alone, and waits.
pub(crate) struct Blocked(Connection);

impl Blocked {
    pub(crate) async fn new(path: &Path, store: &dyn Store) -> (Self, Reply<Outcome>) {
        let connection = elsewhere(path);
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        let first = put(store, user(u64::MAX, "the first")).await;
        std::thread::sleep(Duration::from_millis(100));
        (Self(connection), first)
    }

    pub(crate) fn release(self) {
        self.0.execute_batch("COMMIT").unwrap();
    }
}

/// How many transactions the write-ahead log holds: the frames that carry the size of the file.
pub(crate) fn commits(database: &Path) -> usize {
    let mut log = database.as_os_str().to_owned();
    log.push("-wal");
    let Ok(log) = std::fs::read(log) else { return 0 };
    let word = |at: usize| u32::from_be_bytes(log[at..at + 4].try_into().unwrap());
    if log.len() < 32 {
        return 0;
    }
    let (page, salts) = (word(8) as usize, &log[16..24]);
    let frames = (32..).step_by(24 + page).take_while(|at| at + 24 + page <= log.len());
    frames.filter(|at| &log[at + 8..at + 16] == salts && word(at + 4) != 0).count()
}

/// The variable that tells a test that it is the child of itself.
const CHILD: &str = "PUT_SQLITE_TEST_CHILD";

/// The argument of the parent, if this is the child.
pub(crate) fn as_child() -> Option<OsString> {
    env::var_os(CHILD)
}

/// This test again, in a process of its own.
pub(crate) fn child(test: &str, argument: &Path) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture"]).env(CHILD, argument);
    command
}
