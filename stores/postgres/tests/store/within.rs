//! The application's own statements, in the transaction of the change.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use put_conformance::store::block_on;
use put_core::{Endpoint, Error, Precondition, PutResource};
use put_postgres::{Done, PostgresStore, Transaction, Written};
use serde::{Deserialize, Serialize};

use crate::support::Schema;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: i64,
    name: String,
}

fn user(id: i64, name: &str) -> User {
    User { id, name: name.to_owned() }
}

fn schema() -> Option<Schema> {
    let schema = Schema::new("within")?;
    schema.sql(
        "CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL UNIQUE);
         CREATE TABLE audit (place bigserial, what text NOT NULL, before text, after text, CHECK (after NOT LIKE '%forbidden%'))",
    );
    Some(schema)
}

/// Notes every change in the audit table.
fn audited(schema: &Schema, calls: &Arc<AtomicUsize>) -> Endpoint<User> {
    let insert = format!("INSERT INTO {} (what, before, after) VALUES ($1, $2, $3)", schema.table("audit"));
    let calls = Arc::clone(calls);
    let options = PostgresStore::<User>::connect(&schema.url).table(schema.table("users")).within(
        async move |transaction: &Transaction<'_>, written: &Written<'_>| {
            calls.fetch_add(1, Ordering::SeqCst);
            let text = |state: &put_core::store::State| String::from_utf8_lossy(state.json()).into_owned();
            let (before, after) = (written.before().map(text), written.after().map(text));
            assert!(!after.as_ref().is_some_and(|after| after.contains("panic")), "the application's own panic");
            if after.as_ref().is_some_and(|after| after.contains("refuse")) {
                return Err("the application says no".into());
            }
            let what = format!("{:?} {}", written.done(), written.key());
            let count = transaction.execute(&insert, &[&what, &before, &after]).await?;
            assert_eq!((count, transaction.query("SELECT 1", &[]).await?.len()), (1, 1));
            Ok(())
        },
    );
    User::endpoint(block_on(options.open()).unwrap())
}

fn audit(schema: &Schema) -> Vec<String> {
    let rows = schema.rows("SELECT concat_ws(' | ', what, before, after) FROM audit ORDER BY place");
    rows.iter().map(|row| row.get(0)).collect()
}

#[test]
fn what_the_application_writes_is_committed_with_the_change() {
    let Some(schema) = schema() else { return };
    let users = audited(&schema, &Arc::default());
    let created = block_on(users.put(user(7, "ada"), Precondition::none())).unwrap().into_stored();
    block_on(users.put(user(7, "ada"), Precondition::none())).unwrap();
    block_on(users.put(user(7, "lovelace"), Precondition::if_match(created.tag.clone()))).unwrap();
    let refused = block_on(users.put(user(7, "late"), Precondition::if_match(created.tag))).unwrap_err();
    assert!(matches!(refused, Error::PreconditionFailed(..)), "{refused:?}");
    block_on(users.delete(&7, Precondition::if_match_any())).unwrap();
    assert_eq!(
        audit(&schema),
        [
            r#"Created 7 | {"id":7,"name":"ada"}"#,
            r#"Replaced 7 | {"id":7,"name":"ada"} | {"id":7,"name":"lovelace"}"#,
            r#"Deleted 7 | {"id":7,"name":"lovelace"}"#,
        ],
        "once for each real change, with what was and what is"
    );
    assert_eq!(Done::Created, Done::Created);
}

#[test]
fn what_fails_is_rolled_back_together() {
    let Some(schema) = schema() else { return };
    let users = audited(&schema, &Arc::default());
    block_on(users.put(user(1, "first"), Precondition::none())).unwrap();
    for (name, why) in [("forbidden", "audit"), ("refuse", "the application says no"), ("panic", "panic")] {
        for id in [1, 2] {
            let failed = block_on(users.put(user(id, name), Precondition::none())).unwrap_err();
            let Error::Store(error) = failed else { panic!("{name}: {failed:?}") };
            assert!(error.to_string().contains(why), "{error}");
        }
    }
    assert_eq!(audit(&schema).len(), 1, "nothing is left of what failed");
    assert_eq!(block_on(users.get(&1)).unwrap().unwrap().value, user(1, "first"));
    assert!(block_on(users.get(&2)).unwrap().is_none());
    // A constraint of the table itself is an answer here as well, and nothing is noted.
    block_on(users.put(user(2, "second"), Precondition::none())).unwrap();
    let taken = block_on(users.put(user(2, "first"), Precondition::none())).unwrap_err();
    assert!(matches!(taken, Error::Conflict(_)), "{taken:?}");
    assert_eq!(audit(&schema).len(), 2);
}

#[test]
fn many_at_once_are_each_noted_once() {
    let Some(schema) = schema() else { return };
    let calls = Arc::default();
    let users = audited(&schema, &calls);
    std::thread::scope(|scope| {
        for client in 0..8 {
            let users = &users;
            scope.spawn(move || {
                for round in 0..10 {
                    let name = format!("{client}/{round}");
                    block_on(users.put(user(round % 3, &name), Precondition::none())).unwrap();
                }
            });
        }
    });
    assert_eq!(audit(&schema).len(), 80);
    assert!(calls.load(Ordering::SeqCst) >= 80);
}
