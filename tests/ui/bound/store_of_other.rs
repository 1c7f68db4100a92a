use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: u64,
}

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct Other {
    #[put(key)]
    id: u64,
}

fn main() {
    User::endpoint(put_core::MemoryStore::<Other>::new());
}
