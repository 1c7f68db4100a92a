use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/{tenant}/{id}/{price}")]
struct User {
    #[put(key)]
    tenant: Id,
    #[put(key)]
    id: u64,
    #[put(key)]
    price: f64,
}

#[derive(Serialize, Deserialize)]
struct Id(u64);

fn main() {}
