use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(read_only on_create = 0)]
    made: u64,
    #[put(key)]
    id: u64,
}

fn main() {}
