//! What happens to the file of a database while it is served.

use std::fs;

use put_conformance::http::Request;
use put_sqlite::Database;

use super::{each, get, is_incident, is_problem, log, put, state};
use crate::programs::exchange;
use crate::servers::{Adapter, Server};

fn head(server: &Server, path: &str) -> u16 {
    let answer = exchange(server.addr(), &Request::head(path));
    assert!(answer.content.is_empty());
    answer.status
}

/// No request is served, whatever it asks, and none is told that there is nothing.
fn nothing_is_served(server: &Server, reason: &str) {
    let good = r#"{"name":"after"}"#;
    for _ in 0..2 {
        is_incident(&get(server, "/items/1"), 500, reason);
        is_incident(&get(server, "/items/2"), 500, reason);
        assert_eq!((head(server, "/items/1"), head(server, "/items/2")), (500, 500));
        is_incident(&put(server, "/items/1", good), 500, reason);
        is_incident(&put(server, "/items/2", good), 500, reason);
        let stale = Request::put("/items/2").field("If-Match", "\"x\"").json(good);
        is_incident(&exchange(server.addr(), &stale), 500, reason);
        is_incident(&exchange(server.addr(), &Request::delete("/removable/items/1")), 500, reason);
    }
    // What is wrong with a request is told all the same.
    is_problem(&put(server, "/items/x", good), 404);
    is_problem(&put(server, "/items/1", "{}"), 422);
}

#[test]
fn a_file_that_is_deleted_while_it_is_served() {
    log::keep();
    each(|server| {
        assert_eq!(put(server, "/items/1", r#"{"name":"before"}"#).status, 201);
        fs::remove_file(server.file()).unwrap();
        nothing_is_served(server, "was deleted while it was open");
        assert!(!server.file().exists(), "nothing made a new, empty file");
    });
}

#[test]
fn a_file_that_is_replaced_while_it_is_served() {
    log::keep();
    each(|server| {
        assert_eq!(put(server, "/items/1", r#"{"name":"before"}"#).status, 201);
        let copy = server.file().with_file_name("copy");
        fs::copy(server.file(), &copy).unwrap();
        fs::rename(&copy, server.file()).unwrap();
        nothing_is_served(server, "was replaced while it was open");
    });
}

#[test]
fn a_file_that_may_not_grow_refuses_what_does_not_fit_and_goes_on_when_there_is_space() {
    log::keep();
    for adapter in Adapter::BOTH {
        let server = Server::on_file(adapter, Database::options().max_octets(400 * 1024));
        let server = &server;
        assert_eq!(put(server, "/items/1", r#"{"name":"before"}"#).status, 201);
        let before = state(server, "/items/1");
        let big = format!(r#"{{"name":"{}"}}"#, "x".repeat(30_000));
        let mut fitted = 0;
        let full = loop {
            let answer = put(server, &format!("/items/{}", 100 + fitted), &big);
            if answer.status != 201 {
                break answer;
            }
            fitted += 1;
            assert!(fitted < 30, "the limit limits");
        };
        assert!(fitted > 5, "{fitted}");
        is_incident(&full, 503, "full");
        let wait: u64 = full.field("Retry-After").expect("it may go better later").parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");

        // What was there is there, conditions are judged, and what changes nothing needs no space.
        for _ in 0..3 {
            assert_eq!(put(server, &format!("/items/{}", 100 + fitted), &big).status, 503);
            assert_eq!(put(server, "/items/1", &big).status, 503);
        }
        assert_eq!(get(server, &format!("/items/{}", 100 + fitted)).status, 404);
        assert_eq!(state(server, "/items/1"), before);
        let stale = Request::put("/items/1").field("If-Match", "\"stale\"").json(&big);
        is_problem(&exchange(server.addr(), &stale), 412);
        assert_eq!(put(server, "/items/1", r#"{"name":"before"}"#).status, 200);

        // Space returns, and with it the service.
        for gone in 100..103 {
            assert_eq!(exchange(server.addr(), &Request::delete(format!("/removable/items/{gone}"))).status, 204);
        }
        let tag = before.1.as_deref().unwrap();
        let replaced = exchange(server.addr(), &Request::put("/items/1").field("If-Match", tag).json(&big));
        assert_eq!(replaced.status, 200);
        assert_eq!(put(server, &format!("/items/{}", 100 + fitted), &big).status, 201);
    }
}
