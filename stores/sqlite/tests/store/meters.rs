//! What the feature `metrics` tells. A recorder is one for the process, so the test has a process of its own.

use std::collections::BTreeMap;
use std::path::Path;

use put_core::Precondition;
use put_core::store::Outcome;
use put_recorder::Recorder;
use put_sqlite::Database;

use crate::support::{Blocked, User, as_child, child, elsewhere, folder, key, port, put, user};

async fn with_a_recorder(path: &Path) {
    let recorder = Recorder::default();
    metrics::set_global_recorder(recorder.clone()).unwrap();
    let database = Database::options().queue(3).open(path).unwrap();
    let store = port::<User>(&database);
    let (blocked, first) = Blocked::new(database.path(), &*store).await;
    let mut waiting = Vec::new();
    for id in 0..3 {
        waiting.push(put(&*store, user(id, "waits")).await);
    }
    for id in 3..5 {
        put(&*store, user(id, "is refused")).await.await.unwrap_err();
    }
    blocked.release();
    first.await.unwrap();
    for reply in waiting {
        reply.await.unwrap();
    }
    // Nothing to write is still a transaction.
    assert!(matches!(put(&*store, user(1, "waits")).await.await, Ok(Outcome::Unchanged(_))));
    // A batch that fails is taken apart; of its three transactions two end well.
    let trigger = "CREATE TRIGGER no_13 BEFORE INSERT ON user WHEN NEW.key = 13 BEGIN SELECT RAISE(ABORT, 'no'); END";
    elsewhere(database.path()).execute_batch(trigger).unwrap();
    let (blocked, first) = Blocked::new(database.path(), &*store).await;
    let replies = [put(&*store, user(12, "one")).await, put(&*store, user(13, "fails")).await];
    let gone = store.delete(key(12), Precondition::none().into());
    blocked.release();
    first.await.unwrap();
    let [one, fails] = replies;
    assert!(one.await.is_ok() && fails.await.is_err() && gone.await.is_ok());
    database.close().unwrap();
    let expected: [(&str, &[f64]); 6] = [
        ("put_batch_size", &[]),
        ("put_batch_size{store=sqlite}", &[1.0, 3.0, 1.0, 1.0, 1.0, 1.0]),
        ("put_queue_depth", &[]),
        ("put_queue_depth{store=sqlite}", &[1.0, 3.0, 1.0, 1.0, 3.0]),
        ("put_queue_refused_total", &[]),
        ("put_queue_refused_total{store=sqlite}", &[1.0, 1.0]),
    ];
    let expected = expected.map(|(name, values)| (name.to_owned(), values.to_vec()));
    assert_eq!(recorder.told(), BTreeMap::from(expected));
}

#[test]
fn batches_the_queue_and_what_is_refused_are_told() {
    if let Some(path) = as_child() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        return runtime.block_on(with_a_recorder(Path::new(&path)));
    }
    let folder = folder();
    let path = folder.path().join("app.db");
    let mut child = child("meters::batches_the_queue_and_what_is_refused_are_told", &path).spawn().unwrap();
    assert!(child.wait().unwrap().success());
}
