use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key, garde)]
    id: u64,
    #[put(validator)]
    name: String,
}

fn main() {}
