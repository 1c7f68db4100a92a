//! How often a change goes to the database and back, counted by the server.

use std::time::{Duration, Instant};

use put_conformance::store::block_on;
use put_core::{EntityTag, Precondition, PutResource};
use put_postgres::PostgresStore;
use put_throwaway_postgres::Server;
use serde::{Deserialize, Serialize};

use crate::support::{connect, database, wait_for};

#[derive(Clone, Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: i64,
    name: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/drafts/{id}")]
struct Draft {
    #[put(key)]
    id: i64,
    name: String,
    #[put(version)]
    version: i64,
}

/// The statements that the log shows, without those that make a plan.
fn statements(server: &Server) -> usize {
    server.log().lines().filter(|line| line.contains("execute ") || line.contains("statement: ")).count()
}

/// How many statements it takes, once everything is prepared.
fn trips<T>(server: &Server, work: impl Fn() -> T) -> usize {
    let before = settled(server);
    work();
    settled(server) - before
}

/// The log is written by another process.
fn settled(server: &Server) -> usize {
    let (mut last, begun) = (statements(server), Instant::now());
    loop {
        std::thread::sleep(Duration::from_millis(60));
        let now = statements(server);
        if now == last {
            return now;
        }
        last = now;
        assert!(begun.elapsed() < Duration::from_secs(20), "the log goes on and on");
    }
}

#[test]
fn a_change_is_one_trip_or_two() {
    if database().is_none() {
        return;
    }
    let server = Server::start_with(&[("log_statement", "all")]).unwrap();
    let client = connect(&server.url());
    let tables = "CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL);
                  CREATE TABLE drafts (id bigint PRIMARY KEY, name text NOT NULL, version bigint NOT NULL)";
    wait_for(async move { client.batch_execute(tables).await.unwrap() });
    let users = PostgresStore::<User>::connect(server.url()).table("users").connections(1);
    let drafts = PostgresStore::<Draft>::connect(server.url()).table("drafts").connections(1);
    let (users, drafts) =
        (User::endpoint(block_on(users.open()).unwrap()), Draft::endpoint(block_on(drafts.open()).unwrap()));
    let user = |name: &str| User { id: 7, name: name.to_owned() };
    let draft = |name: &str| Draft { id: 7, name: name.to_owned(), version: 0 };
    let never = || EntityTag::of(b"never");

    for (what, name, precondition, expected) in [
        ("a creation", "a", Precondition::if_none_match_any(), 1),
        ("a replacement", "b", Precondition::none(), 1),
        ("no change", "b", Precondition::none(), 1),
        ("what must exist, and does", "c", Precondition::if_match_any(), 1),
        ("what must not exist, and does", "d", Precondition::if_none_match_any(), 1),
        ("another tag", "d", Precondition::if_match(never()), 1),
        ("any tag but one", "e", Precondition::if_none_match_one_of([never()]), 2),
    ] {
        let counted = trips(&server, || block_on(users.put(user(name), precondition.clone())).ok());
        assert_eq!(counted, expected, "{what}");
    }
    let tag = || block_on(users.get(&7)).unwrap().unwrap().tag;
    let current = tag();
    assert_eq!(trips(&server, || block_on(users.put(user("f"), Precondition::if_match(current.clone()))).unwrap()), 2);
    assert_eq!(trips(&server, || block_on(users.get(&7)).unwrap()), 1, "a read");

    // With a version the database decides by itself.
    block_on(drafts.put(draft("a"), Precondition::none())).unwrap();
    let current = block_on(drafts.get(&7)).unwrap().unwrap().tag;
    let conditional = || block_on(drafts.put(draft("b"), Precondition::if_match(current.clone())));
    assert_eq!(trips(&server, || conditional().unwrap()), 1, "a true If-Match of a version");
    assert_eq!(trips(&server, || conditional().unwrap_err()), 1, "a false one");

    let current = tag();
    assert_eq!(trips(&server, || block_on(users.delete(&7, Precondition::if_match(current.clone()))).unwrap()), 2);
    assert_eq!(trips(&server, || block_on(users.delete(&7, Precondition::none())).ok()), 1);
}
