//! Items in the stock of several tenants: an application that has a say, before a change, with it and after it.
//!
//! `inventory` serves, and says what to try. `ADDR` is where it listens (`127.0.0.1:3000`; port 0 takes a free one),
//! `DATABASE` the file (`inventory.db`). `inventory load` lets many clients sell the same pieces, and counts.

mod app;
mod callers;
mod items;
mod load;
mod outbox;
mod rules;
#[path = "../../quickstart/src/stop.rs"]
mod stop;
mod try_it;

use std::env;
use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;

use tokio::net::TcpListener;

use app::App;
use load::Load;
use outbox::Event;

const USAGE: &str = "inventory                                             serves; ADDR and DATABASE say where
inventory load [--clients 64] [--items 4] [--stock 200]  sells all that there is, and counts";

/// What goes wrong outside a request; it can go to another task.
type Failure = Box<dyn Error + Send + Sync>;

enum Command {
    Serve,
    Load(Load),
    Help,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let done = match command() {
        Ok(Command::Serve) => serve().await.map(|()| true),
        Ok(Command::Load(load)) => load.run().await,
        Ok(Command::Help) => {
            println!("{USAGE}");
            Ok(true)
        }
        Err(error) => Err(format!("{error}\n\n{USAGE}").into()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn command() -> Result<Command, lexopt::Error> {
    use lexopt::prelude::*;
    let mut arguments = lexopt::Parser::from_env();
    let mut command = Command::Serve;
    while let Some(argument) = arguments.next()? {
        match (argument, &mut command) {
            (Long("help") | Short('h'), _) => return Ok(Command::Help),
            (Value(word), Command::Serve) if word == "load" => command = Command::Load(Load::default()),
            (Long("clients"), Command::Load(load)) => load.clients = arguments.value()?.parse::<usize>()?.max(1),
            (Long("items"), Command::Load(load)) => load.items = arguments.value()?.parse()?,
            (Long("stock"), Command::Load(load)) => load.stock = arguments.value()?.parse()?,
            (other, _) => return Err(other.unexpected()),
        }
    }
    Ok(command)
}

async fn serve() -> Result<(), Failure> {
    let addr = env::var("ADDR").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let app = App::open(env::var("DATABASE").unwrap_or_else(|_| "inventory.db".to_owned()), publish)?;
    let listener = TcpListener::bind(&addr).await.map_err(|error| format!("cannot listen on {addr}: {error}"))?;
    let asked_to_stop = stop::asked()?;
    try_it::print(listener.local_addr()?, &app).await?;
    app.serve(listener, asked_to_stop, stop::PATIENCE).await?;
    app.close()
}

/// Where an application would send a message, this one writes a line beside its log.
fn publish(event: &Event) -> io::Result<()> {
    let Event { number, item, before, after } = event;
    let quantity = |quantity: &Option<i64>| quantity.map_or_else(|| "nothing".to_owned(), |left| left.to_string());
    writeln!(io::stderr(), "outbox {number}: {item}, from {} to {}", quantity(before), quantity(after))
}
