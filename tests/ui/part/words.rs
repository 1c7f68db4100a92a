use put_core::PutPart;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutPart)]
#[put(path = "/addresses/{id}")]
struct Address {
    #[put(immutable)]
    street: String,
}

fn main() {}
