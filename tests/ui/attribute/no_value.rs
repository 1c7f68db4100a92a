use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path)]
struct User {
    #[put(key)]
    id: u64,
    #[put(read_only, on_create)]
    made: u64,
    #[put(read_only, on_replace =)]
    changed: u64,
}

fn main() {}
