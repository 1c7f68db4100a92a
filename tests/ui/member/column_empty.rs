use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key, column = "")]
    id: u64,
    #[put(column = " ", column_type = "")]
    name: String,
}

fn main() {}
