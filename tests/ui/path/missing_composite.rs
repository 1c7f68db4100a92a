use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
struct Item {
    #[put(key)]
    tenant: String,
    #[put(key)]
    r#type: String,
}

fn main() {}
