use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    #[serde(flatten)]
    id: Part,
    #[put(read_only)]
    #[serde(flatten)]
    a: Part,
    #[put(immutable)]
    #[serde(flatten)]
    b: Part,
    #[put(required)]
    #[serde(flatten)]
    c: Part,
    #[put(version)]
    #[serde(flatten)]
    d: Part,
    #[put(read_only, last_modified, on_create = Part {})]
    #[serde(flatten)]
    e: Part,
    #[put(write_only)]
    #[serde(flatten)]
    f: Part,
    #[put(echo = "reject", create_only)]
    #[serde(flatten)]
    g: Part,
}

#[derive(Serialize, Deserialize)]
struct Part {}

fn main() {}
