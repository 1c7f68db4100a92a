use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: u64,
    #[put(on_create = 0)]
    a: u64,
    #[put(on_replace = 0)]
    b: u64,
    #[put(immutable, on_create = 0)]
    c: u64,
    #[put(required, on_create = 0, on_replace = 1)]
    d: u64,
    #[put(create_only, on_create = 0)]
    e: u64,
    #[put(write_only, last_modified)]
    f: u64,
}

fn main() {}
