use put_core::PutResource;
use serde::Serialize;

#[derive(Serialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: u64,
}

fn main() {}
