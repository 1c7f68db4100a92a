//! What goes wrong with one resource is the matter of that one: those beside it are served, and told the truth.
//!
//! One file, because each test makes trouble in its own way and looks at the neighbours in the same.

use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use put_conformance::store::block_on;
use put_core::store::{Deletion, Key, KeyPart, Outcome, Reply, Store, StoreFor as _};
use put_core::{Precondition, PutResource};
use put_postgres::{PostgresStore, Transaction, Written};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio_postgres::Client;

use crate::support::{Schema, connect, wait_for};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: i64,
    name: String,
}

fn user(id: i64, name: impl Into<String>) -> User {
    User { id, name: name.into() }
}

fn key(id: i64) -> Key {
    KeyPart::Integer(id.into()).into()
}

fn put<R: PutResource>(store: &Arc<dyn Store>, value: &R, precondition: Precondition) -> Reply<Outcome> {
    let (key, change) = R::endpoint(Arc::clone(store)).change(value).unwrap();
    store.put(key, change, precondition)
}

fn open<R: PutResource>(schema: &Schema, table: &str, connections: usize) -> Arc<dyn Store> {
    let options = PostgresStore::<R>::connect(&schema.url).table(schema.table(table)).connections(connections);
    block_on(options.open()).unwrap().into_store()
}

/// Another program has this row locked, until it says something else.
fn lock(schema: &Schema, id: i64) -> Arc<Client> {
    let client = Arc::new(connect(&schema.url));
    say(&client, format!("BEGIN; SELECT FROM {} WHERE id = {id} FOR UPDATE", schema.table("users")));
    client
}

fn say(client: &Arc<Client>, statements: impl Into<String>) {
    let (client, statements) = (Arc::clone(client), statements.into());
    wait_for(async move { client.batch_execute(&statements).await.unwrap() });
}

#[test]
fn a_locked_row_of_a_table_with_checks_holds_up_nobody_else() {
    let Some(schema) = Schema::new("neighbours") else { return };
    schema.sql(
        "CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL CHECK (name <> ''));
         INSERT INTO users SELECT i, 'old' FROM generate_series(0, 20) i",
    );
    let store = open::<User>(&schema, "users", 4);
    let other = lock(&schema, 20);
    // The first is alone; the rest is one batch, with a key twice.
    let first = put(&store, &user(20, "waits"), Precondition::none());
    sleep(Duration::from_millis(10));
    let rest: Vec<_> = [0, 20, 1, 2, 2].map(|id| (id, put(&store, &user(id, "new"), Precondition::none()))).into();
    let mut waiting = vec![first];
    for (id, reply) in rest {
        if id == 20 {
            waiting.push(reply);
        } else {
            assert!(matches!(block_on(reply).unwrap(), Outcome::Replaced(_) | Outcome::Unchanged(_)), "{id}");
        }
    }
    say(&other, "COMMIT");
    for reply in waiting {
        assert!(matches!(block_on(reply).unwrap(), Outcome::Replaced(_)));
    }
}

#[test]
fn a_locked_row_holds_up_nobody_else_where_the_application_writes_too() {
    let Some(schema) = Schema::new("neighbours") else { return };
    schema.sql(
        "CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL); INSERT INTO users SELECT i, 'old' FROM generate_series(0, 20) i;
         CREATE TABLE audit (key text NOT NULL)",
    );
    let options = PostgresStore::<User>::connect(&schema.url).table(schema.table("users")).connections(4);
    let note = format!("INSERT INTO {} VALUES ($1)", schema.table("audit"));
    let options = options.within(async move |transaction: &Transaction<'_>, written: &Written<'_>| {
        transaction.execute(&note, &[&written.key().to_string()]).await?;
        Ok(())
    });
    let store = block_on(options.open()).unwrap().into_store();
    let other = lock(&schema, 20);
    let mut waiting = Vec::new();
    for round in 0..6 {
        waiting.push(put(&store, &user(20, round.to_string()), Precondition::none()));
        sleep(Duration::from_millis(60));
    }
    for id in 0..20 {
        assert!(matches!(block_on(put(&store, &user(id, "new"), Precondition::none())).unwrap(), Outcome::Replaced(_)));
    }
    say(&other, "COMMIT");
    for reply in waiting {
        assert!(matches!(block_on(reply).unwrap(), Outcome::Replaced(_)));
    }
    let name: String = schema.rows("SELECT name FROM users WHERE id = 20")[0].get(0);
    assert_eq!(name, "5", "they were done in their order");
    let noted: i64 = schema.rows("SELECT count(*) FROM audit WHERE key = '20'")[0].get(0);
    assert_eq!(noted, 6, "each with what the application writes, also those that waited together");
}

#[test]
fn many_deletions_of_a_locked_row_leave_connections_for_others() {
    let Some(schema) = Schema::new("neighbours") else { return };
    schema.sql(
        "CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL); INSERT INTO users VALUES (1, 'a'), (20, 'b')",
    );
    let store = open::<User>(&schema, "users", 2);
    let other = lock(&schema, 20);
    let deletions: Vec<_> = (0..10).map(|_| store.delete(key(20), Precondition::none().into())).collect();
    sleep(Duration::from_millis(300));
    for round in 0..20 {
        assert!(block_on(store.get(&key(1))).unwrap().is_some());
        block_on(put(&store, &user(1, round.to_string()), Precondition::none())).unwrap();
    }
    say(&other, "COMMIT");
    let told: Vec<_> = deletions.into_iter().map(|reply| block_on(reply).unwrap()).collect();
    assert_eq!(told.iter().filter(|deletion| **deletion == Deletion::Deleted).count(), 1, "{told:?}");
}

/// What an extension raises without a code of its own is the matter of the value that it was raised for.
#[test]
fn an_error_without_a_code_fails_alone() {
    let Some(schema) = Schema::new("neighbours") else { return };
    schema.sql(
        "CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL);
         CREATE FUNCTION odd() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN
            IF NEW.name = ''odd'' THEN RAISE EXCEPTION ''no'' USING ERRCODE = ''XX000''; END IF; RETURN NEW; END';
         CREATE TRIGGER odd BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION odd()",
    );
    let store = open::<User>(&schema, "users", 2);
    for _ in 0..2 {
        let names = ["a", "odd", "b", "c"];
        let replies = (1..).zip(names).map(|(id, name)| put(&store, &user(id, name), Precondition::none()));
        let told: Vec<_> = replies.collect::<Vec<_>>().into_iter().map(block_on).collect();
        assert!(told.iter().zip(names).all(|(told, name)| told.is_ok() == (name != "odd")), "{told:?}");
        let error = told.into_iter().find_map(Result::err).unwrap();
        assert_eq!(error.retry_after(), None, "the same again would fail again: {error}");
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
#[put(path = "/events/{id}")]
struct Event {
    #[put(key)]
    id: i64,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
}

/// A row that nobody can read is committed with its batch; the others of the batch are told what they did.
#[test]
fn a_row_that_cannot_be_read_does_not_change_what_its_neighbours_are_told() {
    let Some(schema) = Schema::new("neighbours") else { return };
    schema.sql(
        "CREATE TABLE users (id bigint PRIMARY KEY);
         CREATE TABLE events (id bigint PRIMARY KEY, at timestamptz NOT NULL); INSERT INTO users VALUES (0)",
    );
    let store = open::<Event>(&schema, "events", 2);
    let event = |id, at: &str| Event {
        id,
        at: OffsetDateTime::parse(at, &time::format_description::well_known::Rfc3339).unwrap(),
    };
    for base in [0, 100] {
        // The column keeps microseconds, and the next one is in the year 10000.
        let last = event(base + 2, "9999-12-31T23:59:59.9999999Z");
        let good = |id| event(base + id, "2026-11-28T12:00:00Z");
        let changes = [
            (good(0), Precondition::none()),
            (good(1), Precondition::if_none_match_any()),
            (last, Precondition::none()),
            (good(3), Precondition::none()),
            (good(4), Precondition::if_none_match_any()),
        ];
        let replies: Vec<_> = changes.iter().map(|(event, condition)| put(&store, event, condition.clone())).collect();
        for (reply, (event, _)) in replies.into_iter().zip(&changes) {
            let told = block_on(reply);
            if event.id == base + 2 {
                assert!(told.is_err(), "{told:?}");
            } else {
                assert!(matches!(told, Ok(Outcome::Created(_))), "{told:?}");
            }
        }
    }
}

/// A row that another program removes and makes anew in one transaction was there at every moment.
#[test]
fn a_row_that_is_made_anew_during_a_wait_was_never_absent() {
    let Some(schema) = Schema::new("neighbours") else { return };
    schema.sql("CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL)");
    let store = open::<User>(&schema, "users", 2);
    for precondition in [Precondition::if_match_any(), Precondition::none().must_exist(), Precondition::none()] {
        schema.sql("TRUNCATE users; INSERT INTO users VALUES (1, 'old')");
        let other = lock(&schema, 1);
        let table = schema.table("users");
        say(&other, format!("DELETE FROM {table}; INSERT INTO {table} VALUES (1, 'theirs')"));
        let reply = put(&store, &user(1, "ours"), precondition.clone());
        let waiting = std::thread::spawn(move || block_on(reply).unwrap());
        sleep(Duration::from_millis(40));
        say(&other, "COMMIT");
        let outcome = waiting.join().unwrap();
        assert!(matches!(outcome, Outcome::Replaced(_)), "{precondition:?}: {outcome:?}");
    }
    let absent = block_on(put(&store, &user(9, "none"), Precondition::if_match_any())).unwrap();
    assert!(matches!(absent, Outcome::Failed(_)), "{absent:?}");
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
#[put(path = "/pages/{slug}")]
struct Page {
    #[put(key)]
    slug: String,
    text: String,
}

#[test]
fn statements_of_the_application_that_never_end_are_ended() {
    let Some(schema) = Schema::new("neighbours") else { return };
    schema.sql("CREATE TABLE pages (slug text PRIMARY KEY, text text NOT NULL)");
    let options = PostgresStore::<Page>::connect(&schema.url).table(schema.table("pages"));
    let options =
        options.patience(Duration::from_millis(400)).within(async |_: &Transaction<'_>, written: &Written<'_>| {
            if written.key().to_string() == "hangs" {
                std::future::pending::<()>().await;
            }
            Ok(())
        });
    let store = block_on(options.open()).unwrap().into_store();
    let page = |slug: &str| Page { slug: slug.to_owned(), text: "x".to_owned() };
    let error = block_on(put(&store, &page("hangs"), Precondition::none())).unwrap_err();
    assert!(error.retry_after().is_some(), "{error}");
    assert!(block_on(store.get(&KeyPart::Text("hangs".into()).into())).unwrap().is_none(), "it was rolled back");
    assert!(matches!(block_on(put(&store, &page("goes on"), Precondition::none())).unwrap(), Outcome::Created(_)));
    // What no text of the database can be is the key of nothing.
    let nothing = block_on(store.delete(KeyPart::Text("\0".into()).into(), Precondition::none().into())).unwrap();
    assert_eq!(nothing, Deletion::Absent);
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
#[put(path = "/notes/{id}")]
struct Note {
    #[put(key)]
    id: i64,
    more: serde_json::Value,
}

/// A `json` column keeps texts that are no `jsonb`; they are replaced like all others.
#[test]
fn a_value_that_only_json_holds_can_be_replaced() {
    let Some(schema) = Schema::new("neighbours") else { return };
    schema.sql(r#"CREATE TABLE notes (id bigint PRIMARY KEY, more json); INSERT INTO notes VALUES (1, '{"a":"\ud83d"}'), (2, '{"x":1e200000}')"#);
    let store = open::<Note>(&schema, "notes", 2);
    for id in [1, 2] {
        let note = Note { id, more: serde_json::json!({"b": [1, 2]}) };
        assert!(matches!(block_on(put(&store, &note, Precondition::none())).unwrap(), Outcome::Replaced(_)));
        assert!(matches!(block_on(put(&store, &note, Precondition::none())).unwrap(), Outcome::Unchanged(_)));
    }
}

/// An index that computes something refuses values, also those that would only be passed through.
#[test]
fn what_an_index_refuses_is_refused_in_the_middle_too() {
    let Some(schema) = Schema::new("neighbours") else { return };
    schema.sql(
        "CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL); INSERT INTO users VALUES (0, '0');
         CREATE INDEX ON users ((name::int))",
    );
    let store = open::<User>(&schema, "users", 4);
    let other = lock(&schema, 0);
    let busy = put(&store, &user(0, "1"), Precondition::none());
    sleep(Duration::from_millis(10));
    let names = ["1", "abc", "3"];
    let replies: Vec<_> = names.map(|name| put(&store, &user(1, name), Precondition::none())).into();
    let told: Vec<_> = replies.into_iter().map(block_on).collect();
    assert!(matches!(told[0], Ok(Outcome::Created(_))) && matches!(told[2], Ok(Outcome::Replaced(_))), "{told:?}");
    assert!(!matches!(told[1], Ok(Outcome::Replaced(_))), "{:?}", told[1]);
    say(&other, "COMMIT");
    block_on(busy).unwrap();
}
