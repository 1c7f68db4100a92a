//! A store of PUT resources in one SQLite file.
//!
//! ```
//! use put_core::PutResource;
//! use put_sqlite::Database;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize, PutResource)]
//! #[put(path = "/api/users/{id}")]
//! struct User {
//!     #[put(key)]
//!     id: u64,
//!     name: String,
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("app.db");
//! let database = Database::open(path)?;
//! let users = User::endpoint(database.store::<User>()?);
//! # Ok(())
//! # }
//! ```
//!
//! # What it promises
//!
//! - **An acknowledged change is on the disk.** The file has a write-ahead log and `synchronous = FULL`; a change is
//!   answered after the commit that holds it. A read that starts after the answer sees it.
//! - **A precondition is decided in the transaction that writes**, also when another process writes the same file.
//! - **Many changes share one commit.** One thread writes: it takes all changes that wait, decides them in order in
//!   one transaction, commits once and answers all. A change that comes alone waits for nobody. A change that fails,
//!   fails alone.
//! - **The queue is bounded.** When it is full a change is refused as busy, with the time to try again.
//! - **What changes nothing writes nothing.** A batch of such changes costs no commit.
//! - **Reads never wait for the writer.** They run on connections of their own, on the thread that asks; a list runs on
//!   a thread of the store.
//!
//! # In the same transaction
//!
//! What must not be lost is written in [`within`](StoreOptions::within), in the same transaction as the change: an audit
//! row, an outbox from which messages are sent. Its table is the application's own, made with [`Database::set_up`];
//! whoever sends opens the file with [`rusqlite`] and deletes what was sent.
//!
//! ```
//! use put_core::{Precondition, PutResource};
//! use put_sqlite::{Database, rusqlite::Connection};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize, PutResource)]
//! #[put(path = "/api/users/{id}")]
//! struct User {
//!     #[put(key)]
//!     id: u64,
//!     name: String,
//! }
//!
//! /// What the application's authentication leaves in the extensions of a request.
//! #[derive(Clone)]
//! struct Clerk {
//!     name: String,
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("app.db");
//! let database = Database::open(path)?;
//! database.set_up("CREATE TABLE IF NOT EXISTS outbox (place INTEGER PRIMARY KEY, user TEXT NOT NULL, by TEXT, state TEXT) STRICT")?;
//! let users = database
//!     .store_options::<User>()
//!     .within(|transaction, written| {
//!         // The representation, because others read the outbox: it has no `write_only` members, the state has them all.
//!         let state = written.after().map(|state| std::str::from_utf8(state.representation())).transpose()?;
//!         let by = written.caller::<Clerk>().map(|clerk| &*clerk.name);
//!         let sql = "INSERT INTO outbox (user, by, state) VALUES (?1, ?2, ?3)";
//!         transaction.execute(sql, (written.key().to_string(), by, state))?;
//!         Ok(())
//!     })
//!     .open()?;
//! // With rules besides, they come after the caller.
//! let users = User::endpoint(users).caller::<Clerk>();
//! users.put(User { id: 7, name: "Ada".into() }, Precondition::none()).await?;
//! users.put(User { id: 7, name: "Ada".into() }, Precondition::none()).await?; // changes nothing
//!
//! let relay = Connection::open(database.path())?;
//! let lines: Vec<(String, String)> = relay
//!     .prepare("SELECT user, state FROM outbox ORDER BY place")?
//!     .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
//!     .collect::<Result<_, _>>()?;
//! assert_eq!(lines, [("7".to_owned(), r#"{"id":7,"name":"Ada"}"#.to_owned())]);
//! # Ok(())
//! # }
//! ```
//!
//! - The closure runs once for each change that is written, with its own state before and after, in the order in which
//!   they were decided; never for a change that changes nothing or is refused. It finds the tables as its change left them.
//! - Its statements and the change are committed together, or neither is. When it fails or panics, that change fails, and
//!   no other.
//! - It can neither begin nor end a transaction. Such a statement is refused.
//! - It runs on the thread that writes: see [`within`](StoreOptions::within) for what it must not do there.
//!
//! Such changes still share a commit, each behind a savepoint. Stores without it pay nothing for it.
//!
//! # When something goes wrong
//!
//! - *The disk is full*: the change is refused as busy, the old state stays, and the store goes on by itself when there
//!   is space.
//! - *The file is deleted or replaced while it is open*: reads and writes fail, the log says so, and so it stays until
//!   the program opens the database again. The store does not reopen by itself: a new, empty file, or one from a
//!   backup, is a decision for a person. (Checked where a file has an inode; elsewhere an open file stays.)
//! - *The process is killed*: nothing acknowledged is lost; the next open reads the log.
//! - *Another process has rewritten the table for another version of the struct*: changes are refused, so that two
//!   versions do not write over each other.
//!
//! # Metrics
//!
//! With the feature `metrics` these are told to the recorder that the application has installed for the crate
//! [`metrics`](https://docs.rs/metrics), each with the label `store="sqlite"`. Without it nothing is counted.
//!
//! | name | kind | unit | what |
//! |:--|:--|:--|:--|
//! | `put_batch_size` | histogram | changes | decided in one transaction that ended well, whether or not it had something to write |
//! | `put_queue_depth` | histogram | changes | waited when the writer took a batch, those of the batch included |
//! | `put_queue_refused_total` | counter | changes | refused because as many waited as may, in number or in octets |
//!
//! The numbers are those of all databases of the process together.
//!
//! # What is in the file
//!
//! One table for each resource, named after the struct, with the key, the canonical JSON, and the modification date in
//! milliseconds since 1970. A key of several parts has the columns `key_1`, `key_2` and so on.
//!
//! ```sql
//! SELECT key, json ->> 'name', datetime(modified / 1000, 'unixepoch') FROM user;
//! ```
//!
//! The table `put_resource` says which table belongs to which path, and with which members it was written. When the
//! struct has changed, [`Database::store`] brings every document into the new form, or lists those that do not decode;
//! [`StoreOptions::migrate`] mends them. What has changed inside the type of a member does not show in the members:
//! [`StoreOptions::revision`] tells it.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unreachable)
)]

mod database;
mod file_identity;
mod key_column;
mod open_error;
mod options;
mod queue;
mod reader;
mod rewrite;
mod schema;
mod store;
mod store_options;
mod trouble;
mod within;
mod writer;

pub use database::Database;
pub use open_error::OpenError;
pub use options::Options;
pub use put_core::store::{Done, Written};
pub use store::SqliteStore;
pub use store_options::StoreOptions;
pub use within::Transaction;

/// The crate whose types the closure of [`within`](StoreOptions::within) meets: parameters, rows, errors. It also opens
/// the file for an application's other statements, without a second SQLite in the program.
///
/// ```
/// # use put_sqlite::Database;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let database = Database::open(folder.path().join("app.db"))?;
/// # database.set_up("CREATE TABLE outbox (place INTEGER PRIMARY KEY)")?;
/// let relay = put_sqlite::rusqlite::Connection::open(database.path())?;
/// let waiting: i64 = relay.query_row("SELECT count(*) FROM outbox", [], |row| row.get(0))?;
/// # assert_eq!(waiting, 0);
/// # Ok(())
/// # }
/// ```
#[doc(no_inline)]
pub use rusqlite;

/// The examples of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
