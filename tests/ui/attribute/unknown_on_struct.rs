use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(paht = "/users/{id}", table = "users")]
struct User {
    #[put(key)]
    id: u64,
}

fn main() {}
