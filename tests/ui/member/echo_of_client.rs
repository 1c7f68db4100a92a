use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: u64,
    #[put(echo = "reject")]
    a: u64,
    #[put(immutable, echo = "ignore")]
    b: u64,
    #[put(write_only, echo = "require_equal")]
    c: u64,
}

fn main() {}
