use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/widgets/{id}/{sku}/{name}")]
struct Widget {
    #[put(key)]
    id: u64,
    name: String,
}

fn main() {}
