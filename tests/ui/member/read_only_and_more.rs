use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: u64,

    #[put(read_only, immutable, on_create = 0)]
    a: u64,
    #[put(read_only, required, on_create = 0)]
    b: u64,
    #[put(immutable, read_only, on_create = 0)]
    c: u64,
    #[put(read_only, create_only, on_create = 0)]
    d: u64,
    #[put(write_only, read_only, on_create = 0)]
    e: u64,
}

fn main() {}
