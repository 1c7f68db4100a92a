use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{userId}")]
struct User {
    #[put(key)]
    #[serde(rename = "userId")]
    user_id: u64,
}

fn main() {}
