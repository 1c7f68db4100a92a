use put_core::PutResource;
use serde::Deserialize;

#[derive(Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: u64,
    #[serde(default)]
    name: String,
}

fn main() {}
