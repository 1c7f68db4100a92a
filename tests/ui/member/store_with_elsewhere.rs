use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: u64,
    #[put(store_with = hash)]
    a: String,
    #[put(create_only, store_with = hash)]
    b: String,
    #[put(write_only, store_with)]
    c: String,
}

fn hash(password: String) -> String {
    password
}

fn main() {}
