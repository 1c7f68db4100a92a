use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User<'a> {
    #[put(key)]
    id: u64,
    name: &'a str,
}

fn main() {}
