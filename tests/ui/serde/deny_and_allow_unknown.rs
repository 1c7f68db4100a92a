use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}", allow_unknown)]
#[serde(deny_unknown_fields)]
struct User {
    #[put(key)]
    id: u64,
}

fn main() {}
