//! The derived `User` on Axum over the memory store.

use put_benches::{User, serve_axum};
use put_core::{MemoryStore, PutResource};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    serve_axum(put_axum::router(User::endpoint(MemoryStore::new()))).await
}
