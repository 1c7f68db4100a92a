use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: u64,

    #[put(version, read_only, immutable, create_only, write_only, required, on_create = 1, on_replace = 2, last_modified)]
    version: u64,
}

fn main() {}
