//! Many clients that read, change and write the same resource.

use std::sync::Barrier;
use std::thread;

use put_conformance::http::{Connection, Request};

use crate::programs::exchange;
use crate::servers::{Adapter, Server, Store};

const CLIENTS: usize = 6;
const INCREMENTS: usize = 10;

/// Counts in one resource by GET and If-Match; gives how often somebody else was faster.
fn count(server: &Server, met: &Barrier) -> usize {
    let mut connection = Connection::open(server.addr()).unwrap();
    let mut lost = 0;
    for increment in 0..INCREMENTS {
        loop {
            let read = connection.exchange(&Request::get("/items/1")).unwrap();
            // All have read the same before the first of them writes.
            if (increment, lost) == (0, 0) {
                met.wait();
            }
            let mut item = read.json().unwrap();
            item["count"] = (item["count"].as_i64().unwrap() + 1).into();
            let request = Request::put("/items/1").field("If-Match", read.tag().unwrap()).json(item.to_string());
            match connection.exchange(&request).unwrap().status {
                200 => break,
                412 => lost += 1,
                other => panic!("{other}"),
            }
        }
    }
    lost
}

fn nothing_is_lost(adapter: Adapter, store: Store) {
    if !store.is_here() {
        return;
    }
    let server = Server::start(adapter, store);
    let first = exchange(server.addr(), &Request::put("/items/1").json(r#"{"name":"n","count":0}"#));
    assert_eq!(first.status, 201);
    let met = Barrier::new(CLIENTS);
    let lost: usize = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(|| count(&server, &met))).collect();
        clients.into_iter().map(|client| client.join().unwrap()).sum()
    });
    let last = exchange(server.addr(), &Request::get("/items/1"));
    assert_eq!(last.json().unwrap()["count"], CLIENTS * INCREMENTS, "{lost} writes were refused");
    assert!(lost >= CLIENTS - 1, "all but one of those who had read the same were refused: {lost}");
}

#[test]
fn axum_memory() {
    nothing_is_lost(Adapter::Axum, Store::Memory);
}

#[test]
fn axum_sqlite() {
    nothing_is_lost(Adapter::Axum, Store::Sqlite);
}

#[test]
fn actix_memory() {
    nothing_is_lost(Adapter::Actix, Store::Memory);
}

#[test]
fn actix_sqlite() {
    nothing_is_lost(Adapter::Actix, Store::Sqlite);
}

#[test]
fn axum_postgres() {
    nothing_is_lost(Adapter::Axum, Store::Postgres);
}

#[test]
fn axum_postgres_version() {
    nothing_is_lost(Adapter::Axum, Store::PostgresVersion);
}

#[test]
fn actix_postgres() {
    nothing_is_lost(Adapter::Actix, Store::Postgres);
}

#[test]
fn actix_postgres_version() {
    nothing_is_lost(Adapter::Actix, Store::PostgresVersion);
}
