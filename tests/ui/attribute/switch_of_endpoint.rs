use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}", require_precondition, content_limit = 5, authorize = may, dry_run)]
struct User {
    #[put(key)]
    id: u64,
}

fn main() {}
