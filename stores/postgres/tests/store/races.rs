//! Several servers on one table, and other programs beside them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use put_conformance::store::block_on;
use put_core::store::{Outcome, Store, StoreFor as _};
use put_core::{Endpoint, Error, Precondition, PutResource, Written};
use put_postgres::PostgresStore;
use serde::{Deserialize, Serialize};

use crate::support::{Schema, connect, wait_for};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
#[put(path = "/counters/{id}")]
struct Counter {
    #[put(key)]
    id: i64,
    count: i64,
    by: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
#[put(path = "/counters/{id}")]
struct Versioned {
    #[put(key)]
    id: i64,
    count: i64,
    #[put(version)]
    version: i64,
}

const TABLES: &str = "
    CREATE TABLE plain (id bigint PRIMARY KEY, count bigint NOT NULL, by text NOT NULL DEFAULT '');
    CREATE TABLE checked (LIKE plain INCLUDING ALL, CHECK (count >= 0));
    CREATE TABLE versioned (id bigint PRIMARY KEY, count bigint NOT NULL, version bigint NOT NULL);
    CREATE TABLE parted (LIKE plain INCLUDING ALL) PARTITION BY HASH (id);
    CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
    CREATE TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 1)";

fn open<R: PutResource>(schema: &Schema, table: &str) -> Arc<dyn Store> {
    let options = PostgresStore::<R>::connect(&schema.url).table(schema.table(table)).connections(4);
    block_on(options.open()).unwrap().into_store()
}

/// Each thread is a client of one of the servers.
fn clients(servers: usize, each: usize, work: impl Fn(usize, usize) + Sync) {
    thread::scope(|scope| {
        for server in 0..servers {
            for client in 0..each {
                let work = &work;
                scope.spawn(move || work(server, client));
            }
        }
    });
}

trait Counts: PutResource + Clone {
    fn count(&self) -> i64;
    fn counted(self, by: &str) -> Self;
}

impl Counts for Counter {
    fn count(&self) -> i64 {
        self.count
    }
    fn counted(self, by: &str) -> Self {
        Self { count: self.count + 1, by: by.to_owned(), ..self }
    }
}

impl Counts for Versioned {
    fn count(&self) -> i64 {
        self.count
    }
    fn counted(self, _: &str) -> Self {
        Self { count: self.count + 1, ..self }
    }
}

/// How often each client counts.
const EACH: i64 = 25;

/// GET, add one, PUT with If-Match, again until it is not refused.
fn increments_end_exact<R: Counts>(schema: &Schema, table: &str, first: R)
where
    R::Key: From<i64>,
{
    let stores = [open::<R>(schema, table), open::<R>(schema, table)];
    let endpoints: Vec<Endpoint<R>> = stores.into_iter().map(R::endpoint).collect();
    block_on(endpoints[0].put(first, Precondition::none())).unwrap();
    let stop = AtomicBool::new(false);
    let others = AtomicUsize::new(0);
    thread::scope(|scope| {
        let beside = scope.spawn(|| {
            // Another program counts too, in its own way.
            let client = Arc::new(connect(&schema.url));
            let moved = if table == "versioned" { ", version = version + 1" } else { "" };
            let update = format!("UPDATE {} SET count = count + 1{moved} WHERE id = 7", schema.table(table));
            while !stop.load(Ordering::SeqCst) {
                let (client, update) = (Arc::clone(&client), update.clone());
                wait_for(async move { client.batch_execute(&update).await.unwrap() });
                others.fetch_add(1, Ordering::SeqCst);
                thread::sleep(std::time::Duration::from_millis(2));
            }
        });
        clients(2, 4, |server, client| {
            let endpoint = &endpoints[server];
            for _ in 0..EACH {
                loop {
                    let seen = block_on(endpoint.get(&7.into())).unwrap().unwrap();
                    let next = seen.value.counted(&format!("{server}/{client}"));
                    match block_on(endpoint.put(next, Precondition::if_match(seen.tag))) {
                        Ok(Written::Replaced(_)) => break,
                        Err(Error::PreconditionFailed(..)) => {}
                        other => panic!("{:?}", other.map(|_| "another success")),
                    }
                }
            }
        });
        stop.store(true, Ordering::SeqCst);
        beside.join().unwrap();
    });
    let end = block_on(endpoints[1].get(&7.into())).unwrap().unwrap().value.count();
    assert_eq!(end, 8 * EACH + i64::try_from(others.load(Ordering::SeqCst)).unwrap(), "{table}");
}

#[test]
fn increments_of_two_servers_and_another_program_end_exact() {
    let Some(schema) = Schema::new("races") else { return };
    schema.sql(TABLES);
    for table in ["plain", "checked", "parted"] {
        increments_end_exact(&schema, table, Counter { id: 7, count: 0, by: String::new() });
    }
    increments_end_exact(&schema, "versioned", Versioned { id: 7, count: 0, version: 0 });
}

#[test]
fn creators_of_two_servers_have_one_winner() {
    let Some(schema) = Schema::new("races") else { return };
    schema.sql(TABLES);
    for (table, precondition) in [
        ("plain", Precondition::if_none_match_any()),
        ("checked", Precondition::if_none_match_any()),
        ("parted", Precondition::if_none_match_any()),
        ("plain", Precondition::none()),
        ("checked", Precondition::none()),
        ("parted", Precondition::none()),
    ] {
        schema.sql(&format!("TRUNCATE {table}"));
        let stores = [open::<Counter>(&schema, table), open::<Counter>(&schema, table)];
        let endpoints = stores.map(Counter::endpoint);
        for id in 0..20 {
            let created = AtomicUsize::new(0);
            clients(2, 4, |server, client| {
                let counter = Counter { id, count: 1, by: format!("{server}/{client}") };
                match block_on(endpoints[server].put(counter, precondition.clone())) {
                    Ok(Written::Created(_)) => {
                        created.fetch_add(1, Ordering::SeqCst);
                    }
                    Ok(Written::Replaced(_)) if precondition.is_none() => {}
                    Err(Error::PreconditionFailed(_, Some(_))) if !precondition.is_none() => {}
                    other => panic!("{other:?}"),
                }
            });
            assert_eq!(created.into_inner(), 1, "{table}, {precondition:?}");
        }
    }
}

/// Two servers write the same rows in opposite orders, create and remove them; nobody fails, and nobody is told what was
/// not so.
#[test]
fn batches_of_two_servers_do_not_stand_in_each_other_s_way() {
    let Some(schema) = Schema::new("races") else { return };
    schema.sql(TABLES);
    let stores = [open::<Counter>(&schema, "plain"), open::<Counter>(&schema, "plain")];
    clients(2, 2, |server, client| {
        let store = &stores[server];
        for round in 0..40_i64 {
            let ids: Vec<i64> = if server == 0 { (0..30).collect() } else { (0..30).rev().collect() };
            let replies: Vec<_> = ids
                .into_iter()
                .map(|id| {
                    let counter = Counter { id, count: round, by: format!("{server}/{client}") };
                    let (key, change) = Counter::endpoint(Arc::clone(store)).change(&counter).unwrap();
                    store.put(key, change, Precondition::none())
                })
                .collect();
            let gone = (client == 1)
                .then(|| store.delete(put_core::store::KeyPart::Integer(7).into(), Precondition::none().into()));
            for reply in replies {
                let outcome = block_on(reply).unwrap();
                assert!(matches!(outcome, Outcome::Created(_) | Outcome::Replaced(_)), "{outcome:?}");
            }
            gone.map(|reply| block_on(reply).unwrap());
        }
    });
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
#[put(path = "/accounts/{id}")]
struct Account {
    #[put(key)]
    id: i64,
    email: String,
}

/// Values that are unique are taken in opposite orders by two servers, which is a deadlock of the index: it is tried again
/// until one has it and the other is told so.
#[test]
fn a_deadlock_on_another_index_is_tried_again() {
    let Some(schema) = Schema::new("races") else { return };
    schema.sql("CREATE TABLE accounts (id bigint PRIMARY KEY, email text NOT NULL UNIQUE)");
    let stores = [open::<Account>(&schema, "accounts"), open::<Account>(&schema, "accounts")];
    for round in 0..10_i64 {
        let taken = AtomicUsize::new(0);
        clients(2, 1, |server, _| {
            let store = &stores[server];
            let first = round * 100 + i64::try_from(server).unwrap() * 50;
            let put = |n: i64| {
                let wanted = if server == 0 { n } else { 19 - n };
                let account = Account { id: first + n, email: format!("{round}/{wanted}") };
                let (key, change) = Account::endpoint(Arc::clone(store)).change(&account).unwrap();
                store.put(key, change, Precondition::none())
            };
            let replies: Vec<_> = (0..20).map(put).collect();
            for reply in replies {
                match block_on(reply).unwrap() {
                    Outcome::Created(_) => {
                        taken.fetch_add(1, Ordering::SeqCst);
                    }
                    Outcome::Conflict(violations) => {
                        let violation = violations.iter().next().unwrap();
                        assert_eq!(violation.pointer().as_str(), "/email");
                        assert_eq!(violation.constraint(), Some("accounts_email_key"));
                    }
                    other => panic!("{other:?}"),
                }
            }
        });
        assert_eq!(taken.into_inner(), 20, "each address was given once");
    }
}
