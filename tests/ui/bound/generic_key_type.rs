use put_core::PutResource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User<K> {
    #[put(key)]
    id: K,
}

fn main() {
    User::<f64>::endpoint(put_core::MemoryStore::new());
}
