use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
#[serde(rename_all(serialize = "camelCase"))]
struct User {
    #[put(key)]
    id: u64,
    full_name: String,
}

fn main() {}
