use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: u64,
    #[put(pattern = "[a-z]+")]
    name: String,
    #[put(read_only, pattern = "[a-z]+")]
    #[serde(flatten)]
    part: Part,
}

#[derive(Serialize, Deserialize)]
struct Part {}

fn main() {}
