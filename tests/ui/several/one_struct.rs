use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}/", allow_unknown, allow_unknown)]
#[serde(default)]
struct User {
    #[put(key, immutable)]
    id: Option<u64>,
    #[put(read_only)]
    created_at: u64,
    #[put(on_create = 0)]
    updated_at: u64,
    #[serde(skip)]
    secret: String,
    #[put(unique)]
    email: String,
}

impl Default for User {
    fn default() -> Self {
        User { id: None, created_at: 0, updated_at: 0, secret: String::new(), email: String::new() }
    }
}

// A struct with errors is still a resource, so nothing is reported here.
fn main() {
    User::endpoint(put_core::MemoryStore::new());
}
