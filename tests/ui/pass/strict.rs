//! A crate that denies every warning.
#![deny(warnings, missing_docs, unused, unreachable_pub, unused_qualifications, missing_debug_implementations)]

use put_core::{MemoryStore, PutResource};
use serde::{Deserialize, Serialize};

/// A user.
#[derive(Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
pub struct User {
    /// The key.
    #[put(key)]
    pub id: u64,
    /// Set by the server.
    #[put(read_only, on_create = 7)]
    pub made: u64,
}

fn main() {
    let users = User::endpoint(MemoryStore::new());
    assert_eq!(users.path(), "/users/{id}");
}
