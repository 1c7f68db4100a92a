use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{real}")]
struct User {
    #[put = "key"]
    id: u64,
    #[put]
    name: String,
    #[put[key]]
    key: u64,
    #[put(key)]
    real: u64,
}

fn main() {}
