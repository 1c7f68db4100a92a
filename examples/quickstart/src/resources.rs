//! The two resources that both quickstarts serve.

use put_core::PutResource;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

#[derive(Clone, Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/api/users/{id}")]
pub(crate) struct User {
    #[put(key)]
    id: u64,
    name: String,
    email: String,
    #[serde(default)] // absent: the default, because a PUT replaces the whole state
    role: Role,
    nickname: Option<String>, // absent: cleared
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    #[default]
    User,
    Admin,
}

#[derive(Clone, Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/api/documents/{slug}")]
pub(crate) struct Document {
    #[put(key)]
    slug: String,
    title: String,
    content: String,
    #[put(read_only, on_create = OffsetDateTime::now_utc())]
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[put(read_only, on_replace = OffsetDateTime::now_utc())]
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
}
