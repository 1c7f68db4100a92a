use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{real}", 7)]
struct User {
    #[put("key")]
    id: u64,
    #[put(key)]
    real: u64,
}

fn main() {}
