//! An example that is told to stop while it works.

use std::path::Path;
use std::thread;
use std::time::Duration;

use put_conformance::http::{Connection, Message, Request};

use crate::postgres::NewDatabase;
use crate::programs::{Example, Program};

/// Long enough for a signal to have been seen.
const A_MOMENT: Duration = Duration::from_millis(300);

/// A request that has begun is finished, its answer kept, and the program ends as it should. What `put` makes, `get`
/// reads.
fn finishes_what_has_begun(
    example: Example,
    database: impl AsRef<Path>,
    (put, get): (Request, &Request),
    signal: &str,
) {
    let database = database.as_ref();
    let mut server = Program::start(example, database);
    let mut connection = Connection::open(server.addr()).unwrap();
    let request = put.field("Expect", "100-continue");
    connection.write_head(&request);
    // With this the request is certainly under way.
    assert!(matches!(connection.read_message("PUT"), Ok(Message::Interim(100))), "{}", connection.take_transcript());

    server.signal(signal);
    thread::sleep(A_MOMENT);
    assert!(server.is_running(), "{example:?} {signal}: a request is under way");
    assert!(connection.write_content(&request));
    let answer = connection.read_response("PUT");
    let answer = answer.unwrap_or_else(|trouble| panic!("{example:?} {signal}: {trouble}\n{}", server.log()));
    assert_eq!(answer.status, 201);
    let tag = answer.tag().unwrap().to_owned();
    assert_eq!(server.ended().code(), Some(0), "{example:?} {signal}");

    assert!(!database.with_file_name("quickstart.db-wal").exists(), "the log was folded into the file");
    let again = Program::start(example, database);
    let read = again.exchange(get);
    assert_eq!((read.status, read.tag()), (200, Some(tag.as_str())));
}

fn quickstart_finishes_what_has_begun(example: Example) {
    for signal in ["INT", "TERM"] {
        let folder = tempfile::tempdir().unwrap();
        let put = Request::put("/api/users/5").json(r#"{"name":"Ada","email":"a@b"}"#);
        let good = (put, &Request::get("/api/users/5"));
        finishes_what_has_begun(example, folder.path().join("quickstart.db"), good, signal);
    }
}

#[test]
fn axum_finishes_what_has_begun() {
    quickstart_finishes_what_has_begun(Example::Axum);
}

#[test]
fn actix_finishes_what_has_begun() {
    quickstart_finishes_what_has_begun(Example::Actix);
}

#[test]
fn postgres_finishes_what_has_begun() {
    for signal in ["INT", "TERM"] {
        let Some(database) = NewDatabase::new() else { return };
        let put = Request::put("/api/categories/cups").json(r#"{"title":"Cups"}"#);
        let good = (put, &Request::get("/api/categories/cups"));
        finishes_what_has_begun(Example::Postgres, &database.url, good, signal);
    }
}

#[test]
fn inventory_finishes_what_has_begun() {
    for signal in ["INT", "TERM"] {
        let folder = tempfile::tempdir().unwrap();
        let path = "/api/tenants/acme/items/cup-1";
        let content = r#"{"name":"Cup","quantity":5,"sold":0,"reorder_at":1,"price_cents":450,"unit":"piece"}"#;
        let by = |request: Request| request.field("Authorization", "Bearer acme-clerk");
        let put = by(Request::put(path)).field("If-None-Match", "*").json(content);
        let good = (put, &by(Request::get(path)));
        finishes_what_has_begun(Example::Inventory, folder.path().join("quickstart.db"), good, signal);
    }
}

/// A connection that is open and idle keeps nobody from stopping.
#[test]
fn an_idle_connection_delays_nothing() {
    for example in Example::QUICKSTARTS {
        let folder = tempfile::tempdir().unwrap();
        let server = Program::start(example, folder.path().join("quickstart.db"));
        let mut connection = Connection::open(server.addr()).unwrap();
        assert_eq!(connection.exchange(&Request::get("/api/users/1")).unwrap().status, 404);
        let silent = Connection::open(server.addr()).unwrap();
        server.signal("TERM");
        assert_eq!(server.ended().code(), Some(0), "{example:?}");
        drop((connection, silent));
    }
}

/// A client that does not go on with its request does not keep the program from ending, nor from keeping what others
/// were told.
#[test]
fn a_client_that_stands_still_is_not_waited_for_for_ever() {
    let stopping = |example| {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("quickstart.db");
        let mut server = Program::start(example, &database);
        let mut connection = Connection::open(server.addr()).unwrap();
        let request = Request::put("/api/users/5").json(r#"{"name":"Ada","email":"a@b"}"#);
        assert_eq!(connection.exchange(&request).unwrap().status, 201);
        connection.write_head(&Request::put("/api/users/6").json("never sent"));
        thread::sleep(A_MOMENT);
        server.signal("TERM");
        thread::sleep(A_MOMENT);
        assert!(server.is_running(), "{example:?}: it waits for a while");
        assert_eq!(server.ended().code(), Some(0), "{example:?}");
        let again = Program::start(example, &database);
        assert_eq!(again.exchange(&Request::get("/api/users/5")).status, 200);
        assert_eq!(again.exchange(&Request::get("/api/users/6")).status, 404);
    };
    thread::scope(|scope| {
        for example in Example::QUICKSTARTS {
            scope.spawn(move || stopping(example));
        }
    });
}
