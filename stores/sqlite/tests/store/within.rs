//! The application's own statements, in the transaction of the change.
//!
//! One file, because every test looks at the same outbox.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _, stdout};
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, OnceLock};

use put_core::store::{Deletion, Outcome, State, Store, StoreFor as _};
use put_core::{Endpoint, Error, Precondition, PutResource};
use put_sqlite::{Database, Done, OpenError, SqliteStore, Transaction, Written};
use tempfile::TempDir;

use crate::support::{Blocked, User, as_child, change, child, commits, elsewhere, folder, key, open, port, put, user};

type Ended = Result<(), Box<dyn std::error::Error + Send + Sync>>;

const OUTBOX: &str = "CREATE TABLE IF NOT EXISTS outbox (
    place INTEGER PRIMARY KEY, key TEXT NOT NULL, what TEXT NOT NULL, before TEXT, after TEXT,
    CHECK (after NOT LIKE '%forbidden%')) STRICT";

/// Notes a change, and does what its name says.
fn note(transaction: &Transaction<'_>, written: &Written<'_>) -> Ended {
    let text = |state: &State| String::from_utf8_lossy(state.json()).into_owned();
    let (before, after) = (written.before().map(text), written.after().map(text));
    // A key above i64::MAX is a text that begins with U+0001.
    let kept = "SELECT json FROM user WHERE ltrim(key, char(1)) = ?1";
    let kept = transaction.query(kept, [written.key().to_string()], |row| row.get::<_, String>(0))?;
    assert_eq!(kept.first(), after.as_ref(), "the row is the one of this change");
    let name = after.as_deref().unwrap_or_default();
    let insert = "INSERT INTO outbox (key, what, before, after) VALUES (?1, ?2, ?3, ?4)";
    let what = format!("{:?}", written.done());
    let count = transaction.execute(insert, (written.key().to_string(), what, before, &after))?;
    assert_eq!((count, transaction.query_row("SELECT 1", [], |row| row.get::<_, u8>(0))?), (1, 1));
    if name.contains("refuses") {
        return Err("the application says no".into());
    }
    assert!(!name.contains("panics"), "the application's own panic");
    for (word, sql) in [
        ("commits", "COMMIT"),
        ("ends", "END TRANSACTION"),
        ("begins", "BEGIN"),
        ("rolls back", "/* all of it */ rollback"),
        ("to a savepoint", "ROLLBACK TO put_change"),
        ("releases", "RELEASE put_change"),
        ("several", "SELECT 1; SELECT 2"),
        ("breaks", "INSERT OR ROLLBACK INTO outbox (place, key, what) VALUES (1, '', '')"),
    ] {
        if name.contains(word) {
            transaction.execute(sql, [])?;
        }
    }
    if name.contains("hides a rollback") {
        let breaks = "INSERT OR ROLLBACK INTO outbox (place, key, what) VALUES (1, '', '')";
        transaction.execute(breaks, []).unwrap_err();
        // Would be committed by itself.
        transaction.execute("INSERT INTO outbox (key, what) VALUES ('', 'alone')", []).unwrap_err();
    }
    if name.contains("hides a commit") {
        transaction.execute("COMMIT", []).unwrap_err();
    }
    Ok(())
}

fn noted(database: &Database) -> SqliteStore<User> {
    database.set_up(OUTBOX).unwrap();
    database.store_options::<User>().within(note).open().unwrap()
}

fn endpoint(database: &Database) -> Endpoint<User> {
    User::endpoint(noted(database))
}

/// Place, key, what, before, after.
type Line = (String, String, Option<String>, Option<String>);

fn outbox(path: &Path) -> Vec<Line> {
    let connection = elsewhere(path);
    let mut statement = connection.prepare("SELECT key, what, before, after FROM outbox ORDER BY place").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// Each line begins where the one before it of the same key ended, and the last one is the row.
fn assert_whole(path: &Path) {
    let mut last: BTreeMap<String, Option<String>> = BTreeMap::new();
    for (key, what, before, after) in outbox(path) {
        let known = last.insert(key.clone(), after.clone()).flatten();
        assert_eq!(known, before, "{key}: {what}");
        let fits = match what.as_str() {
            "Created" => before.is_none() && after.is_some(),
            "Replaced" => before.is_some() && after.is_some() && before != after,
            "Deleted" => before.is_some() && after.is_none(),
            _ => false,
        };
        assert!(fits, "{key}: {what}, {before:?}, {after:?}");
    }
    let connection = elsewhere(path);
    let mut statement = connection.prepare("SELECT ltrim(key, char(1)), json FROM user").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let rows: BTreeMap<String, String> = rows.collect::<Result<_, _>>().unwrap();
    let last: BTreeMap<_, _> = last.into_iter().filter_map(|(key, after)| Some((key, after?))).collect();
    assert_eq!(rows, last);
}

fn lines(folder: &TempDir) -> usize {
    outbox(&folder.path().join("app.db")).len()
}

#[tokio::test]
async fn each_real_change_is_noted_once_with_what_was_and_what_is() {
    let folder = folder();
    let database = open(&folder);
    let users = endpoint(&database);
    let created = users.put(user(7, "ada"), Precondition::none()).await.unwrap().into_stored();
    users.put(user(7, "ada"), Precondition::none()).await.unwrap();
    users.put(user(7, "lovelace"), Precondition::if_match(created.tag.clone())).await.unwrap();
    let refused = users.put(user(7, "late"), Precondition::if_match(created.tag)).await.unwrap_err();
    assert!(matches!(refused, Error::PreconditionFailed(..)), "{refused:?}");
    users.delete(&7, Precondition::if_match_any()).await.unwrap();
    let json = |name: &str| Some(serde_json::to_string(&user(7, name)).unwrap());
    let line = |what: Done, before, after| ("7".to_owned(), format!("{what:?}"), before, after);
    assert_eq!(
        outbox(database.path()),
        [
            line(Done::Created, None, json("ada")),
            line(Done::Replaced, json("ada"), json("lovelace")),
            line(Done::Deleted, json("lovelace"), None),
        ]
    );
    assert_whole(database.path());
}

#[tokio::test]
async fn what_fails_fails_alone_and_leaves_nothing() {
    for (name, why) in [
        ("forbidden", "CHECK constraint"),
        ("refuses", "the application says no"),
        ("panics", "panicked"),
        ("commits", "may not begin, commit or roll back"),
        ("ends", "may not begin, commit or roll back"),
        ("begins", "may not begin, commit or roll back"),
        ("rolls back", "may not begin, commit or roll back"),
        ("to a savepoint", "may not begin, commit or roll back"),
        ("releases", "may not begin, commit or roll back"),
        ("several", "Multiple statements"),
        ("breaks", "UNIQUE constraint"),
        ("hides a rollback", "rolled the transaction back"),
    ] {
        let folder = folder();
        let database = open(&folder);
        let store = noted(&database).into_store();
        put(&*store, user(3, "before")).await.await.unwrap();
        let (blocked, first) = Blocked::new(database.path(), &*store).await;
        let mut replies = Vec::new();
        for id in 0..10 {
            replies.push((id, put(&*store, user(id, if id == 3 { name } else { "after" })).await));
        }
        // Decided against what there was before the change that fails.
        let next = put(&*store, user(3, "before")).await;
        let gone = store.delete(key(3), Precondition::if_match_any().into());
        blocked.release();
        first.await.unwrap();
        for (id, reply) in replies {
            match (id, reply.await) {
                (3, Err(error)) => {
                    assert_eq!(error.retry_after(), None, "{name}");
                    assert!(error.to_string().contains(why), "{name}: {error}");
                }
                (_, Ok(Outcome::Created(_))) if id != 3 => {}
                (_, other) => panic!("{name}, {id}: {other:?}"),
            }
        }
        assert!(matches!(next.await, Ok(Outcome::Unchanged(_))), "{name}");
        assert_eq!(gone.await.unwrap(), Deletion::Deleted, "{name}");
        assert_eq!(lines(&folder), 1 + 1 + 9 + 1, "{name}: the first two, nine of ten, the deletion");
        assert_whole(database.path());
    }
}

#[tokio::test]
async fn a_change_that_is_asked_for_within_another_is_refused_and_nobody_waits() {
    let folder = folder();
    let database = open(&folder);
    let itself: Arc<OnceLock<Endpoint<User>>> = Arc::default();
    let asks = Arc::clone(&itself);
    let store = database.store_options::<User>().within(move |_, written| {
        let users = asks.get().expect("it was set before the first change");
        if written.key().to_string() == "7" {
            block_on(users.put(user(8, "within"), Precondition::none()))?;
        }
        Ok(())
    });
    let users = User::endpoint(store.open().unwrap());
    itself.set(users.clone()).unwrap();
    let refused = users.put(user(7, "asks"), Precondition::none()).await.unwrap_err();
    assert!(format!("{refused}").contains("within another one"), "{refused}");
    users.put(user(9, "next"), Precondition::none()).await.unwrap();
    assert_eq!(users.list(None, 9).await.unwrap().len(), 1, "neither of the two is there");
}

#[tokio::test]
async fn who_did_it_is_known_within() {
    struct Clerk(&'static str);
    let folder = folder();
    let database = open(&folder);
    database.set_up("CREATE TABLE audit (line TEXT NOT NULL) STRICT").unwrap();
    let store = database.store_options::<User>().within(|transaction, written| {
        let name = written.caller::<Clerk>().map_or("nobody", |clerk| clerk.0);
        let line = format!("{name} {:?} {}", written.done(), written.key());
        transaction.execute("INSERT INTO audit VALUES (?1)", [line])?;
        Ok(())
    });
    let users = User::endpoint(store.open().unwrap()).caller::<Clerk>();
    let ada = users.on_behalf_of(Clerk("ada"));
    ada.put(user(7, "new"), Precondition::none()).await.unwrap();
    users.put(user(7, "other"), Precondition::none()).await.unwrap();
    ada.delete(&7, Precondition::none()).await.unwrap();
    let connection = elsewhere(database.path());
    let mut statement = connection.prepare("SELECT line FROM audit").unwrap();
    let lines: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(lines, ["ada Created 7", "nobody Replaced 7", "ada Deleted 7"]);
}

#[tokio::test]
async fn a_commit_that_is_refused_and_then_hidden_changes_nothing() {
    let folder = folder();
    let database = open(&folder);
    let store = noted(&database).into_store();
    assert!(matches!(put(&*store, user(1, "hides a commit")).await.await, Ok(Outcome::Created(_))));
    assert_whole(database.path());
    assert_eq!(lines(&folder), 1);
}

#[tokio::test]
async fn a_commit_that_the_outbox_refuses_is_taken_apart() {
    let folder = folder();
    let database = open(&folder);
    let store = noted(&database).into_store();
    // Found out by COMMIT, not by the closure.
    let deferred = "CREATE TABLE parent (id INTEGER PRIMARY KEY);
                    CREATE TABLE child (id REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
                    CREATE TRIGGER orphan AFTER INSERT ON outbox WHEN NEW.key = '3' BEGIN INSERT INTO child VALUES (9); END";
    database.set_up(deferred).unwrap();
    let (blocked, first) = Blocked::new(database.path(), &*store).await;
    let mut replies = Vec::new();
    for id in 0..6 {
        replies.push((id, put(&*store, user(id, "somebody")).await));
    }
    blocked.release();
    first.await.unwrap();
    for (id, reply) in replies {
        assert_eq!(reply.await.is_ok(), id != 3, "{id}");
    }
    assert_eq!(lines(&folder), 1 + 5);
    assert_whole(database.path());
}

#[tokio::test]
async fn a_line_that_does_not_fit_is_refused_as_busy_and_alone() {
    let folder = folder();
    let database = Database::options().max_octets(256 * 1024).open(folder.path().join("app.db")).unwrap();
    database.set_up("CREATE TABLE blobs (blob)").unwrap();
    let within = |transaction: &Transaction<'_>, written: &Written<'_>| {
        let octets = if written.key().to_string() == "3" { 1024 * 1024 } else { 1 };
        transaction.execute("INSERT INTO blobs VALUES (zeroblob(?1))", [octets])?;
        Ok(())
    };
    let store = database.store_options::<User>().within(within).open().unwrap().into_store();
    let (blocked, first) = Blocked::new(database.path(), &*store).await;
    let mut replies = Vec::new();
    for id in 0..6 {
        replies.push((id, put(&*store, user(id, "somebody")).await));
    }
    blocked.release();
    first.await.unwrap();
    for (id, reply) in replies {
        match (id, reply.await) {
            (3, Err(error)) => assert!(error.retry_after().is_some(), "{error}"),
            (_, Ok(Outcome::Created(_))) if id != 3 => {}
            (_, other) => panic!("{id}: {other:?}"),
        }
        assert_eq!(store.get(&key(id)).await.unwrap().is_some(), id != 3, "{id}");
    }
    let count: i64 = elsewhere(database.path()).query_row("SELECT count(*) FROM blobs", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 1 + 5);
}

#[tokio::test]
async fn changes_that_wait_still_share_one_commit() {
    let folder = folder();
    let database = open(&folder);
    let store = noted(&database).into_store();
    let before = commits(database.path());
    let (blocked, first) = Blocked::new(database.path(), &*store).await;
    let mut replies = Vec::new();
    for n in 0..100 {
        replies.push(put(&*store, user(n % 5, &n.to_string())).await);
    }
    blocked.release();
    first.await.unwrap();
    for reply in replies {
        assert!(matches!(reply.await, Ok(Outcome::Created(_) | Outcome::Replaced(_))));
    }
    assert_eq!(commits(database.path()), before + 2, "the first alone, the hundred together");
    assert_eq!(lines(&folder), 101, "every state of a key, not only the last one");
    assert_whole(database.path());
}

#[tokio::test]
async fn under_concurrency_there_is_a_line_for_each_acknowledged_change_and_no_other() {
    let folder = folder();
    let database = open(&folder);
    let users = endpoint(&database);
    let mut tasks = Vec::new();
    for task in 0..64_u64 {
        let users = users.clone();
        tasks.push(tokio::spawn(async move {
            let mut real = 0;
            for round in 0..20_u64 {
                // Every other change is for one key.
                let id = if round % 2 == 0 { 0 } else { task % 7 + 1 };
                let name = match (task + round) % 10 {
                    0 => format!("refuses {task}"),
                    1 => format!("panics {task}"),
                    2 => "the same for all".to_owned(),
                    _ => format!("{task}/{round}"),
                };
                if (task + round) % 10 == 3 {
                    real += usize::from(users.delete(&id, Precondition::none()).await.is_ok());
                    continue;
                }
                let fails = name.starts_with("refuses") || name.starts_with("panics");
                match users.put(user(id, &name), Precondition::none()).await {
                    Ok(put) => {
                        assert!(!fails, "{name}");
                        real += usize::from(!matches!(put, put_core::Written::Unchanged(_)));
                    }
                    Err(error) => assert!(fails, "{name}: {error}"),
                }
            }
            real
        }));
    }
    let mut real = 0;
    for task in tasks {
        real += task.await.unwrap();
    }
    assert_eq!(lines(&folder), real);
    assert_whole(database.path());
}

/// A counter that the closure keeps as a document of its own.
#[derive(Debug, serde::Serialize, serde::Deserialize, PutResource)]
#[put(path = "/counters/{id}")]
struct Counter {
    #[put(key)]
    id: u64,
    count: u64,
}

#[tokio::test]
async fn a_store_without_it_in_the_same_batch_sees_what_the_closure_wrote_and_is_seen_by_it() {
    let folder = folder();
    let database = open(&folder);
    let counters = port::<Counter>(&database);
    let users = database
        .store_options::<User>()
        .within(|transaction, _| {
            let count = "UPDATE counter SET json = json_set(json, '$.count', (json ->> 'count') + 1) WHERE key = 1";
            match transaction.execute(count, [])? {
                1 => Ok(()),
                _ => Err("there is no counter".into()),
            }
        })
        .open()
        .unwrap()
        .into_store();
    let (blocked, first) = Blocked::new(database.path(), &*users).await;
    let counter = async |count| change(Counter { id: 1, count }).await;
    let ((key, hundred), (_, late)) = (counter(100).await, counter(200).await);
    let too_early = put(&*users, user(1, "nobody counts")).await;
    let created = counters.put(key.clone(), hundred, Precondition::if_none_match_any());
    let counted = [put(&*users, user(1, "one")).await, put(&*users, user(1, "two")).await];
    let replaced = counters.put(key.clone(), late.clone(), Precondition::none());
    let unchanged = counters.put(key.clone(), late, Precondition::none());
    let last = put(&*users, user(1, "three")).await;
    blocked.release();
    assert!(first.await.is_err());
    assert!(too_early.await.is_err());
    let Outcome::Created(state) = created.await.unwrap() else { panic!("there was none") };
    assert_eq!(state.json(), r#"{"id":1,"count":100}"#.as_bytes());
    for reply in counted {
        assert!(reply.await.is_ok());
    }
    assert!(matches!(replaced.await, Ok(Outcome::Replaced(_))));
    assert!(matches!(unchanged.await, Ok(Outcome::Unchanged(_))));
    assert!(last.await.is_ok());
    let state = counters.get(&key).await.unwrap().unwrap();
    assert_eq!(state.json(), r#"{"id":1,"count":201}"#.as_bytes());
}

#[tokio::test]
async fn a_store_that_is_opened_without_it_writes_without_it() {
    let folder = folder();
    let database = open(&folder);
    let (with, without) = (noted(&database).into_store(), port::<User>(&database));
    put(&*with, user(1, "noted")).await.await.unwrap();
    put(&*without, user(1, "not noted")).await.await.unwrap();
    assert_eq!(lines(&folder), 1);
}

#[tokio::test]
async fn what_sets_up_is_all_or_nothing() {
    let folder = folder();
    let database = open(&folder);
    for wrong in ["CREATE TABLE a (b); CREATE TABLE a (b)", "CREATE TABLE a (b); COMMIT", "CREATE TABLE"] {
        let error = database.set_up(wrong).unwrap_err();
        assert!(matches!(error, OpenError::Other { .. }), "{error}");
        assert!(error.to_string().contains("the application's own tables"), "{error}");
    }
    database.set_up("CREATE TABLE a (b)").unwrap();
    database.close().unwrap();
    assert!(matches!(database.set_up("CREATE TABLE c (d)"), Err(OpenError::Closed)));
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Puts without end, and says after each answer how many have been answered.
async fn put_without_end(path: &Path) {
    let database = Database::open(path).unwrap();
    let store: Arc<dyn Store> = noted(&database).into_store();
    let before = outbox(path).len();
    let mut out = stdout().lock();
    for round in before.. {
        let mut replies = Vec::new();
        for n in 0..64 {
            replies.push(put(&*store, user(n % 5, &format!("{round}/{n}"))).await);
        }
        for reply in replies {
            reply.await.unwrap();
            writeln!(out, "acknowledged").unwrap();
        }
        out.flush().unwrap();
    }
}

#[test]
fn a_process_that_is_killed_leaves_both_or_neither() {
    if let Some(path) = as_child() {
        return block_on(put_without_end(Path::new(&path)));
    }
    let folder = folder();
    let path = folder.path().join("app.db");
    let mut acknowledged = 0;
    for kill_after in [10, 500, 3000] {
        let mut process = child("within::a_process_that_is_killed_leaves_both_or_neither", &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut count = 0;
        for _ in said.filter(|line| line == "acknowledged") {
            count += 1;
            if count == kill_after {
                process.kill().unwrap();
            }
        }
        process.wait().unwrap();
        acknowledged += count;
        assert!(count >= kill_after, "{count} were acknowledged");
        assert!(outbox(&path).len() >= acknowledged, "a line for each that was acknowledged");
        assert_whole(&path);
    }
}
