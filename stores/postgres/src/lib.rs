//! A store of PUT resources in PostgreSQL tables, the ones you already have.
//!
//! ```no_run
//! use put_core::PutResource;
//! use put_postgres::PostgresStore;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize, PutResource)]
//! #[put(path = "/api/users/{id}")]
//! struct User {
//!     #[put(key)]
//!     id: i64,
//!     name: String,
//!     #[put(column = "mail")]
//!     email: String,
//! }
//!
//! # async fn run() -> Result<(), put_postgres::OpenError> {
//! let store = PostgresStore::<User>::connect("postgres://app@localhost/app").table("app.users").open().await?;
//! let users = User::endpoint(store);
//! # Ok(())
//! # }
//! ```
#![doc = include_str!("manual.md")]
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unreachable)
)]

mod background;
mod batch;
mod catalog;
mod change;
mod column;
mod compare;
mod connections;
mod create_table;
mod delete;
mod line;
mod open_error;
mod options;
mod ordered;
mod queue;
mod read;
mod refusal;
mod row;
mod session;
mod sql;
mod step;
mod store;
mod table;
mod text;
mod trouble;
mod within;

pub use compare::Discrepancy;
pub use create_table::create_table_sql;
pub use open_error::OpenError;
pub use options::Options;
pub use put_core::store::{Done, Written};
pub use store::PostgresStore;
pub use within::Transaction;

/// The pool that [`PostgresStore::new`] takes.
pub use deadpool_postgres;
/// What [`Options::within`] gives to the application.
pub use tokio_postgres;
