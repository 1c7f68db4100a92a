//! The contract over real sockets: the same table for every adapter over every store.

use put_conformance::{Need, Subject};

use crate::servers::{Adapter, Server, Store};

/// What a framework decides before an endpoint is asked, and decides otherwise than the contract.
pub(crate) const DEVIATIONS: &[(&str, &str)] =
    &[("OPTIONS of the whole server is answered", "`*` is no route; an application that wants it answers it itself")];

/// Runs the whole table against one combination and shows every exchange that went wrong.
fn conforms(adapter: Adapter, store: Store) {
    if !store.is_here() {
        return;
    }
    let server = Server::start(adapter, store);
    let mut subject = Subject::new(server.addr());
    if adapter == Adapter::Actix {
        // It sends 100 before any handler runs; only the final status is the engine's there.
        subject = subject.interim_by_framework();
    }
    match store {
        Store::Memory | Store::Sqlite => {}
        // A table has the dates that its resource has, and a page that is stored as it came has none.
        Store::Postgres => subject = subject.without_nul().lacking(Need::Date),
        Store::PostgresVersion => subject = subject.without_nul().lacking(Need::Verbatim),
    }
    for &(case, reason) in DEVIATIONS {
        subject = subject.deviation(case, reason);
    }
    let report = put_conformance::run(&subject, |_| true);
    assert!(report.passed() > 1000, "the table has been run: {}", report.to_text());
    assert!(report.failures().is_empty(), "{}", report.to_text());
}

#[test]
fn axum_memory() {
    conforms(Adapter::Axum, Store::Memory);
}

#[test]
fn axum_sqlite() {
    conforms(Adapter::Axum, Store::Sqlite);
}

#[test]
fn actix_memory() {
    conforms(Adapter::Actix, Store::Memory);
}

#[test]
fn actix_sqlite() {
    conforms(Adapter::Actix, Store::Sqlite);
}

#[test]
fn axum_postgres() {
    conforms(Adapter::Axum, Store::Postgres);
}

#[test]
fn axum_postgres_version() {
    conforms(Adapter::Axum, Store::PostgresVersion);
}

#[test]
fn actix_postgres() {
    conforms(Adapter::Actix, Store::Postgres);
}

#[test]
fn actix_postgres_version() {
    conforms(Adapter::Actix, Store::PostgresVersion);
}
