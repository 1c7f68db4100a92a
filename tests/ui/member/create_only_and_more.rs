use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: u64,
    #[put(create_only, immutable)]
    a: u64,
    #[put(create_only, write_only)]
    b: u64,
    #[put(required, create_only, absent = "keep")]
    c: Option<u64>,
}

fn main() {}
