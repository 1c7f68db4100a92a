use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: u64,
    #[serde(skip_serializing_if = "String::is_empty")]
    a: String,
    #[serde(skip_serializing_if = "String::is_empty", default)]
    b: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    c: Option<String>,
}

fn main() {}
