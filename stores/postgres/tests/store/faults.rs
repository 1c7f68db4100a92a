//! The server goes away, stands still, or is not there. Each test has a server of its own, because it breaks it.

use std::io::Read as _;
use std::net::TcpListener;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use put_conformance::store::block_on;
use put_core::{Endpoint, Error, Precondition, PutResource};
use put_postgres::{OpenError, PostgresStore};
use put_throwaway_postgres::Server;
use serde::{Deserialize, Serialize};

use crate::support::{connect, database, wait_for};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
#[put(path = "/counters/{id}")]
struct Counter {
    #[put(key)]
    id: i64,
    count: i64,
}

const TABLE: &str = "CREATE TABLE counters (id bigint PRIMARY KEY, count bigint NOT NULL)";

/// A server that may be broken; `None` where there is none to be had, which is said.
fn server() -> Option<Server> {
    database()?;
    match Server::start() {
        Ok(server) => Some(server),
        Err(unavailable) => panic!("there is a server, and then there is none: {unavailable}"),
    }
}

fn sql(server: &Server, statements: &str) {
    let (client, statements) = (connect(&server.url()), statements.to_owned());
    wait_for(async move { client.batch_execute(&statements).await.unwrap() });
}

fn open(server: &Server, patience: Duration) -> Endpoint<Counter> {
    let options = PostgresStore::<Counter>::connect(server.url()).table("counters").patience(patience);
    Counter::endpoint(block_on(options.open()).unwrap())
}

/// What a client is told when it is not told that it went well: to come back.
fn is_busy(error: &Error) -> bool {
    matches!(error, Error::Store(error) if error.retry_after().is_some())
}

/// Counts up until told to stop; what was acknowledged last is in the number.
fn count(counters: &Endpoint<Counter>, id: i64, acknowledged: &AtomicI64, stop: &AtomicBool) {
    while !stop.load(Ordering::SeqCst) {
        let next = acknowledged.load(Ordering::SeqCst) + 1;
        match block_on(counters.put(Counter { id, count: next }, Precondition::none())) {
            Ok(_) => acknowledged.store(next, Ordering::SeqCst),
            Err(error) => {
                assert!(is_busy(&error), "{error:?}");
                thread::sleep(Duration::from_millis(20));
            }
        }
    }
}

/// Runs clients while this is done to the server, and looks afterwards whether everything that was acknowledged is there.
fn nothing_acknowledged_is_lost(server: &Server, breaks: impl Fn(u32)) {
    sql(server, TABLE);
    let counters = open(server, Duration::from_secs(2));
    let acknowledged: [AtomicI64; 8] = Default::default();
    let stop = AtomicBool::new(false);
    let all = || acknowledged.iter().map(|count| count.load(Ordering::SeqCst)).sum::<i64>();
    thread::scope(|scope| {
        for (id, acknowledged) in (0..).zip(&acknowledged) {
            let (counters, stop) = (&counters, &stop);
            scope.spawn(move || count(counters, id, acknowledged, stop));
        }
        for round in 0..3 {
            thread::sleep(Duration::from_millis(150 + 70 * u64::from(round)));
            breaks(round);
            // It recovers by itself.
            let (before, begun) = (all(), Instant::now());
            while all() < before + 50 {
                assert!(begun.elapsed() < Duration::from_secs(20), "it does not recover");
                thread::sleep(Duration::from_millis(10));
            }
        }
        stop.store(true, Ordering::SeqCst);
    });
    for (id, acknowledged) in (0..).zip(acknowledged) {
        let (found, told) = (block_on(counters.get(&id)).unwrap().unwrap().value.count, acknowledged.into_inner());
        assert_eq!(found, told, "of {id}: the last change of each client was acknowledged");
    }
}

#[test]
fn a_server_that_is_killed_loses_nothing_acknowledged() {
    let Some(server) = server() else { return };
    nothing_acknowledged_is_lost(&server, |_| {
        server.kill().unwrap();
        thread::sleep(Duration::from_millis(100));
        server.start_again().unwrap();
    });
}

#[test]
fn a_server_that_is_restarted_loses_nothing_acknowledged() {
    let Some(server) = server() else { return };
    nothing_acknowledged_is_lost(&server, |_| server.restart().unwrap());
}

#[test]
fn connections_that_an_operator_ends_are_made_again() {
    let Some(server) = server() else { return };
    nothing_acknowledged_is_lost(&server, |_| {
        sql(&server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'put-postgres'");
    });
}

/// A standby that was promoted elsewhere, and the way back.
#[test]
fn a_server_that_only_reads_is_left() {
    let Some(server) = server() else { return };
    sql(&server, TABLE);
    let counters = open(&server, Duration::from_secs(2));
    block_on(counters.put(Counter { id: 1, count: 1 }, Precondition::none())).unwrap();
    sql(&server, "ALTER SYSTEM SET default_transaction_read_only = on");
    sql(&server, "SELECT pg_reload_conf()");
    thread::sleep(Duration::from_millis(200));
    let error = block_on(counters.put(Counter { id: 1, count: 2 }, Precondition::none())).unwrap_err();
    assert!(is_busy(&error), "{error:?}");
    assert_eq!(block_on(counters.get(&1)).unwrap().unwrap().value.count, 1, "reads go on");
    sql(&server, "ALTER SYSTEM RESET default_transaction_read_only");
    sql(&server, "SELECT pg_reload_conf()");
    thread::sleep(Duration::from_millis(200));
    block_on(counters.put(Counter { id: 1, count: 2 }, Precondition::none())).unwrap();
}

/// Whether it was written is not known, and so it is told; the same again, with the same precondition, is safe.
#[test]
fn a_server_that_stands_still_is_told_in_time() {
    let Some(server) = server() else { return };
    sql(&server, TABLE);
    let counters = open(&server, Duration::from_millis(500));
    let created = block_on(counters.put(Counter { id: 1, count: 1 }, Precondition::none())).unwrap().into_stored();
    let client = connect(&server.url());
    let pids: Vec<i32> = wait_for(async move {
        let sql = "SELECT pid FROM pg_stat_activity WHERE application_name = 'put-postgres'";
        client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    });
    let signal = |name: &str| {
        let pids: Vec<String> = pids.iter().map(ToString::to_string).collect();
        let sent = Command::new("sh").args(["-c", &format!("kill -s {name} {}", pids.join(" "))]).status().unwrap();
        assert!(sent.success());
    };
    signal("STOP");
    let begun = Instant::now();
    let condition = || Precondition::if_match(created.tag.clone());
    let error = block_on(counters.put(Counter { id: 1, count: 2 }, condition())).unwrap_err();
    let waited = begun.elapsed();
    signal("CONT");
    assert!(is_busy(&error), "{error:?}");
    assert!(waited < Duration::from_secs(8), "{waited:?}");
    let again = block_on(counters.put(Counter { id: 1, count: 2 }, condition()));
    let ended = match &again {
        Ok(written) => written.clone().into_stored().value.count,
        Err(Error::PreconditionFailed(..)) => 2,
        Err(other) => panic!("{other:?}"),
    };
    assert_eq!(ended, block_on(counters.get(&1)).unwrap().unwrap().value.count);
}

#[test]
fn a_database_that_is_not_there_is_told_in_time() {
    // Nobody listens here: the port was free a moment ago.
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    // Here somebody listens, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    thread::spawn(move || {
        let mut taken = Vec::new();
        for stream in silent.incoming() {
            taken.extend(stream);
        }
    });
    // Here somebody speaks another protocol.
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let stranger = other.local_addr().unwrap();
    thread::spawn(move || {
        for stream in other.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 64]);
            let _ = std::io::Write::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    for address in [nobody, address, stranger] {
        let begun = Instant::now();
        let options = PostgresStore::<Counter>::connect(format!("postgres://nobody@{address}/none"));
        let error = block_on(options.patience(Duration::from_millis(500)).open()).unwrap_err();
        assert!(matches!(error, OpenError::Database(_)), "{error:?}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    }
}
