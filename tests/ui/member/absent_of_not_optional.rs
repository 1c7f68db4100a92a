use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: u64,
    #[put(write_only, absent = "keep")]
    a: String,
    #[put(absent = "clear", create_only)]
    b: String,
}

fn main() {}
