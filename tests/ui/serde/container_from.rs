use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
#[serde(from = "Other", into = "Other")]
struct User {
    #[put(key)]
    id: u64,
}

#[derive(Serialize, Deserialize)]
struct Other {}

impl From<Other> for User {
    fn from(_: Other) -> Self {
        User { id: 0 }
    }
}

impl From<User> for Other {
    fn from(_: User) -> Self {
        Other {}
    }
}

fn main() {}
