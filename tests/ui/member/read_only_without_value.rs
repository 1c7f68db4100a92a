use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: u64,
    #[put(read_only)]
    created_at: u64,
    #[put(read_only)]
    #[serde(default)]
    visits: u64,
    #[put(read_only)]
    checked: Option<u64>,
}

fn main() {}
