use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: u64,
    #[serde(skip)]
    a: u64,
    #[serde(skip_serializing)]
    b: u64,
    #[serde(skip_deserializing)]
    c: u64,
    #[serde(skip_serializing, skip_deserializing)]
    #[put(read_only)]
    d: u64,
}

fn main() {}
