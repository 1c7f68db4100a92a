use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
#[serde(default)]
struct User {
    #[put(key)]
    id: u64,
    name: String,
}

impl Default for User {
    fn default() -> Self {
        User { id: 0, name: String::new() }
    }
}

fn main() {}
