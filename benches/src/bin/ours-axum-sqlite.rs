//! The derived `User` on Axum over a database file, named by the argument.

use std::{env, error::Error};

use put_benches::{User, serve_axum};
use put_core::PutResource;
use put_sqlite::Database;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let file = env::args_os().nth(1).ok_or("usage: ours-axum-sqlite FILE")?;
    let database = Database::open(file)?;
    serve_axum(put_axum::router(User::endpoint(database.store::<User>()?))).await?;
    Ok(())
}
