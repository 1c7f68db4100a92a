//! The derived `User` on Axum over a table of PostgreSQL. Arguments: the URL, the table, and `version` if the table has that
//! column and the entity tag is to be made from it.

use std::{env, error::Error};

use put_axum::router;
use put_benches::{User, UserVersioned, serve_axum};
use put_core::PutResource;
use put_postgres::PostgresStore;

const USAGE: &str = "usage: ours-axum-postgres URL TABLE [version]";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (url, table) = arguments.next().zip(arguments.next()).ok_or(USAGE)?;
    let app = match arguments.next().as_deref() {
        None => router(User::endpoint(PostgresStore::connect(url).table(table).open().await?)),
        Some("version") => router(UserVersioned::endpoint(PostgresStore::connect(url).table(table).open().await?)),
        Some(_) => return Err(USAGE.into()),
    };
    serve_axum(app).await?;
    Ok(())
}
