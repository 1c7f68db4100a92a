//! The derived `User` on Axum over a table of PostgreSQL. Arguments: the URL, the table, and `version` if the table has that
//! column and the entity tag is to be made from it, or `rule` or `waiting-rule` for one that always looks at the current
//! state.

use std::{env, error::Error};

use put_axum::router;
use put_benches::{Pace, User, UserVersioned, serve_axum, with_rule};
use put_core::PutResource;
use put_postgres::PostgresStore;

const USAGE: &str = "usage: ours-axum-postgres URL TABLE [version|rule|waiting-rule]";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (url, table) = arguments.next().zip(arguments.next()).ok_or(USAGE)?;
    let app = match arguments.next().as_deref() {
        None => router(User::endpoint(PostgresStore::connect(url).table(table).open().await?)),
        Some("version") => router(UserVersioned::endpoint(PostgresStore::connect(url).table(table).open().await?)),
        Some(pace) => {
            let users = User::endpoint(PostgresStore::connect(url).table(table).open().await?);
            router(with_rule(users, Pace::named(pace).ok_or(USAGE)?))
        }
    };
    serve_axum(app).await?;
    Ok(())
}
