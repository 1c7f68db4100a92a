//! Resources in a crate that denies every warning, as callers do, and that knows put-core by another name. That this
//! compiles, and that clippy has nothing to say, is the test.
#![deny(warnings, missing_docs, unused, unreachable_pub, unused_qualifications, unused_results)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery)]

use renamed_core::PutResource;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// Every word of the common classes, on a generic struct.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, PutResource)]
#[put(path = "/articles/{slug}", allow_unknown, crate = "::renamed_core")]
#[serde(rename_all = "camelCase", bound = "T: Serialize + DeserializeOwned")]
pub struct Article<T: Clone, const N: usize> {
    /// The key.
    #[put(key, pattern = "[a-z]+")]
    pub slug: String,
    /// Any value.
    #[serde(default = "Vec::new", alias = "parts")]
    pub items: Vec<T>,
    /// Cleared when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// Never changes.
    #[put(immutable)]
    pub first_author: String,
    /// Must be named.
    #[put(required)]
    pub reviewer: Option<String>,
    /// Counted by the server.
    #[put(version, echo = "require_equal")]
    pub revision: u64,
    /// Set by the server.
    #[put(read_only, on_create = OffsetDateTime::now_utc())]
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// Set by the server with each change.
    #[put(read_only, last_modified, on_replace = OffsetDateTime::now_utc())]
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
    /// Members of its own.
    #[serde(flatten)]
    pub layout: Layout<N>,
    secret: Secret<T>,
}

/// Every word for what a client need not send again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, PutResource)]
#[put(path = "/{realm}/logins/{name}", crate = "::renamed_core")]
#[serde(bound = "T: Serialize + DeserializeOwned")]
pub struct Login<T> {
    /// The key.
    #[put(key, pattern = "[a-z]+")]
    pub name: String,
    /// The other half of it.
    #[put(key)]
    pub realm: u64,
    /// Fixed at creation.
    #[put(create_only, absent = "clear")]
    pub origin: Option<T>,
    /// Never shown.
    #[put(write_only, store_with = without_padding)]
    pub password: String,
    /// Never shown, and not always there.
    #[put(write_only, absent = "keep", store_with = |hint: T| Ok::<T, String>(hint))]
    pub hint: Option<T>,
    /// Set by another program.
    #[put(read_only, echo = "reject")]
    pub seen: Option<u64>,
}

fn without_padding(mut password: String) -> String {
    password.truncate(password.trim_end().len());
    password
}

impl<T: Clone, const N: usize> Article<T, N> {
    /// An article as a client sends it, without what the server sets.
    #[must_use]
    pub fn new(slug: &str, layout: Layout<N>) -> Self {
        Self {
            slug: slug.to_owned(),
            items: Vec::new(),
            subtitle: None,
            first_author: String::new(),
            reviewer: None,
            revision: 0,
            created_at: OffsetDateTime::UNIX_EPOCH,
            updated_at: OffsetDateTime::UNIX_EPOCH,
            layout,
            secret: Secret(None),
        }
    }
}

/// Bounds with a private type are no part of the interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Secret<T>(Option<T>);

/// A flattened part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout<const N: usize> {
    /// A member.
    pub columns: u8,
}
