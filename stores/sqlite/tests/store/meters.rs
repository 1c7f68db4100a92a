//! What the feature `metrics` tells. A recorder is one for the process, so the test has a process of its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use metrics::{
    Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};
use put_core::Precondition;
use put_core::store::Outcome;
use put_sqlite::Database;

use crate::support::{Blocked, User, as_child, child, elsewhere, folder, key, port, put, user};

/// Everything that was recorded, in order, under name and labels.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<BTreeMap<String, Vec<f64>>>>);

struct One(Told, String);

impl Told {
    fn one(&self, key: &Key) -> Arc<One> {
        let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        Arc::new(One(self.clone(), format!("{}{{{}}}", key.name(), labels.join(","))))
    }

    fn describe(&self, name: &KeyName, unit: Option<Unit>) {
        assert_eq!(unit, Some(Unit::Count));
        self.0.lock().unwrap().insert(name.as_str().to_owned(), Vec::new());
    }
}

impl One {
    fn push(&self, value: f64) {
        self.0.0.lock().unwrap().entry(self.1.clone()).or_default().push(value);
    }
}

impl CounterFn for One {
    fn increment(&self, value: u64) {
        self.push(u32::try_from(value).unwrap().into());
    }

    fn absolute(&self, value: u64) {
        panic!("the counter is set to {value}");
    }
}

impl HistogramFn for One {
    fn record(&self, value: f64) {
        self.push(value);
    }
}

impl Recorder for Told {
    fn describe_counter(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe(&name, unit);
    }

    fn describe_gauge(&self, name: KeyName, _: Option<Unit>, _: SharedString) {
        panic!("a gauge {name:?}");
    }

    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe(&name, unit);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.one(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        panic!("a gauge {key:?}");
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.one(key))
    }
}

async fn with_a_recorder(path: &Path) {
    let told = Told::default();
    metrics::set_global_recorder(told.clone()).unwrap();
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
    let told = told.0.lock().unwrap();
    let expected: [(&str, &[f64]); 6] = [
        ("put_batch_size", &[]),
        ("put_batch_size{store=sqlite}", &[1.0, 3.0, 1.0, 1.0, 1.0, 1.0]),
        ("put_queue_depth", &[]),
        ("put_queue_depth{store=sqlite}", &[1.0, 3.0, 1.0, 1.0, 3.0]),
        ("put_queue_refused_total", &[]),
        ("put_queue_refused_total{store=sqlite}", &[1.0, 1.0]),
    ];
    let expected = expected.map(|(name, values)| (name.to_owned(), values.to_vec()));
    assert_eq!(*told, BTreeMap::from(expected));
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
