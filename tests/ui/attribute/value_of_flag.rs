use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}", allow_unknown = true)]
struct User {
    #[put(key = "id")]
    id: u64,
    #[put(immutable(true))]
    name: String,
}

fn main() {}
