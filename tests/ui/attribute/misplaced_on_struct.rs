use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}", key, on_create = 0)]
struct User {
    id: u64,
    name: String,
}

fn main() {}
