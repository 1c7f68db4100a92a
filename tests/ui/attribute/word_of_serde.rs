use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}", rename_all = "camelCase")]
struct User {
    #[put(key)]
    id: u64,
    #[put(default)]
    name: String,
}

fn main() {}
