//! What others are told of, so that it is not lost: an outbox, and the relay that empties it.
//!
//! A row is written in the transaction of the change (`within`): there is one for each change, and none without one. Who
//! publishes it comes later, marks it, and may die between the two; then it is published again. The number of the row
//! tells a receiver that it has it already.

use std::io;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use put_sqlite::rusqlite::{self, Connection};
use put_sqlite::{Transaction, Written};

use crate::Failure;

/// The table, made at each start if it is not there.
pub(crate) const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS outbox (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        item TEXT NOT NULL,
        before TEXT, -- NULL: it is new
        after TEXT,  -- NULL: it is gone
        published INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX IF NOT EXISTS outbox_waiting ON outbox (number) WHERE published = 0;";

/// How long a row waits at most, if nobody rings.
const A_WHILE: Duration = Duration::from_secs(1);

/// What one change did to a quantity.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) number: i64,
    pub(crate) item: String,
    pub(crate) before: Option<i64>,
    pub(crate) after: Option<i64>,
}

/// In the transaction of the change.
pub(crate) fn write(transaction: &Transaction<'_>, written: &Written<'_>) -> Result<(), Failure> {
    let before = written.before().map(|state| std::str::from_utf8(state.representation())).transpose()?;
    let after = written.after().map(|state| std::str::from_utf8(state.representation())).transpose()?;
    let sql = "INSERT INTO outbox (item, before, after) VALUES (?1, ?2, ?3)";
    transaction.execute(sql, (written.key().to_string(), before, after))?;
    Ok(())
}

enum Call {
    Look,
    Stop,
}

/// Tells the relay that there is something in the outbox.
#[derive(Clone)]
pub(crate) struct Bell(Sender<Call>);

impl Bell {
    pub(crate) fn ring(&self) {
        // A relay that has stopped leaves it to the next start.
        let _ = self.0.send(Call::Look);
    }
}

/// The thread that publishes what is in the outbox.
pub(crate) struct Relay {
    bell: Bell,
    thread: JoinHandle<()>,
}

impl Relay {
    /// Starts it on the file. It begins with what an earlier run has left.
    pub(crate) fn start(
        database: &Path,
        publish: impl FnMut(&Event) -> io::Result<()> + Send + 'static,
    ) -> Result<Self, Failure> {
        let connection = Connection::open(database)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        let (sender, calls) = mpsc::channel();
        let thread =
            thread::Builder::new().name("relay".to_owned()).spawn(move || relay(&connection, &calls, publish))?;
        Ok(Self { bell: Bell(sender), thread })
    }

    pub(crate) fn bell(&self) -> Bell {
        self.bell.clone()
    }

    /// Publishes what is there, and ends. It waits for that.
    pub(crate) fn stop(self) {
        let _ = self.bell.0.send(Call::Stop);
        if self.thread.join().is_err() {
            tracing::error!("the relay of the outbox has panicked");
        }
    }
}

fn relay(connection: &Connection, calls: &Receiver<Call>, mut publish: impl FnMut(&Event) -> io::Result<()>) {
    let mut stops = false;
    loop {
        if let Err(error) = publish_waiting(connection, &mut publish) {
            tracing::error!("the outbox keeps its rows for now: {error}");
        }
        if stops {
            return;
        }
        // Many changes ring while it looks; one more look is enough for all of them.
        let first = calls.recv_timeout(A_WHILE).unwrap_or(Call::Look);
        stops = std::iter::once(first).chain(calls.try_iter()).any(|call| matches!(call, Call::Stop));
    }
}

fn publish_waiting(connection: &Connection, publish: &mut impl FnMut(&Event) -> io::Result<()>) -> Result<(), Failure> {
    loop {
        let events = waiting(connection)?;
        let mut last = None;
        let mut failed = None;
        for event in &events {
            match publish(event) {
                Ok(()) => last = Some(event.number),
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        // The rows are committed in the order of their numbers, so none below the last one is still to come.
        connection
            .prepare_cached("UPDATE outbox SET published = 1 WHERE published = 0 AND number <= ?1")?
            .execute([last])?;
        match failed {
            Some(error) => return Err(error.into()),
            None if events.is_empty() => return Ok(()),
            None => {}
        }
    }
}

fn waiting(connection: &Connection) -> rusqlite::Result<Vec<Event>> {
    let sql = "SELECT number, item, before ->> 'quantity', after ->> 'quantity' FROM outbox
        WHERE published = 0 ORDER BY number LIMIT 500";
    connection
        .prepare_cached(sql)?
        .query_map([], |row| {
            Ok(Event { number: row.get(0)?, item: row.get(1)?, before: row.get(2)?, after: row.get(3)? })
        })?
        .collect()
}
