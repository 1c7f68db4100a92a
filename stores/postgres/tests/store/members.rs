//! Members that no representation shows, and those that stay when a client leaves them out, in columns.

use std::sync::Arc;

use put_conformance::store::block_on;
use put_core::store::{Key, KeyPart, Outcome, Reply, State, Store, StoreFor as _};
use put_core::{MemoryStore, Precondition, PutResource};
use put_postgres::{PostgresStore, create_table_sql};
use serde::{Deserialize, Serialize};

use crate::support::{Schema, connect, wait_for};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
#[put(path = "/logins/{id}")]
struct Login {
    #[put(key)]
    id: i64,
    name: String,
    #[put(write_only, column = "password_hash", store_with = |password: String| format!("hash of {password}"))]
    password: String,
    #[put(write_only, absent = "keep")]
    pin: Option<i32>,
    #[put(create_only, column_type = "char(3)")]
    currency: String,
    #[put(create_only, absent = "keep")]
    origin: Option<String>,
}

const TABLE: &str = r#"CREATE TABLE "login" (
    "id" bigint NOT NULL,
    "name" text NOT NULL,
    "password_hash" text NOT NULL,
    "pin" integer,
    "currency" char(3) NOT NULL,
    "origin" text,
    PRIMARY KEY ("id")
)"#;

fn key() -> Key {
    KeyPart::Integer(7).into()
}

fn open(schema: &Schema) -> Arc<dyn Store> {
    schema.sql(&create_table_sql::<Login>().replacen("CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1));
    let options = PostgresStore::<Login>::connect(&schema.url).table(schema.table("login"));
    block_on(options.connections(4).open()).unwrap().into_store()
}

/// Hands this content to the store, made into a change over that state.
fn begin(store: &Arc<dyn Store>, content: &str, seen: Option<&State>) -> Reply<Outcome> {
    let endpoint = Login::endpoint(MemoryStore::new());
    let (key, change) = endpoint.change_over(content.as_bytes(), &7, seen).unwrap();
    store.put(key, change, Precondition::none())
}

fn put(store: &Arc<dyn Store>, content: &str, seen: Option<&State>) -> Outcome {
    block_on(begin(store, content, seen)).unwrap()
}

fn get(store: &Arc<dyn Store>) -> State {
    block_on(store.get(&key())).unwrap().unwrap()
}

/// The row as other programs see it.
fn row(schema: &Schema) -> (String, String, Option<i32>, String, Option<String>) {
    let rows = schema.rows("SELECT name, password_hash, pin, currency, origin FROM login");
    let [row] = &rows[..] else { panic!("{} rows", rows.len()) };
    (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4))
}

#[test]
fn every_member_has_a_column_and_only_some_are_shown() {
    let Some(schema) = Schema::new("members") else { return };
    assert_eq!(create_table_sql::<Login>(), TABLE);
    let store = open(&schema);
    let content = r#"{"name":"Ada","password":"hush","pin":12,"currency":"GBP"}"#;
    let Outcome::Created(state) = put(&store, content, None) else { panic!("there was nothing") };
    assert_eq!(row(&schema), ("Ada".into(), "hash of hush".into(), Some(12), "GBP".into(), None));
    assert_eq!(get(&store), state);
    assert_eq!(state.representation(), r#"{"id":7,"name":"Ada","currency":"GBP","origin":null}"#);
    assert_eq!(block_on(store.list(None, 9)).unwrap(), std::slice::from_ref(&state));
    // A column that is NOT NULL is written although the client leaves the member out.
    let Outcome::Replaced(state) = put(&store, r#"{"name":"Eve"}"#, Some(&state)) else { panic!("a new name") };
    assert_eq!(row(&schema), ("Eve".into(), "hash of hush".into(), Some(12), "GBP".into(), None));
    assert!(matches!(put(&store, r#"{"name":"Eve"}"#, Some(&state)), Outcome::Unchanged(_)));
    let cleared = put(&store, r#"{"name":"Eve","pin":null}"#, Some(&state));
    assert!(matches!(&cleared, Outcome::Replaced(other) if other.tag() == state.tag()), "{cleared:?}");
    assert_eq!(row(&schema).2, None);
}

#[test]
fn what_another_program_wrote_is_kept_and_what_it_changes_meanwhile_too() {
    let Some(schema) = Schema::new("members") else { return };
    let store = open(&schema);
    schema.sql("INSERT INTO login VALUES (7, 'Ada', 'theirs', 3, 'EUR', 'import')");
    let seen = get(&store);
    assert!(matches!(put(&store, r#"{"name":"Eve","currency":"EUR"}"#, Some(&seen)), Outcome::Replaced(_)));
    assert_eq!(row(&schema), ("Eve".into(), "theirs".into(), Some(3), "EUR".into(), Some("import".into())));
    let other = put(&store, r#"{"name":"Eve","currency":"USD","origin":"me"}"#, Some(&seen));
    let Outcome::Conflict(violations) = &other else { panic!("{other:?}") };
    let places: Vec<_> = violations.iter().map(|violation| violation.pointer().as_str()).collect();
    assert_eq!(places, ["/currency", "/origin"]);

    for (change, again) in [
        ("password_hash = 'changed'", true),
        ("pin = NULL", true),
        ("origin = NULL", true),
        // Whatever else has changed is replaced, as by any PUT.
        ("name = 'Mallory'", false),
    ] {
        let seen = get(&store);
        schema.sql(&format!("UPDATE login SET {change}"));
        let outcome = put(&store, r#"{"name":"Bob"}"#, Some(&seen));
        if again {
            assert_eq!(outcome, Outcome::Overtaken(Some(Box::new(get(&store)))), "{change}");
        } else {
            assert!(matches!(outcome, Outcome::Replaced(_)), "{change}: {outcome:?}");
        }
    }
    assert_eq!(row(&schema), ("Bob".into(), "changed".into(), None, "EUR".into(), None));
    let seen = get(&store);
    schema.sql("DELETE FROM login");
    assert_eq!(put(&store, r#"{"name":"Bob"}"#, Some(&seen)), Outcome::Overtaken(None));
    schema.sql("INSERT INTO login VALUES (7, 'Ada', 'theirs', 3, 'EUR', 'import')");
    let creates = put(&store, r#"{"name":"Eve","password":"mine","currency":"EUR"}"#, None);
    assert_eq!(creates, Outcome::Overtaken(Some(Box::new(get(&store)))), "it would have set the pin to nothing");
    assert_eq!(row(&schema).1, "theirs");
}

#[test]
fn of_changes_that_travel_together_one_with_a_password_is_not_undone_by_the_next() {
    let Some(schema) = Schema::new("members") else { return };
    let store = open(&schema);
    schema.sql("INSERT INTO login VALUES (7, 'Ada', 'first', 3, 'EUR', 'import')");
    let seen = get(&store);
    let other = Arc::new(connect(&schema.url));
    let say = |statements: String| {
        let client = Arc::clone(&other);
        wait_for(async move { client.batch_execute(&statements).await.unwrap() });
    };
    for round in 0..10 {
        say(format!("BEGIN; SELECT FROM {} FOR UPDATE", schema.table("login")));
        let before = get(&store);
        let waiting: Vec<_> = (0..6)
            .map(|index| {
                let with = format!(r#"{{"name":"{round}","password":"{round}.{index}"}}"#);
                let content = if index % 2 == 0 { with.as_str() } else { r#"{"name":"without"}"# };
                begin(&store, content, Some(&before))
            })
            .collect();
        say("COMMIT".to_owned());
        for (index, reply) in waiting.into_iter().enumerate() {
            let outcome = block_on(reply).unwrap();
            let expected = if index % 2 == 0 {
                matches!(outcome, Outcome::Replaced(_))
            } else {
                matches!(outcome, Outcome::Overtaken(Some(_)))
            };
            assert!(expected, "{round}.{index}: {outcome:?}");
        }
        let (name, password, ..) = row(&schema);
        assert_eq!((name, password), (round.to_string(), format!("hash of {round}.4")));
    }
    assert_ne!(get(&store).json(), seen.json());
}

/// Another program counts in a column that the client leaves out: no count is lost.
#[test]
fn a_secret_that_another_program_changes_all_the_time_is_never_set_back() {
    let Some(schema) = Schema::new("members") else { return };
    let store = open(&schema);
    schema.sql("INSERT INTO login VALUES (7, 'Ada', 'p', 0, 'EUR', 'import')");
    std::thread::scope(|scope| {
        let beside = scope.spawn(|| (0..200).for_each(|_| schema.sql("UPDATE login SET pin = pin + 1")));
        let mut round = 0;
        while !beside.is_finished() {
            round += 1;
            let mut seen = get(&store);
            let content = format!(r#"{{"name":"{round}"}}"#);
            while let Outcome::Overtaken(now) = put(&store, &content, Some(&seen)) {
                seen = *now.unwrap();
            }
        }
    });
    assert_eq!(row(&schema).2, Some(200));
}
