use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
struct User {
    #[put(key)]
    id: u64,
}

fn main() {}
