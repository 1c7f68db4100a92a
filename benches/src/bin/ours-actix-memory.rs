//! The derived `User` on Actix over the memory store. Actix itself stops at SIGTERM.

use actix_web::{App, HttpServer};
use put_benches::User;
use put_core::{MemoryStore, PutResource};

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let users = User::endpoint(MemoryStore::new());
    let server =
        HttpServer::new(move || App::new().configure(put_actix::configure(users.clone()))).bind(("127.0.0.1", 0))?;
    for address in server.addrs() {
        println!("listening on http://{address}");
    }
    server.run().await
}
