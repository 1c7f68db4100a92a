//! The same with a version and a modification date. Of an item the table knows how it begins and how it ends, so the
//! version stands between the dates.

use put_core::PutResource;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{Place, Size};

#[derive(Clone, Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/items/{id}")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Item {
    #[put(key)]
    id: u64,
    name: String,
    #[serde(default)]
    size: Size,
    note: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    place: Option<Place>,
    count: Option<i64>,
    ratio: Option<f64>,
    #[put(immutable)]
    owner: Option<String>,
    #[put(read_only, on_create = OffsetDateTime::now_utc())]
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[put(version)]
    version: i64,
    #[put(read_only, on_replace = OffsetDateTime::now_utc(), last_modified)]
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
}

#[derive(Clone, Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/pages/{slug}")]
pub(crate) struct Page {
    #[put(key)]
    slug: String,
    title: String,
    #[put(version)]
    version: i64,
    #[put(read_only, on_replace = OffsetDateTime::now_utc(), last_modified)]
    #[serde(with = "time::serde::rfc3339")]
    modified: OffsetDateTime,
}

#[derive(Clone, Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/shelves/{shelf}/slots/{slot}")]
pub(crate) struct Pair {
    #[put(key)]
    shelf: String,
    #[put(key)]
    slot: u32,
    label: String,
    #[put(version)]
    version: i64,
    #[put(read_only, on_replace = OffsetDateTime::now_utc(), last_modified)]
    #[serde(with = "time::serde::rfc3339")]
    modified: OffsetDateTime,
}
