//! An example that is killed while it works.

use std::ffi::OsStr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use put_conformance::http::Connection;

use super::shop::{Counter, outbox_is_exact};
use crate::postgres::{NewDatabase, Session};
use crate::programs::{Example, PATIENCE, Program, wait_until};

const CLIENTS: u64 = 8;

/// Writes 1, 2, 3 and so on until the server is gone; gives the last that was acknowledged.
fn write(server: &Program, counter: &Counter, from: u64, written: &AtomicU64, killed: &AtomicBool) -> u64 {
    let begun = Instant::now();
    let mut acknowledged = from;
    let Ok(mut connection) = Connection::open(server.addr()) else { return acknowledged };
    loop {
        assert!(begun.elapsed() < 2 * PATIENCE, "nobody kills the server");
        let next = acknowledged + 1;
        let Ok(answer) = connection.exchange(&counter.put(next)) else {
            assert!(killed.load(Ordering::SeqCst), "the server went away before it was killed: {}", server.log());
            return acknowledged;
        };
        assert!(answer.is_success(), "{}", answer.status);
        acknowledged = next;
        written.fetch_add(1, Ordering::SeqCst);
    }
}

fn loses_nothing_acknowledged(example: Example, database: impl AsRef<OsStr>, counters: &[Counter]) {
    let mut acknowledged = vec![0; counters.len()];
    for round in 1..=3 {
        let server = Program::start(example, &database);
        // What the round before was told.
        for (counter, last) in counters.iter().zip(&mut acknowledged) {
            let read = server.exchange(&counter.get());
            if *last == 0 && read.status == 404 {
                continue;
            }
            assert_eq!(read.status, 200, "{example:?}: {last} was acknowledged");
            let found = counter.shown(&read);
            // The next one may have been written without its client hearing of it.
            assert!(found == *last || found == *last + 1, "{example:?}: {found} after {last} was acknowledged");
            *last = found;
        }
        let (written, killed) = (AtomicU64::new(0), AtomicBool::new(false));
        thread::scope(|scope| {
            let (server, written, killed) = (&server, &written, &killed);
            let start = |(counter, last): (_, &u64)| {
                let from = *last;
                scope.spawn(move || write(server, counter, from, written, killed))
            };
            let clients: Vec<_> = counters.iter().zip(&acknowledged).map(start).collect();
            // In the middle of it, and not always at the same point.
            wait_until(|| written.load(Ordering::SeqCst) > 10 * CLIENTS);
            thread::sleep(Duration::from_millis(50 * round));
            killed.store(true, Ordering::SeqCst);
            server.signal("KILL");
            acknowledged = clients.into_iter().map(|client| client.join().unwrap()).collect();
        });
    }
}

fn quickstart_loses_nothing_acknowledged(example: Example) {
    let folder = tempfile::tempdir().unwrap();
    let user = |id| Counter::new(format!("/api/users/{id}"), r#"{"name":"$","email":"e"}"#, "name");
    let users: Vec<_> = (1..=CLIENTS).map(user).collect();
    loses_nothing_acknowledged(example, folder.path().join("quickstart.db"), &users);
}

#[test]
fn axum_loses_nothing_acknowledged() {
    quickstart_loses_nothing_acknowledged(Example::Axum);
}

#[test]
fn actix_loses_nothing_acknowledged() {
    quickstart_loses_nothing_acknowledged(Example::Actix);
}

#[test]
fn postgres_loses_nothing_acknowledged() {
    let Some(database) = NewDatabase::new() else { return };
    loses_nothing_acknowledged(Example::Postgres, &database.url, &Counter::of_the_shop(CLIENTS));
    let session = Session::new(&database.url);
    // What the killed program had sent is done or undone by now.
    wait_until(|| session.rows("SELECT FROM pg_stat_activity WHERE datname = current_database()").len() == 1);
    outbox_is_exact(&session);
}
