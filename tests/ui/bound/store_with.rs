use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: u64,
    #[put(write_only, store_with = length)]
    a: String,
    #[put(write_only, absent = "keep", store_with = |pin: u16| Some(pin))]
    b: Option<u16>,
    #[put(write_only, store_with = |password: String| Err::<String, Fault>(Fault))]
    c: String,
}

fn length(password: String) -> usize {
    password.len()
}

struct Fault;

fn main() {}
