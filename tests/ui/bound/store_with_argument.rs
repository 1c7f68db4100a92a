use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: u64,
    #[put(write_only, store_with = hash)]
    a: String,
    #[put(write_only, absent = "keep", store_with = hash_option)]
    b: Option<String>,
    #[put(write_only, store_with = 7)]
    c: String,
}

fn hash(password: &str) -> String {
    password.to_owned()
}

fn hash_option(password: Option<String>) -> Option<String> {
    password
}

fn main() {}
