//! What the feature `metrics` tells. A recorder is one for the process, so the test has a process of its own.

use std::env;
use std::process::Command;
use std::sync::Arc;

use put_conformance::store::block_on;
use put_core::store::{Outcome, Reply, Store, StoreFor as _};
use put_core::{Precondition, PutResource};
use put_postgres::PostgresStore;
use put_recorder::Recorder;
use serde::{Deserialize, Serialize};

use crate::support::{Schema, connect, wait_for};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: i64,
    name: String,
}

fn put(store: &Arc<dyn Store>, id: i64, name: &str) -> Reply<Outcome> {
    let (key, change) = User::endpoint(Arc::clone(store)).change(&User { id, name: name.to_owned() }).unwrap();
    store.put(key, change, Precondition::none())
}

fn with_a_recorder() {
    let recorder = Recorder::default();
    metrics::set_global_recorder(recorder.clone()).unwrap();
    let schema = Schema::new("meters").expect("the parent has found a server");
    schema.sql("CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL)");
    schema.sql("INSERT INTO users VALUES (0, 'locked')");
    let store = PostgresStore::<User>::connect(&schema.url).table(schema.table("users")).queue(3);
    let store = block_on(store.open()).unwrap().into_store();
    let other = Arc::new(connect(&schema.url));
    let sql = |text: String| {
        let other = Arc::clone(&other);
        wait_for(async move { other.batch_execute(&text).await }).unwrap();
    };
    sql(format!("BEGIN; SELECT FROM {} WHERE id = 0 FOR UPDATE", schema.table("users")));
    // What waits for the lock is under way, and takes room.
    let waiting: Vec<_> = ["one", "two", "three"].map(|name| put(&store, 0, name)).into_iter().collect();
    for id in 1..3 {
        block_on(put(&store, id, "is refused")).unwrap_err();
    }
    sql("COMMIT".to_owned());
    for reply in waiting {
        assert!(matches!(block_on(reply), Ok(Outcome::Replaced(_))));
    }
    // Nothing to write is decided, too.
    assert!(matches!(block_on(put(&store, 0, "three")), Ok(Outcome::Unchanged(_))));
    let told = recorder.told();
    let names: Vec<_> = told.keys().map(String::as_str).collect();
    let labelled = ["put_batch_size", "put_queue_depth", "put_queue_refused_total"];
    let expected: Vec<_> =
        labelled.iter().flat_map(|name| [(*name).to_owned(), format!("{name}{{store=postgres}}")]).collect();
    assert_eq!(names, expected);
    // How many went together is a matter of luck; that none is missing is not.
    let sum = |name: &str| told[name].iter().sum::<f64>();
    assert!((sum("put_batch_size{store=postgres}") - 4.0).abs() < 0.5, "{told:?}");
    assert!((sum("put_queue_depth{store=postgres}") - 4.0).abs() < 0.5, "{told:?}");
    assert_eq!(told["put_queue_refused_total{store=postgres}"], [1.0, 1.0]);
}

/// That a process is the child, which uses the server of its parent.
const CHILD: &str = "PUT_POSTGRES_METERS";

#[test]
fn batches_the_queue_and_what_is_refused_are_told() {
    if env::var_os(CHILD).is_some() {
        return with_a_recorder();
    }
    let Some(schema) = Schema::new("meters") else { return };
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["meters::batches_the_queue_and_what_is_refused_are_told", "--exact", "--nocapture"]);
    assert!(child.env(CHILD, "1").env("DATABASE_URL", &schema.url).status().unwrap().success());
}
