//! The resource that every hand-written server serves; the quickstart's `User`, without the derive.

use serde::{Deserialize, Serialize};

/// One user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The key; the path says it too.
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
