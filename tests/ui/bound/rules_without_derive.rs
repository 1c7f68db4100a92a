use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}", garde)]
struct User {
    #[put(key)]
    id: u64,
}

fn main() {}
