use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: u64,
    #[serde(rename(serialize = "fullName", deserialize = "name"))]
    name: String,
    #[serde(rename(serialize = "mail"))]
    email: String,
    #[serde(rename(serialize = "same", deserialize = "same"))]
    other: String,
}

fn main() {}
