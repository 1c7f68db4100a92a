use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: u64,
    #[put(write_only, store_with = hash)]
    #[serde(with = "plain")]
    a: String,
    #[put(write_only, store_with = hash)]
    #[serde(deserialize_with = "plain::deserialize")]
    b: String,
    #[put(write_only, store_with = hash)]
    #[serde(serialize_with = "plain::serialize")]
    c: String,
}

fn hash(password: String) -> String {
    password
}

mod plain {
    pub fn serialize<S: serde::Serializer>(value: &str, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(value)
    }

    pub fn deserialize<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        serde::Deserialize::deserialize(deserializer)
    }
}

fn main() {}
