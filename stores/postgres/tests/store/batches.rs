//! What waits together travels together; what fails, fails alone; several changes of one key are decided in order.
//!
//! One file, because the tests hold the line up in the same way.

use std::collections::HashSet;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use put_conformance::store::block_on;
use put_core::store::{Outcome, Reply, State, Store, StoreFor as _};
use put_core::{EntityTag, MemoryStore, Precondition, PutResource};
use put_postgres::PostgresStore;
use serde::{Deserialize, Serialize};

use crate::support::{Schema, connect, wait_for};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
struct User {
    #[put(key)]
    id: i64,
    name: String,
    email: Option<String>,
}

const PLAIN: &str = "CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, email text)";

fn user(id: i64, name: impl Into<String>) -> User {
    User { id, name: name.into(), email: None }
}

fn open<R: PutResource>(schema: &Schema, table: &str) -> Arc<dyn Store> {
    let options = PostgresStore::<R>::connect(&schema.url).table(schema.table(table));
    block_on(options.connections(6).open()).unwrap().into_store()
}

/// Hands a change to the store; the answer comes later.
fn put<R: PutResource>(store: &Arc<dyn Store>, value: &R, precondition: Precondition) -> Reply<Outcome> {
    let (key, change) = R::endpoint(Arc::clone(store)).change(value).unwrap();
    store.put(key, change, precondition)
}

fn state(outcome: Outcome) -> State {
    match outcome {
        Outcome::Created(state) | Outcome::Replaced(state) | Outcome::Unchanged(state) => state,
        other => panic!("{other:?}"),
    }
}

/// In how many transactions these rows were last written.
fn transactions(schema: &Schema, condition: &str) -> usize {
    let rows = schema.rows(&format!("SELECT DISTINCT xmin::text FROM users WHERE {condition}"));
    rows.len()
}

/// Holds the lock of a row for a while, as another program might, and changes it.
fn locked(schema: &Schema, id: i64, for_long: Duration, and: &str) -> std::thread::JoinHandle<()> {
    let client = connect(&schema.url);
    let begin = format!("BEGIN; SELECT FROM {} WHERE id = {id} FOR UPDATE", schema.table("users"));
    let end = format!("SET search_path = \"{}\"; {and}; COMMIT", schema.name);
    let (locked, is_locked) = std::sync::mpsc::channel();
    let holding = std::thread::spawn(move || {
        wait_for(async move {
            client.batch_execute(&begin).await.unwrap();
            locked.send(()).unwrap();
            tokio::time::sleep(for_long).await;
            client.batch_execute(&end).await.unwrap();
        });
    });
    is_locked.recv().unwrap();
    holding
}

#[test]
fn changes_that_wait_are_one_transaction() {
    let Some(schema) = Schema::new("batches") else { return };
    schema.sql(PLAIN);
    schema.sql("INSERT INTO users VALUES (0, 'locked')");
    let store = open::<User>(&schema, "users");
    let holding = locked(&schema, 0, Duration::from_millis(300), "SELECT 1");
    let first = put(&store, &user(0, "waits"), Precondition::none());
    sleep(Duration::from_millis(10));
    let rest: Vec<_> = (1..=100).map(|id| put(&store, &user(id, "n"), Precondition::none())).collect();
    for reply in rest {
        assert!(matches!(block_on(reply).unwrap(), Outcome::Created(_)));
    }
    // Two if the next batch began while they were still being handed over.
    assert!(transactions(&schema, "id > 0") <= 2, "what waited together was written together");
    assert!(!holding.is_finished(), "nobody waited for the lock but the one who needs it");
    assert!(matches!(block_on(first).unwrap(), Outcome::Replaced(_)));
    holding.join().unwrap();
}

#[test]
fn a_lock_of_somebody_else_holds_up_only_its_row() {
    let Some(schema) = Schema::new("batches") else { return };
    schema.sql(PLAIN);
    schema.sql("INSERT INTO users SELECT i, 'old' FROM generate_series(0, 40) i");
    let store = open::<User>(&schema, "users");
    let holding = locked(&schema, 20, Duration::from_millis(1500), "UPDATE users SET email = 'theirs' WHERE id = 20");
    let begun = Instant::now();
    let replies: Vec<_> = (0..=40).map(|id| (id, put(&store, &user(id, "new"), Precondition::none()))).collect();
    let again = put(&store, &user(20, "newest"), Precondition::none());
    let mut waits = Vec::new();
    for (id, reply) in replies {
        if id == 20 {
            waits.push(reply);
        } else {
            assert!(matches!(block_on(reply).unwrap(), Outcome::Replaced(_)));
        }
    }
    assert!(!holding.is_finished(), "after {:?} the others were told", begun.elapsed());
    waits.push(again);
    let told: Vec<_> = waits.into_iter().map(|reply| block_on(reply).unwrap()).collect();
    holding.join().unwrap();
    assert!(told.iter().all(|outcome| matches!(outcome, Outcome::Replaced(_))), "{told:?}");
    let row = &schema.rows("SELECT name, email FROM users WHERE id = 20")[0];
    assert_eq!((row.get(0), row.get::<_, Option<String>>(1)), ("newest", None), "a PUT replaces all of the state");
}

/// However many changes of a locked row there are, they take neither the connections nor the time of the others.
#[test]
fn a_lock_and_many_who_want_it_hold_up_nobody_else() {
    let Some(schema) = Schema::new("batches") else { return };
    schema.sql(PLAIN);
    schema.sql("INSERT INTO users VALUES (0, 'locked')");
    let options = PostgresStore::<User>::connect(&schema.url).table(schema.table("users")).connections(2);
    let store = block_on(options.open()).unwrap().into_store();
    let holding = locked(&schema, 0, Duration::from_secs(3), "SELECT 1");
    let mut waits = Vec::new();
    for round in 0..40 {
        waits.push(put(&store, &user(0, round.to_string()), Precondition::none()));
        block_on(put(&store, &user(1, round.to_string()), Precondition::none())).unwrap();
    }
    // If each of them had to find out that the row is locked, it would have been free again long ago.
    assert!(!holding.is_finished(), "the others do not wait for the lock");
    holding.join().unwrap();
    let last = waits.into_iter().map(|reply| state(block_on(reply).unwrap())).last().unwrap();
    assert_eq!(block_on(store.get(&"0".parse_key())).unwrap(), Some(last), "they were done in their order");
}

type Judge = fn(&Outcome) -> bool;

/// What is decided is decided against the row as it is after the wait, however long that was.
#[test]
fn a_row_that_changed_during_a_wait_is_judged_as_it_is_then() {
    let Some(schema) = Schema::new("batches") else { return };
    schema.sql(PLAIN);
    let store = open::<User>(&schema, "users");
    let cases: [(&str, &str, Judge); 5] = [
        // What it was is no longer what it is, and the other way round.
        ("UPDATE users SET name = 'new' WHERE id = 1", "old", |outcome| matches!(outcome, Outcome::Replaced(_))),
        ("UPDATE users SET name = 'new' WHERE id = 1", "new", |outcome| matches!(outcome, Outcome::Unchanged(_))),
        ("UPDATE users SET email = 'e' WHERE id = 1", "old", |outcome| matches!(outcome, Outcome::Replaced(_))),
        ("DELETE FROM users WHERE id = 1", "old", |outcome| matches!(outcome, Outcome::Created(_))),
        ("UPDATE users SET id = 100 WHERE id = 1", "old", |outcome| matches!(outcome, Outcome::Created(_))),
    ];
    for hold in [30, 400] {
        for (change, put_name, judge) in cases {
            for conditional in [false, true] {
                schema.sql("TRUNCATE users; INSERT INTO users VALUES (1, 'old')");
                let holding = locked(&schema, 1, Duration::from_millis(hold), change);
                // Demands nothing of the tag, but is decided by a look.
                let precondition = if conditional {
                    Precondition::if_none_match_one_of([EntityTag::of(b"another")])
                } else {
                    Precondition::none()
                };
                let outcome = block_on(put(&store, &user(1, put_name), precondition)).unwrap();
                holding.join().unwrap();
                // A look does not wait: nothing had changed when it was taken, and nothing was written.
                if conditional
                    && matches!(&outcome, Outcome::Unchanged(seen) if seen.json().windows(5).any(|text| text == b"\"old\""))
                {
                    assert_eq!(put_name, "old");
                    continue;
                }
                assert!(judge(&outcome), "{change}, held {hold} ms, {put_name}, {conditional}: {outcome:?}");
                let shown = block_on(store.get(&"1".parse_key())).unwrap();
                assert_eq!(shown, Some(state(outcome)));
            }
        }
    }
}

trait ParseKey {
    fn parse_key(&self) -> put_core::store::Key;
}

impl ParseKey for str {
    fn parse_key(&self) -> put_core::store::Key {
        put_core::store::KeyPart::Integer(self.parse().unwrap()).into()
    }
}

/// A row that another program creates while the statement runs is not seen by it, and not created twice.
#[test]
fn a_creation_that_is_lost_is_a_replacement() {
    let Some(schema) = Schema::new("batches") else { return };
    schema.sql(PLAIN);
    let store = open::<User>(&schema, "users");
    for (hold, precondition) in [30, 400].into_iter().flat_map(|hold| {
        [Precondition::none(), Precondition::if_none_match_any(), Precondition::if_match_any()].map(|one| (hold, one))
    }) {
        schema.sql("TRUNCATE users");
        let client = connect(&schema.url);
        let table = schema.table("users");
        let insert = format!("BEGIN; INSERT INTO {table} VALUES (1, 'theirs')");
        let client = wait_for(async move {
            client.batch_execute(&insert).await.unwrap();
            client
        });
        let reply = put(&store, &user(1, "ours"), precondition.clone());
        let waiting = std::thread::spawn(move || block_on(reply).unwrap());
        sleep(Duration::from_millis(hold));
        wait_for(async move { client.batch_execute("COMMIT").await.unwrap() });
        let outcome = waiting.join().unwrap();
        let as_it_should = match &outcome {
            Outcome::Replaced(_) => precondition.is_none() || precondition == Precondition::if_match_any(),
            // Whether it was told before or after the other program had committed, it was true.
            Outcome::Failed(_) => !precondition.is_none(),
            _ => false,
        };
        assert!(as_it_should, "{precondition:?}: {outcome:?}");
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/counters/{id}")]
struct Counter {
    #[put(key)]
    id: i64,
    value: i64,
    #[put(immutable)]
    owner: String,
    #[put(read_only, on_replace = put_postgres_ticks())]
    changed: i64,
}

fn put_postgres_ticks() -> i64 {
    use std::sync::atomic::{AtomicI64, Ordering};
    static TICKS: AtomicI64 = AtomicI64::new(1);
    TICKS.fetch_add(1, Ordering::Relaxed)
}

#[derive(Clone, Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/drafts/{id}")]
struct Draft {
    #[put(key)]
    id: i64,
    #[put(version)]
    version: i64,
    text: String,
}

/// The same changes, in the same order, against a table and against the store in memory: the answers are the same, whether
/// only the last state is written or every one.
#[test]
fn changes_of_one_key_are_decided_in_order() {
    let Some(schema) = Schema::new("batches") else { return };
    schema.sql(
        "CREATE TABLE plain (id bigint PRIMARY KEY, value bigint NOT NULL, owner text NOT NULL, changed bigint NOT NULL);
         CREATE TABLE checked (LIKE plain INCLUDING ALL, CHECK (value >= 0));
         CREATE TABLE audit (value bigint);
         CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN EXECUTE format(''INSERT INTO %I.audit VALUES ($1)'', TG_TABLE_SCHEMA) USING NEW.value; RETURN NEW; END';
         CREATE TABLE audited (LIKE plain INCLUDING ALL);
         CREATE TRIGGER note AFTER INSERT OR UPDATE ON audited FOR EACH ROW EXECUTE FUNCTION note()",
    );
    for table in ["plain", "checked", "audited"] {
        schema.sql(&format!("INSERT INTO {table} VALUES (0, 0, 'nobody', 0)"));
        let store = open::<Counter>(&schema, table);
        // The lane is kept busy, so that the rest becomes one batch.
        let client = connect(&schema.url);
        let lock = format!("BEGIN; SELECT FROM {} WHERE id = 0 FOR UPDATE", schema.table(table));
        let client = wait_for(async move {
            client.batch_execute(&lock).await.unwrap();
            client
        });
        let counter = |value, owner: &str| Counter { id: 1, value, owner: owner.to_owned(), changed: 0 };
        let none = Precondition::none;
        let changes = || {
            vec![
                (counter(0, "ada"), Precondition::if_match_any()),
                (counter(1, "ada"), none()),
                (counter(1, "ada"), Precondition::if_none_match_any()),
                (counter(2, "ada"), none()),
                (counter(2, "ada"), none()),
                (counter(3, "byron"), none()),
                (counter(4, "ada"), Precondition::if_match(EntityTag::of(b"never"))),
                (counter(5, "ada"), Precondition::if_match_any()),
                (counter(6, "ada"), Precondition::if_none_match_one_of([EntityTag::of(b"never")])),
                (counter(2, "ada"), none()),
            ]
        };
        let busy = put(&store, &Counter { id: 0, value: 1, owner: "nobody".into(), changed: 0 }, none());
        sleep(Duration::from_millis(20));
        let replies: Vec<_> = changes().into_iter().map(|(value, condition)| put(&store, &value, condition)).collect();
        let model = MemoryStore::<Counter>::new().into_store();
        let mut last = None;
        for (reply, (value, condition)) in replies.into_iter().zip(changes()) {
            let (told, expected) = (block_on(reply).unwrap(), block_on(put(&model, &value, condition)).unwrap());
            assert_eq!(shape(&told), shape(&expected), "{table}: {value:?}: {told:?}");
            if let Outcome::Created(state) | Outcome::Replaced(state) | Outcome::Unchanged(state) = told {
                last = Some(state);
            }
        }
        let shown = block_on(store.get(&"1".parse_key())).unwrap();
        assert_eq!(shown, last, "{table}: what was told last is what is there");
        wait_for(async move { client.batch_execute("COMMIT").await.unwrap() });
        assert!(matches!(block_on(busy).unwrap(), Outcome::Replaced(_)));
    }
    let audit: Vec<i64> = schema.rows("SELECT value FROM audit").iter().map(|row| row.get(0)).collect();
    assert_eq!(audit, [0, 1, 2, 5, 6, 2, 1], "a trigger sees every state, in order, of every row");
}

/// An outcome without what two stores do not share: tags and times.
fn shape(outcome: &Outcome) -> (&'static str, String) {
    let of = |state: &State| {
        let mut value: serde_json::Value = serde_json::from_slice(state.json()).unwrap();
        for name in ["changed", "version"] {
            value.as_object_mut().unwrap().remove(name);
        }
        value.to_string()
    };
    match outcome {
        Outcome::Created(state) => ("created", of(state)),
        Outcome::Replaced(state) => ("replaced", of(state)),
        Outcome::Unchanged(state) => ("unchanged", of(state)),
        Outcome::Refused(refused) => ("refused", format!("{refused:?}")),
        Outcome::Overtaken(state) => ("overtaken", format!("{}", state.is_some())),
        Outcome::Failed(failed) => ("failed", format!("{:?} {}", failed.condition, failed.current.is_some())),
        Outcome::Conflict(violations) => ("conflict", violations.to_string()),
        Outcome::Invalid(violations) => ("invalid", violations.to_string()),
    }
}

#[test]
fn a_hot_row_tells_each_change_its_own_state() {
    let Some(schema) = Schema::new("batches") else { return };
    schema.sql("CREATE TABLE drafts (id bigint PRIMARY KEY, version bigint NOT NULL, text text NOT NULL)");
    let store = open::<Draft>(&schema, "drafts");
    let mut tags = HashSet::new();
    for round in 0..5 {
        let draft = |n| Draft { id: 7, version: 0, text: format!("{round}, {n}") };
        let replies: Vec<_> = (0..64).map(|n| put(&store, &draft(n), Precondition::none())).collect();
        let mut versions = Vec::new();
        for (n, reply) in (0..64).zip(replies) {
            let state = state(block_on(reply).unwrap());
            let told: Draft = serde_json::from_slice(state.json()).unwrap();
            assert_eq!(told.text, draft(n).text, "each is told what it has put");
            assert!(tags.insert(state.tag().clone()), "and no tag is told twice");
            versions.push(told.version);
        }
        assert!(versions.is_sorted(), "{versions:?}");
        let shown = block_on(store.get(&"7".parse_key())).unwrap().unwrap();
        let shown: Draft = serde_json::from_slice(shown.json()).unwrap();
        assert_eq!((shown.text, Some(&shown.version)), (draft(63).text, versions.last()));
    }
}

#[test]
fn a_full_queue_says_so_at_once() {
    let Some(schema) = Schema::new("batches") else { return };
    schema.sql(PLAIN);
    schema.sql("INSERT INTO users SELECT i, 'old' FROM generate_series(0, 10) i");
    let options = PostgresStore::<User>::connect(&schema.url).table(schema.table("users")).queue(3).connections(2);
    let store = block_on(options.open()).unwrap().into_store();
    let holding = locked(&schema, 0, Duration::from_millis(500), "SELECT 1");
    let mut replies = Vec::new();
    // Each batch holds a connection while it waits; then the queue fills.
    for id in 0..200 {
        replies.push(put(&store, &user(0, id.to_string()), Precondition::none()));
    }
    let outcomes: Vec<_> = replies.into_iter().map(block_on).collect();
    holding.join().unwrap();
    let refused = outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
    assert!(refused.clone().count() > 100, "a queue of three cannot hold two hundred");
    assert!(refused.clone().all(|error| error.retry_after().is_some()), "{:?}", refused.collect::<Vec<_>>());
    assert!(outcomes.iter().any(Result::is_ok), "what was accepted was done");
}

#[derive(Clone, Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/pages/{slug}")]
struct Page {
    #[put(key)]
    slug: String,
    text: String,
}

/// Whatever a trigger does with a key, an answer is about the resource that was asked for, or there is none.
#[test]
fn a_row_is_written_under_its_own_key_or_not_at_all() {
    let Some(schema) = Schema::new("batches") else { return };
    schema.sql(
        "CREATE TABLE pages (slug varchar(5) PRIMARY KEY, text text NOT NULL);
         CREATE FUNCTION moved() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN
            IF NEW.text = ''move'' THEN NEW.slug = ''x''; END IF; RETURN NEW; END';
         CREATE TRIGGER moved BEFORE INSERT OR UPDATE ON pages FOR EACH ROW EXECUTE FUNCTION moved()",
    );
    let store = open::<Page>(&schema, "pages");
    let page = |slug: &str, text: &str| Page { slug: slug.to_owned(), text: text.to_owned() };
    let none = Precondition::none;
    block_on(put(&store, &page("a", "stays"), none())).unwrap();
    for slug in ["a", "b"] {
        let alone = block_on(put(&store, &page(slug, "move"), none())).unwrap_err();
        assert!(alone.to_string().contains("another_key"), "{alone}");
        let changes = [page(slug, "move"), page("c", slug), page("d", slug)];
        let replies: Vec<_> = changes.iter().map(|page| put(&store, page, none())).collect();
        let told: Vec<_> = replies.into_iter().map(|reply| block_on(reply).is_ok()).collect();
        assert_eq!(told, [false, true, true], "one fails, and fails alone");
    }
    // The type would cut these blanks away, and write another row.
    block_on(put(&store, &page("abcde", "kept"), none())).unwrap();
    let long = block_on(put(&store, &page("abcde ", "cut"), none())).unwrap();
    let Outcome::Invalid(violations) = &long else { panic!("{long:?}") };
    assert_eq!(violations.to_string(), "#/slug: is too long for character varying(5)");
    let slugs = schema.rows("SELECT slug || '=' || text FROM pages ORDER BY 1");
    let slugs: Vec<String> = slugs.iter().map(|row| row.get(0)).collect();
    assert_eq!(slugs, ["a=stays", "abcde=kept", "c=b", "d=b"]);
}
