use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}", path = "/people/{id}")]
#[put(allow_unknown, allow_unknown)]
struct User {
    #[put(key, key)]
    id: u64,
    #[put(read_only, on_create = 0)]
    #[put(on_create = 1)]
    made: u64,
}

fn main() {}
