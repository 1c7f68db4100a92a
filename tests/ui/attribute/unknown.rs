use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(keyy)]
    id: u64,
    #[put(read_only, oncreate = 0)]
    made: u64,
    #[put(validate)]
    name: String,
}

fn main() {}
