//! Group commit: what shares a transaction, and what does not share its fate.
//!
//! One thing although it is long: one test for each promise of the chapter.

use std::sync::atomic::{AtomicBool, Ordering};

use put_core::store::{Deletion, Outcome};
use put_core::{Precondition, PutResource};
use put_sqlite::Database;
use serde::{Deserialize, Serialize};

use crate::support::{Blocked, User, change, commits, elsewhere, folder, key, open, port, put, user};

#[tokio::test]
async fn changes_that_wait_share_one_commit() {
    let folder = folder();
    let database = open(&folder);
    let store = port::<User>(&database);
    let before = commits(database.path());
    let (blocked, first) = Blocked::new(database.path(), &*store).await;
    let mut replies = Vec::new();
    for id in 0..100 {
        replies.push(put(&*store, user(id, "somebody")).await);
    }
    blocked.release();
    first.await.unwrap();
    for reply in replies {
        assert!(matches!(reply.await, Ok(Outcome::Created(_))));
    }
    assert_eq!(commits(database.path()), before + 2, "the first alone, the hundred together");
}

#[tokio::test]
async fn two_stores_of_one_database_share_a_commit() {
    #[derive(Serialize, Deserialize, PutResource)]
    #[put(path = "/notes/{id}")]
    struct Note {
        #[put(key)]
        id: u64,
    }
    let folder = folder();
    let database = open(&folder);
    let (users, notes) = (port::<User>(&database), port::<Note>(&database));
    let before = commits(database.path());
    let (blocked, first) = Blocked::new(database.path(), &*users).await;
    let (key, note) = change(Note { id: 1 }).await;
    let replies = (put(&*users, user(1, "Ada")).await, notes.put(key, note, Precondition::none()));
    blocked.release();
    first.await.unwrap();
    assert!(matches!((replies.0.await, replies.1.await), (Ok(Outcome::Created(_)), Ok(Outcome::Created(_)))));
    assert_eq!(commits(database.path()), before + 2);
}

#[tokio::test]
async fn changes_of_one_key_are_decided_in_order() {
    let folder = folder();
    let database = open(&folder);
    let store = port::<User>(&database);
    let (blocked, first) = Blocked::new(database.path(), &*store).await;
    let (key, ada) = change(user(1, "Ada")).await;
    let (_, byron) = change(user(1, "Byron")).await;
    let only_new = Precondition::if_none_match_any;
    let none = Precondition::none;
    let created = store.put(key.clone(), ada.clone(), only_new());
    let too_late = store.put(key.clone(), byron.clone(), only_new());
    let same = store.put(key.clone(), ada.clone(), none());
    let replaced = store.put(key.clone(), byron.clone(), none());
    let deleted = store.delete(key.clone(), Precondition::if_match_any().into());
    let absent = store.delete(key.clone(), none().into());
    let again = store.put(key.clone(), byron, only_new());
    blocked.release();
    first.await.unwrap();
    let Outcome::Created(state) = created.await.unwrap() else { panic!("it was the first") };
    let Outcome::Failed(failed) = too_late.await.unwrap() else { panic!("it was the second") };
    assert_eq!(failed.tag(), Some(state.tag()));
    assert_eq!(same.await.unwrap(), Outcome::Unchanged(state.clone()));
    let Outcome::Replaced(second) = replaced.await.unwrap() else { panic!("Ada was there") };
    assert_eq!(deleted.await.unwrap(), Deletion::Deleted);
    assert_eq!(absent.await.unwrap(), Deletion::Absent);
    let Outcome::Created(last) = again.await.unwrap() else { panic!("it had been deleted") };
    assert_eq!(last.tag(), second.tag());
    assert_eq!(store.get(&key).await.unwrap(), Some(last));
}

#[tokio::test]
async fn of_many_creations_of_one_key_exactly_one_wins() {
    let folder = folder();
    let database = open(&folder);
    let store = port::<User>(&database);
    let mut replies = Vec::new();
    for n in 0..50 {
        let (key, change) = change(user(1, &format!("writer {n}"))).await;
        replies.push(store.put(key, change, Precondition::if_none_match_any()));
    }
    let mut created = 0;
    for reply in replies {
        match reply.await.unwrap() {
            Outcome::Created(_) => created += 1,
            Outcome::Failed(_) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(created, 1);
}

#[tokio::test]
async fn a_statement_that_fails_fails_alone() {
    let raise = ["RAISE(ABORT, 'no')", "RAISE(FAIL, 'no')", "RAISE(ROLLBACK, 'no')", "RAISE(IGNORE)"];
    for raise in raise {
        let folder = folder();
        let database = open(&folder);
        let store = port::<User>(&database);
        put(&*store, user(5, "before")).await.await.unwrap();
        elsewhere(database.path())
            .execute_batch(&format!(
                "CREATE TRIGGER no_13 BEFORE INSERT ON user WHEN NEW.key = 13 BEGIN SELECT {raise}; END;"
            ))
            .unwrap();
        let (blocked, first) = Blocked::new(database.path(), &*store).await;
        let mut replies = Vec::new();
        for id in 0..20 {
            replies.push((id, put(&*store, user(id, "after")).await));
        }
        let deleted = store.delete(key(19), Precondition::none().into());
        blocked.release();
        first.await.unwrap();
        for (id, reply) in replies {
            match (id, reply.await) {
                (13, Err(error)) => assert_eq!(error.retry_after(), None, "{raise}: {error}"),
                (5, Ok(Outcome::Replaced(_))) => {}
                (_, Ok(Outcome::Created(_))) if id != 5 && id != 13 => {}
                (_, other) => panic!("{raise}, {id}: {other:?}"),
            }
        }
        assert_eq!(deleted.await.unwrap(), Deletion::Deleted);
        for id in 0..19 {
            assert_eq!(store.get(&key(id)).await.unwrap().is_some(), id != 13, "{raise}, {id}");
        }
    }
}

#[tokio::test]
async fn a_commit_that_a_constraint_refuses_is_taken_apart() {
    let folder = folder();
    let database = open(&folder);
    let store = port::<User>(&database);
    // Found out by COMMIT, not by the statement.
    elsewhere(database.path())
        .execute_batch(
            "CREATE TABLE parent (id INTEGER PRIMARY KEY);
             CREATE TABLE child (id REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
             CREATE TRIGGER orphan BEFORE INSERT ON user WHEN NEW.key = 3 BEGIN INSERT INTO child VALUES (9); END;",
        )
        .unwrap();
    let (blocked, first) = Blocked::new(database.path(), &*store).await;
    let mut replies = Vec::new();
    for id in 0..6 {
        replies.push((id, put(&*store, user(id, "somebody")).await));
    }
    blocked.release();
    first.await.unwrap();
    for (id, reply) in replies {
        assert_eq!(reply.await.is_ok(), id != 3, "{id}");
        assert_eq!(store.get(&key(id)).await.unwrap().is_some(), id != 3, "{id}");
    }
}

static ARMED: AtomicBool = AtomicBool::new(false);

/// A value whose code panics when it is told to.
#[derive(Debug, Serialize)]
struct Fuse(u32);

impl<'de> Deserialize<'de> for Fuse {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = u32::deserialize(deserializer)?;
        assert!(!ARMED.load(Ordering::SeqCst), "the fuse has blown");
        Ok(Self(value))
    }
}

#[derive(Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/fused/{id}")]
struct Fused {
    #[put(key)]
    id: u64,
    text: String,
    // Absent at creation and set later: finding its place takes decoding, under the writer's lock.
    #[put(read_only, on_create = None, on_replace = Some(Fuse(7)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fuse: Option<Fuse>,
}

#[tokio::test]
async fn a_panic_in_the_resource_stops_neither_the_writer_nor_the_neighbours() {
    let folder = folder();
    let database = open(&folder);
    let (store, users) = (port::<Fused>(&database), port::<User>(&database));
    let fused = |text: &str| Fused { id: 1, text: text.into(), fuse: None };
    let (key, one) = change(fused("one")).await;
    let (_, two) = change(fused("two")).await;
    let Outcome::Created(first) = store.put(key.clone(), one, Precondition::none()).await.unwrap() else {
        panic!("there was nothing")
    };
    let (blocked, blocking) = Blocked::new(database.path(), &*users).await;
    ARMED.store(true, Ordering::SeqCst);
    let before = put(&*users, user(1, "Ada")).await;
    let fails = store.put(key.clone(), two.clone(), Precondition::none());
    let after = put(&*users, user(2, "Byron")).await;
    blocked.release();
    blocking.await.unwrap();
    assert!(before.await.is_ok());
    let error = fails.await.unwrap_err();
    assert!(error.to_string().contains("panicked"), "{error}");
    assert!(after.await.is_ok());
    assert_eq!(store.get(&key).await.unwrap(), Some(first));
    ARMED.store(false, Ordering::SeqCst);
    assert!(matches!(store.put(key, two, Precondition::none()).await, Ok(Outcome::Replaced(_))));
}

#[tokio::test]
async fn a_full_queue_refuses_and_says_when_to_come_back() {
    let folder = folder();
    let database = Database::options().queue(3).open(folder.path().join("app.db")).unwrap();
    let store = port::<User>(&database);
    let (blocked, first) = Blocked::new(database.path(), &*store).await;
    let mut waiting = Vec::new();
    for id in 0..3 {
        waiting.push(put(&*store, user(id, "waits")).await);
    }
    let refused = put(&*store, user(3, "refused")).await.await.unwrap_err();
    assert!(refused.retry_after().is_some(), "{refused}");
    assert!(refused.to_string().contains("queue is full"), "{refused}");
    let refused = store.delete(key(0), Precondition::none().into()).await.unwrap_err();
    assert!(refused.retry_after().is_some(), "{refused}");
    blocked.release();
    first.await.unwrap();
    for reply in waiting {
        reply.await.unwrap();
    }
    assert!(store.get(&key(3)).await.unwrap().is_none());
    put(&*store, user(3, "accepted")).await.await.unwrap();
}

#[tokio::test]
async fn what_waits_is_limited_in_octets_too() {
    let folder = folder();
    let database = open(&folder);
    let store = port::<User>(&database);
    let (blocked, first) = Blocked::new(database.path(), &*store).await;
    let (_, change) = change(user(1, &"x".repeat(1024 * 1024))).await;
    let mut waiting = Vec::new();
    for id in 0..63 {
        waiting.push(store.put(key(id), change.clone(), Precondition::none()));
    }
    let refused = store.put(key(63), change, Precondition::none()).await.unwrap_err();
    assert!(refused.retry_after().is_some(), "{refused}");
    waiting.push(put(&*store, user(64, "small")).await);
    blocked.release();
    first.await.unwrap();
    for reply in waiting {
        reply.await.unwrap();
    }
}

#[tokio::test]
async fn a_change_is_done_although_nobody_waits_for_it() {
    let folder = folder();
    let database = open(&folder);
    let store = port::<User>(&database);
    let (blocked, first) = Blocked::new(database.path(), &*store).await;
    for id in 0..10 {
        drop(put(&*store, user(id, "left")).await);
    }
    let last = put(&*store, user(10, "stayed")).await;
    blocked.release();
    first.await.unwrap();
    last.await.unwrap();
    assert_eq!(store.list(None, 100).await.unwrap().len(), 12);
}

#[tokio::test]
async fn a_batch_is_bounded_in_octets() {
    let folder = folder();
    let database = open(&folder);
    let store = port::<User>(&database);
    // While somebody reads, the log does not start over: all of its transactions can be counted.
    let reader = elsewhere(database.path());
    reader.execute_batch("BEGIN; SELECT count(*) FROM user").unwrap();
    let before = commits(database.path());
    let (blocked, first) = Blocked::new(database.path(), &*store).await;
    let mut replies = Vec::new();
    for id in 0..20 {
        replies.push(put(&*store, user(id, &"x".repeat(1024 * 1024))).await);
    }
    blocked.release();
    first.await.unwrap();
    for reply in replies {
        reply.await.unwrap();
    }
    assert_eq!(commits(database.path()), before + 4, "the first alone, then eight, eight and four");
    assert_eq!(store.list(None, 100).await.unwrap().len(), 21);
}

#[tokio::test]
async fn a_writer_that_waits_too_long_for_another_process_says_so() {
    let folder = folder();
    let patience = std::time::Duration::from_millis(50);
    let database = Database::options().busy_timeout(patience).open(folder.path().join("app.db")).unwrap();
    let store = port::<User>(&database);
    let other = elsewhere(database.path());
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = put(&*store, user(1, "Ada")).await.await.unwrap_err();
    assert!(error.retry_after().is_some(), "{error}");
    assert!(store.get(&key(1)).await.unwrap().is_none(), "reads do not wait for anybody");
    other.execute_batch("ROLLBACK").unwrap();
    put(&*store, user(1, "Ada")).await.await.unwrap();
}
