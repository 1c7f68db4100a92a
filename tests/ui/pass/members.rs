//! Every class of member, with what may stand beside it, in a crate that denies every warning.
#![deny(warnings, unused)]

use put_core::{MemoryStore, PutResource};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/{shop}/accounts/{name}")]
struct Account {
    #[put(key, pattern = "(?i)[a-z]+|[0-9]{4}")]
    shop: String,
    #[put(key, pattern = "^[a-z0-9-]{1,64}$", column = "account_name")]
    name: String,
    #[put(read_only, echo = "ignore", on_create = 1)]
    made: u64,
    #[put(read_only, echo = "require_equal", last_modified, on_replace = 2)]
    changed: u64,
    #[put(echo = "reject", read_only)]
    seen: Option<u64>,
    #[put(version, echo = "require_equal")]
    version: u64,
    #[put(create_only)]
    currency: String,
    #[put(create_only, absent = "keep")]
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    #[put(create_only, absent = "clear")]
    #[serde(default)]
    kind: u8,
    #[put(write_only, store_with = hash)]
    password: String,
    #[put(write_only, absent = "keep", store_with = |pin: u16| pin.checked_mul(2).ok_or("is too large"))]
    pin: Option<u16>,
    #[put(write_only, absent = "clear", store_with = Self::trimmed, column_type = "text")]
    #[serde(default, alias = "hint")]
    reminder: String,
    #[put(write_only)]
    #[serde(with = "plain")]
    token: String,
}

impl Account {
    fn trimmed(text: String) -> Result<String, std::fmt::Error> {
        Ok(text.trim().to_owned())
    }
}

/// A type that has to be able to be kept, too.
#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/safes/{id}")]
struct Safe<T> {
    #[put(key)]
    id: u64,
    #[put(write_only, store_with = twice)]
    inside: Vec<T>,
    #[put(write_only, absent = "keep", store_with = std::convert::identity)]
    more: Option<T>,
}

fn hash(password: String) -> String {
    password.chars().rev().collect()
}

fn twice<T>(inside: Vec<T>) -> Vec<T> {
    inside
}

mod plain {
    pub fn serialize<S: serde::Serializer>(value: &str, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(value)
    }

    pub fn deserialize<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        serde::Deserialize::deserialize(deserializer)
    }
}

fn main() {
    let accounts = Account::endpoint(MemoryStore::new());
    assert_eq!(accounts.path(), "/{shop}/accounts/{name}");
    assert_eq!(Account::key_from(&["Shop", "a-1"]), Some(("Shop".to_owned(), "a-1".to_owned())));
    assert_eq!(Safe::<u8>::endpoint(MemoryStore::new()).path(), "/safes/{id}");
}
