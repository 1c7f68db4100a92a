use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put()]
struct User {
    #[put(key, path = "/users/{id}")]
    id: u64,
    #[put(allow_unknown)]
    name: String,
}

fn main() {}
