use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: u64,
    #[put(write_only, immutable)]
    a: u64,
    #[put(write_only, required)]
    b: u64,
    #[put(write_only, required, absent = "clear")]
    c: Option<u64>,
}

fn main() {}
