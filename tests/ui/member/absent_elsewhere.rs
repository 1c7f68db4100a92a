use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: u64,
    #[put(absent = "keep")]
    a: Option<u64>,
    #[put(read_only, absent = "clear")]
    b: Option<u64>,
    #[put(immutable, absent = "keep")]
    c: Option<u64>,
}

fn main() {}
