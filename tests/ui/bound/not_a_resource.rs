use put_core::{Endpoint, MemoryStore};

struct User {
    id: u64,
}

fn main() {
    let _: Endpoint<User> = Endpoint::new(MemoryStore::new());
}
