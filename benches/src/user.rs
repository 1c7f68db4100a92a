//! The resource that every server under measurement serves: the quickstart's `User`, and the same with a version.

use put_core::PutResource;
use serde::{Deserialize, Serialize};

/// One user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, PutResource)]
#[put(path = "/api/users/{id}")]
pub struct User {
    /// The key.
    #[put(key)]
    pub id: u64,
    /// How the user is called.
    pub name: String,
    /// Where the user is reached.
    pub email: String,
    /// What the user may do.
    #[serde(default)]
    pub role: Role,
    /// How friends call the user.
    pub nickname: Option<String>,
}

/// One user, whose entity tag is made from a version instead of from everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, PutResource)]
#[put(path = "/api/users/{id}")]
pub struct UserVersioned {
    /// The key.
    #[put(key)]
    pub id: u64,
    /// How the user is called.
    pub name: String,
    /// Where the user is reached.
    pub email: String,
    /// What the user may do.
    #[serde(default)]
    pub role: Role,
    /// How friends call the user.
    pub nickname: Option<String>,
    /// Counts the changes.
    #[put(version)]
    pub version: u64,
}

/// What a user may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The ordinary case.
    #[default]
    User,
    /// May do everything.
    Admin,
}
