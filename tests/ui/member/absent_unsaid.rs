use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: u64,
    #[put(write_only)]
    a: Option<String>,
    #[put(create_only)]
    b: Option<String>,
    #[put(write_only)]
    #[serde(default)]
    c: String,
    #[put(create_only, column = "e")]
    #[serde(default = "preset")]
    d: u64,
}

fn preset() -> u64 {
    7
}

fn main() {}
