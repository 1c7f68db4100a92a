use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: u64,
    #[put(read_only, echo = "rejected")]
    a: Option<u64>,
    #[put(read_only, echo = "requireEqual")]
    b: Option<u64>,
    #[put(version, echo = "no")]
    version: u64,
    #[put(write_only, absent = "keeps")]
    c: Option<u64>,
    #[put(create_only, absent = "null")]
    d: Option<u64>,
}

fn main() {}
