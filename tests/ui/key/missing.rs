use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/widgets/{sku}")]
struct Widget {
    sku: String,
    name: String,
}

fn main() {}
