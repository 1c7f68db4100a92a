//! Closing: what was accepted is committed, what comes later is refused.

use put_core::store::Outcome;
use put_core::{Precondition, PutResource};

use crate::support::{User, change, elsewhere, folder, open, port, put, user};

#[tokio::test]
async fn closing_commits_what_was_accepted_and_refuses_what_comes_later() {
    let folder = folder();
    let database = open(&folder);
    let path = database.path().to_owned();
    let store = port::<User>(&database);
    let mut replies = Vec::new();
    for id in 0..700 {
        replies.push(put(&*store, user(id, "accepted")).await);
    }
    let listing = store.list(None, 1);
    database.close().unwrap();
    for reply in replies {
        assert!(matches!(reply.await, Ok(Outcome::Created(_))));
    }
    listing.await.unwrap();

    let late = [
        put(&*store, user(1, "late")).await.await.unwrap_err(),
        store.delete(crate::support::key(1), Precondition::none().into()).await.unwrap_err(),
        store.get(&crate::support::key(1)).await.unwrap_err(),
        store.list(None, 1).await.unwrap_err(),
    ];
    for error in late {
        assert!(error.to_string().contains("closed"), "{error}");
        assert!(error.retry_after().is_some(), "{error}");
    }
    assert!(database.store::<User>().is_err());
    database.close().unwrap();

    assert!(!path.with_file_name("app.db-wal").exists(), "the log is folded in");
    let rows: i64 = elsewhere(&path).query_row("SELECT count(*) FROM user", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 700);
}

#[tokio::test]
async fn dropping_the_last_handle_commits_what_was_accepted() {
    let folder = folder();
    let database = open(&folder);
    let (path, store) = (database.path().to_owned(), port::<User>(&database));
    let (key, change) = change(user(0, "kept")).await;
    drop(database);
    let mut replies = vec![store.put(key, change, Precondition::none())];
    for id in 1..300 {
        replies.push(put(&*store, user(id, "accepted")).await);
    }
    drop(store);
    assert!(!path.with_file_name("app.db-wal").exists(), "dropping waits until all is done");
    for reply in replies {
        assert!(matches!(reply.await, Ok(Outcome::Created(_))));
    }
    let users = User::endpoint(open(&folder).store().unwrap());
    assert_eq!(users.list(None, 1000).await.unwrap().len(), 300);
}

#[tokio::test]
async fn closing_while_another_process_has_the_file_open_is_fine() {
    let folder = folder();
    let database = open(&folder);
    put(&*port::<User>(&database), user(1, "Ada")).await.await.unwrap();
    let other = elsewhere(database.path());
    other.execute_batch("BEGIN; SELECT count(*) FROM user").unwrap();
    database.close().unwrap();
    let rows: i64 = other.query_row("SELECT count(*) FROM user", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 1);
}
