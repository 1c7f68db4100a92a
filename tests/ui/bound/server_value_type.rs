use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: u64,
    #[put(read_only, on_create = "now")]
    created_at: u64,
    #[put(read_only, on_replace = missing())]
    updated_at: u64,
}

fn main() {}
