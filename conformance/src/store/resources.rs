//! The resources whose stores are judged. Between them they have every kind of key and every role of a member.

use std::sync::atomic::{AtomicU64, Ordering};

use put_core::PutResource;
use serde::{Deserialize, Serialize};

/// A number as the key, and nothing that the server sets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, PutResource)]
#[put(path = "/notes/{id}")]
pub struct Note {
    /// The key.
    #[put(key)]
    pub id: u64,
    /// Some text.
    pub text: String,
}

impl Note {
    pub(super) fn new(id: u64, text: impl Into<String>) -> Self {
        Self { id, text: text.into() }
    }
}

/// A text as the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, PutResource)]
#[put(path = "/pages/{slug}")]
pub struct Page {
    /// The key.
    #[put(key)]
    pub slug: String,
    /// Some text.
    pub text: String,
}

/// A key of two texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, PutResource)]
#[put(path = "/pairs/{left}/{right}")]
pub struct Pair {
    /// The first part of the key.
    #[put(key)]
    pub left: String,
    /// The second part of the key.
    #[put(key)]
    pub right: String,
    /// Some text.
    pub text: String,
}

/// A key of a text and a number that may be negative.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, PutResource)]
#[put(path = "/shelves/{shelf}/slots/{slot}")]
pub struct Slot {
    /// The first part of the key.
    #[put(key)]
    pub shelf: String,
    /// The second part of the key.
    #[put(key)]
    pub slot: i64,
    /// Some text.
    pub label: String,
}

/// Members that the server sets, and one that never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, PutResource)]
#[put(path = "/cards/{id}")]
pub struct Card {
    /// The key.
    #[put(key)]
    pub id: u64,
    /// Some text.
    pub text: String,
    /// Never changes.
    #[put(immutable)]
    pub owner: String,
    /// Another number at each creation.
    #[put(read_only, on_create = tick())]
    pub created: u64,
    /// Another number at each real change.
    #[put(read_only, on_replace = tick())]
    pub changed: u64,
}

impl Card {
    pub(super) fn new(id: u64, text: &str, owner: &str) -> Self {
        Self { id, text: text.to_owned(), owner: owner.to_owned(), created: 0, changed: 0 }
    }
}

/// A version from which the entity tag is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, PutResource)]
#[put(path = "/drafts/{id}")]
pub struct Draft {
    /// The key.
    #[put(key)]
    pub id: u64,
    /// The version.
    #[put(version)]
    pub version: u64,
    /// Some text.
    pub text: String,
}

impl Draft {
    pub(super) fn new(id: u64, text: &str) -> Self {
        Self { id, version: 0, text: text.to_owned() }
    }
}

/// Members that are never shown, and some that stay when a client leaves them out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, PutResource)]
#[put(path = "/logins/{id}")]
pub struct Login {
    /// The key.
    #[put(key)]
    pub id: u64,
    /// Some text.
    pub text: String,
    /// Is never shown, and is always there.
    #[put(write_only)]
    pub secret: String,
    /// Is never shown.
    #[put(write_only, absent = "keep")]
    pub hint: Option<String>,
    /// Is set at creation.
    #[put(create_only, absent = "keep")]
    pub origin: Option<String>,
}

impl Login {
    pub(super) fn new(id: u64, text: &str, secret: &str) -> Self {
        let [hint, origin] = ["hint", "origin"].map(|text| Some(text.to_owned()));
        Self { id, text: text.to_owned(), secret: secret.to_owned(), hint, origin }
    }
}

/// Every kind of JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
#[put(path = "/chests/{id}")]
pub struct Chest {
    /// The key.
    #[put(key)]
    pub id: u64,
    /// A whole number that is never negative.
    pub natural: u64,
    /// A whole number.
    pub integer: i64,
    /// A number with a fraction.
    pub ratio: f64,
    /// What may be absent.
    pub maybe: Option<bool>,
    /// Texts.
    pub texts: Vec<String>,
    /// Anything, at any depth.
    pub anything: serde_json::Value,
}

/// A clock that moves at every look.
fn tick() -> u64 {
    static CLOCK: AtomicU64 = AtomicU64::new(1);
    CLOCK.fetch_add(1, Ordering::Relaxed)
}
