use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: u64,
    #[put(column = "address")]
    #[serde(flatten)]
    address: Address,
    #[put(column_type = "jsonb")]
    #[serde(flatten)]
    size: Size,
}

#[derive(Serialize, Deserialize)]
struct Address {
    city: String,
}

#[derive(Serialize, Deserialize)]
struct Size {
    shoes: u8,
}

fn main() {}
