//! The derived `User` on Axum over a database file. Arguments: the file, and `rule` or `waiting-rule` for one that always
//! looks at the current state.

use std::{env, error::Error};

use put_benches::{Pace, User, serve_axum, with_rule};
use put_core::PutResource;
use put_sqlite::Database;

const USAGE: &str = "usage: ours-axum-sqlite FILE [rule|waiting-rule]";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let database = Database::open(arguments.next().ok_or(USAGE)?)?;
    let users = User::endpoint(database.store::<User>()?);
    let users = match arguments.next() {
        None => users,
        Some(pace) => with_rule(users, Pace::named(&pace).ok_or(USAGE)?),
    };
    serve_axum(put_axum::router(users)).await?;
    Ok(())
}
