use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
#[serde(try_from = "Other")]
struct User {
    #[put(key)]
    id: u64,
}

#[derive(Deserialize)]
struct Other {}

impl TryFrom<Other> for User {
    type Error = String;
    fn try_from(_: Other) -> Result<Self, String> {
        Ok(User { id: 0 })
    }
}

fn main() {}
