use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}/{rest}")]
struct User {
    #[put(key)]
    id: Option<u64>,
    #[put(key)]
    rest: std::option::Option<String>,
}

fn main() {}
