use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}")]
struct User {
    #[put(key, read_only)]
    a: u64,
    #[put(key, read_only, on_create = 0)]
    b: u64,
    #[put(on_replace = 0, key)]
    c: u64,
    #[put(key, immutable)]
    d: u64,
    #[put(key, required)]
    e: u64,
    #[put(key, version)]
    f: u64,
    #[put(key, last_modified)]
    g: u64,
    #[put(key, create_only)]
    h: u64,
    #[put(key, write_only, absent = "keep")]
    i: u64,
}

fn main() {}
