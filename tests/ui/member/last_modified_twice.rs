use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: u64,
    #[put(read_only, last_modified, on_replace = 0)]
    a: u64,
    #[put(read_only, last_modified, on_replace = 0)]
    b: u64,
}

fn main() {}
