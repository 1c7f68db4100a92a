use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
#[serde(rename_all = "camelCase")]
struct User {
    #[put(key, column = "user_id")]
    id: u64,
    #[put(column = "user_id")]
    number: u64,
    full_name: String,
    #[put(immutable, column = "fullName")]
    nick: String,
    #[put(column = "other")]
    name: String,
    other: String,
    #[put(column = "Other")]
    one_more: String,
}

fn main() {}
