use put_core::{MemoryStore, PutResource};

struct User {
    id: u64,
}

fn main() {
    User::endpoint(MemoryStore::new());
}
