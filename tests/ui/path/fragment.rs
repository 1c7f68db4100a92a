use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/widgets#all/{id}")]
struct Widget {
    #[put(key)]
    id: u64,
}

fn main() {}
