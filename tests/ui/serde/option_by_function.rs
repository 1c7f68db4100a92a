use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: u64,
    #[serde(with = "text")]
    a: Option<u64>,
    #[serde(deserialize_with = "text::deserialize")]
    b: Option<u64>,
    #[serde(with = "text", default)]
    c: Option<u64>,
    #[serde(serialize_with = "text::serialize")]
    d: Option<u64>,
}

mod text {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(value: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
        value.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
        Option::deserialize(deserializer)
    }
}

fn main() {}
