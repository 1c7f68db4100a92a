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
mod writer;

pub use database::Database;
pub use open_error::OpenError;
pub use options::Options;
pub use store::SqliteStore;
pub use store_options::StoreOptions;
