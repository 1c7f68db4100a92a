//! PUT on the tables that a shop has had for years, in PostgreSQL, served by Axum: `schema.sql`, and nothing in it was
//! changed.
//!
//! `DATABASE_URL` is the database; without it a server of this machine is started for as long as the program runs. `ADDR`
//! is where it listens (`127.0.0.1:3000`; port 0 takes a free one).

mod database;
mod resources;
#[path = "../../quickstart/src/stop.rs"]
mod stop;
mod try_it;

use std::env;
use std::error::Error;
use std::process::ExitCode;

use axum::Router;
use put_core::PutResource;
use put_postgres::{PostgresStore, Transaction, Written};
use tokio::net::TcpListener;

use resources::{Category, Product};

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Box<dyn Error>> {
    let addr = env::var("ADDR").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let database = database::open().await?;

    // What does not fit between a table and its struct is told here, all at once, with the SQL that would mend it.
    let products = PostgresStore::<Product>::connect(&database.url)
        .table(r#"shop."Product""#)
        .constraint("product_sku_key", "another product has this SKU")
        .constraint("product_price_check", "a price is more than nothing")
        .constraint("sku_is_written_so", "is three capital letters, a dash and a number, as in TEA-1")
        .open()
        .await?;
    let categories =
        PostgresStore::<Category>::connect(&database.url).table("shop.category").within(tell_others).open().await?;

    let products = Product::endpoint(products).allow_delete();
    let categories = Category::endpoint(categories).allow_delete();
    let app = Router::new().merge(put_axum::router(products)).merge(put_axum::router(categories.clone()));

    let listener = TcpListener::bind(&addr).await.map_err(|error| format!("cannot listen on {addr}: {error}"))?;
    let (asked_to_stop, asked) = (stop::asked()?, stop::asked()?);
    try_it::print(listener.local_addr()?, &categories).await?;
    let serving = axum::serve(listener, app).with_graceful_shutdown(asked_to_stop);
    let out_of_patience = async {
        asked.await;
        tokio::time::sleep(stop::PATIENCE).await;
    };
    tokio::select! {
        served = serving.into_future() => served?,
        () = out_of_patience => {}
    }
    Ok(())
}

/// In the transaction of the change: the outbox tells of every change of a category, and of no other.
async fn tell_others(transaction: &Transaction<'_>, written: &Written<'_>) -> Result<(), Box<dyn Error + Send + Sync>> {
    let state = written.after().map(|state| std::str::from_utf8(state.json())).transpose()?;
    let sql = "INSERT INTO shop.outbox (category, state) VALUES ($1, $2::text::jsonb)";
    transaction.execute(sql, &[&written.key().to_string(), &state]).await?;
    Ok(())
}
