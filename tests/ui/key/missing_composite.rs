use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/{tenant}/widgets/{id}")]
struct Widget {
    tenant: String,
    id: u64,
}

fn main() {}
