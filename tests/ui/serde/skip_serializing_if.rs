use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    #[serde(skip_serializing_if = "is_zero", default)]
    id: u64,
    #[put(version)]
    #[serde(skip_serializing_if = "is_zero", default)]
    version: u64,
    #[serde(skip_serializing_if = "String::is_empty")]
    a: String,
    #[serde(skip_serializing_if = "String::is_empty", default)]
    b: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    c: Option<String>,
    #[put(write_only, absent = "keep")]
    #[serde(skip_serializing_if = "Option::is_none")]
    d: Option<String>,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

fn main() {}
