use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
#[serde(rename_all = "camelCase")]
struct User {
    #[put(key)]
    id: u64,
    #[serde(rename = "id")]
    number: u64,
    full_name: String,
    #[serde(alias = "fullName", alias = "name")]
    nick: String,
    #[serde(alias = "nick")]
    name: String,
}

fn main() {}
