use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: Id,
}

#[derive(Serialize, Deserialize)]
struct Id(u64);

fn main() {}
