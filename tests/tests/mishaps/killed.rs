//! A quickstart that is killed while it works.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use put_conformance::http::{Connection, Request};

use crate::programs::{Example, PATIENCE, Quickstart, wait_until};

const CLIENTS: u64 = 8;

/// Writes 1, 2, 3 and so on until the server is gone; gives the last that was acknowledged.
fn write(server: &Quickstart, id: u64, from: u64, written: &AtomicU64, killed: &AtomicBool) -> u64 {
    let begun = Instant::now();
    let mut acknowledged = from;
    let Ok(mut connection) = Connection::open(server.addr()) else { return acknowledged };
    loop {
        assert!(begun.elapsed() < 2 * PATIENCE, "nobody kills the server");
        let next = acknowledged + 1;
        let content = format!(r#"{{"name":"{next}","email":"e"}}"#);
        let Ok(answer) = connection.exchange(&Request::put(format!("/api/users/{id}")).json(content)) else {
            assert!(killed.load(Ordering::SeqCst), "the server went away before it was killed: {}", server.log());
            return acknowledged;
        };
        assert!(answer.is_success(), "{}", answer.status);
        acknowledged = next;
        written.fetch_add(1, Ordering::SeqCst);
    }
}

fn loses_nothing_acknowledged(example: Example) {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("quickstart.db");
    let mut acknowledged = vec![0; usize::try_from(CLIENTS).unwrap()];
    for round in 1..=3 {
        let server = Quickstart::start(example, &database);
        // What the round before was told.
        for (id, last) in (1..).zip(&mut acknowledged) {
            let read = server.exchange(&Request::get(format!("/api/users/{id}")));
            if *last == 0 && read.status == 404 {
                continue;
            }
            assert_eq!(read.status, 200, "{example:?}: {last} was acknowledged");
            let found: u64 = read.json().unwrap()["name"].as_str().unwrap().parse().unwrap();
            // The next one may have been written without its client hearing of it.
            assert!(found == *last || found == *last + 1, "{example:?}: {found} after {last} was acknowledged");
            *last = found;
        }
        let (written, killed) = (AtomicU64::new(0), AtomicBool::new(false));
        thread::scope(|scope| {
            let (server, written, killed) = (&server, &written, &killed);
            let start = |(id, last): (u64, &u64)| {
                let from = *last;
                scope.spawn(move || write(server, id, from, written, killed))
            };
            let clients: Vec<_> = (1..).zip(&acknowledged).map(start).collect();
            // In the middle of it, and not always at the same point.
            wait_until(|| written.load(Ordering::SeqCst) > 10 * CLIENTS);
            thread::sleep(Duration::from_millis(50 * round));
            killed.store(true, Ordering::SeqCst);
            server.signal("KILL");
            acknowledged = clients.into_iter().map(|client| client.join().unwrap()).collect();
        });
    }
}

#[test]
fn axum_loses_nothing_acknowledged() {
    loses_nothing_acknowledged(Example::Axum);
}

#[test]
fn actix_loses_nothing_acknowledged() {
    loses_nothing_acknowledged(Example::Actix);
}
