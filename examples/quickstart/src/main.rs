//! Two resources that are created and replaced by PUT, on an embedded SQLite file, served by Axum.
//!
//! `ADDR` is where it listens (`127.0.0.1:3000`; port 0 takes a free one), `DATABASE` the file (`quickstart.db`).

mod resources;
mod stop;
mod try_it;

use std::env;
use std::error::Error;

use axum::Router;
use put_core::PutResource;
use put_sqlite::Database;
use tokio::net::TcpListener;

use resources::{Document, User};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let addr = env::var("ADDR").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let database = Database::open(env::var("DATABASE").unwrap_or_else(|_| "quickstart.db".to_owned()))?;

    let users = User::endpoint(database.store::<User>()?);
    let documents = Document::endpoint(database.store::<Document>()?);
    let app = Router::new().merge(put_axum::router(users.clone())).merge(put_axum::router(documents));

    let listener = TcpListener::bind(&addr).await.map_err(|error| format!("cannot listen on {addr}: {error}"))?;
    let (asked_to_stop, asked) = (stop::asked()?, stop::asked()?);
    try_it::print(listener.local_addr()?, &users).await?;
    let serving = axum::serve(listener, app).with_graceful_shutdown(asked_to_stop);
    let out_of_patience = async {
        asked.await;
        tokio::time::sleep(stop::PATIENCE).await;
    };
    tokio::select! {
        served = serving.into_future() => served?,
        () = out_of_patience => {}
    }
    // What has been accepted is committed before the program ends.
    database.close()?;
    Ok(())
}
