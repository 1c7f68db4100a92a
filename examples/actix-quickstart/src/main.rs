//! Two resources that are created and replaced by PUT, on an embedded SQLite file, served by Actix Web.
//!
//! `ADDR` is where it listens (`127.0.0.1:3000`; port 0 takes a free one), `DATABASE` the file (`quickstart.db`).

#[path = "../../quickstart/src/resources.rs"]
mod resources;
#[path = "../../quickstart/src/stop.rs"]
mod stop;
#[path = "../../quickstart/src/try_it.rs"]
mod try_it;

use std::env;
use std::error::Error;
use std::net::TcpListener;

use actix_web::{App, HttpServer};
use put_core::PutResource;
use put_sqlite::Database;

use resources::{Document, User};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let addr = env::var("ADDR").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let database = Database::open(env::var("DATABASE").unwrap_or_else(|_| "quickstart.db".to_owned()))?;

    let users = User::endpoint(database.store::<User>()?);
    let documents = Document::endpoint(database.store::<Document>()?);
    let app = {
        let users = users.clone();
        move || {
            App::new().configure(put_actix::configure(users.clone())).configure(put_actix::configure(documents.clone()))
        }
    };

    let listener = TcpListener::bind(&addr).map_err(|error| format!("cannot listen on {addr}: {error}"))?;
    let bound = listener.local_addr()?;
    // Left to itself Actix Web breaks off the running requests on Ctrl-C, and finishes them on SIGTERM only.
    let server = HttpServer::new(app)
        .shutdown_signal(stop::asked()?)
        .shutdown_timeout(stop::PATIENCE.as_secs())
        .listen(listener)?
        .run();
    try_it::print(bound, &users).await?;
    server.await?;
    // What has been accepted is committed before the program ends.
    database.close()?;
    Ok(())
}
