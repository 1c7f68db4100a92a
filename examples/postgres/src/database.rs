//! Which database, and that the tables of the shop are in it.

use std::env;
use std::error::Error;

use put_postgres::tokio_postgres::{self, NoTls};
use put_throwaway_postgres::Server;

/// A database with the tables of the shop.
pub(crate) struct Database {
    pub(crate) url: String,
    /// It ends with this value.
    _throwaway: Option<Server>,
}

/// The one that `DATABASE_URL` names, or else one on a server of this machine that is gone when the program ends.
pub(crate) async fn open() -> Result<Database, Box<dyn Error>> {
    let database = match env::var("DATABASE_URL") {
        Ok(url) if !url.is_empty() => Database { url, _throwaway: None },
        _ => {
            let server = Server::start()?;
            let url = server.url();
            eprintln!(
                "DATABASE_URL is not set, so a PostgreSQL server was started; it goes with this program: psql {url}"
            );
            Database { url, _throwaway: Some(server) }
        }
    };
    let (client, connection) = tokio_postgres::connect(&database.url, NoTls).await?;
    tokio::spawn(connection);
    let found: bool = client.query_one("SELECT to_regnamespace('shop') IS NOT NULL", &[]).await?.get(0);
    if !found {
        client.batch_execute(include_str!("../schema.sql")).await?;
        eprintln!("there was no schema `shop`, so it was made with schema.sql");
    }
    Ok(database)
}
