//! A real PostgreSQL server for a test, an example or a measurement, which is gone after it.
//!
//! [`Server::start`] finds the programs of PostgreSQL on this machine, initialises a cluster in a folder of its own, and
//! starts it on a free port of 127.0.0.1. The server is as durable as any (`fsync` is on), because tests crash it and
//! measurements time it. It is stopped, and its folder removed, when the value is dropped, and also when the process
//! ends in any other way: see [`Server`].
//!
//! [`shared`] is one server for a whole test binary, or the one that `DATABASE_URL` names.
//!
//! ```no_run
//! let database = match put_throwaway_postgres::shared() {
//!     Ok(database) => database,
//!     Err(unavailable) => {
//!         eprintln!("\nSKIPPED: {unavailable}");
//!         return;
//!     }
//! };
//! let schema = put_throwaway_postgres::schema_name("users");
//! println!("connect to {} and create schema {schema}", database.url());
//! ```
//!
//! It uses no driver: whoever needs a server has one.

mod find;
mod guard;
mod process;
mod server;
mod shared;
mod unavailable;
mod user;

pub use find::find;
pub use server::Server;
pub use shared::{Database, schema_name, shared};
pub use unavailable::Unavailable;
