use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: u64,
    #[put(read_only, echo)]
    a: Option<u64>,
    #[put(read_only, echo = )]
    b: Option<u64>,
    #[put(read_only, echo = reject)]
    c: Option<u64>,
    #[put(write_only, absent("keep"))]
    d: Option<u64>,
}

fn main() {}
