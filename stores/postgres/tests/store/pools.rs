//! Connections of an application: set up for each transaction, and left as they were.

use std::str::FromStr as _;
use std::time::{Duration, Instant};

use put_conformance::store::{Opening, Place, block_on, check_only};
use put_core::store::StoreFor as _;
use put_core::{Format, Precondition, PutResource};
use put_postgres::deadpool_postgres::{Manager, Pool, Runtime};
use put_postgres::{PostgresStore, create_table_sql};
use serde::{Deserialize, Serialize};
use tokio_postgres::NoTls;

use crate::support::{Schema, wait_for};

fn pool(url: &str, size: usize, options: &str) -> Pool {
    let mut config = tokio_postgres::Config::from_str(url).unwrap();
    config.options(options);
    let manager = Manager::new(config, NoTls);
    Pool::builder(manager).max_size(size).runtime(Runtime::Tokio1).build().unwrap()
}

struct Pooled(Schema);

impl Place for Pooled {
    fn open<R: PutResource>(&self) -> Opening {
        self.0.sql(&create_table_sql::<R>().replacen("CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1));
        let table = self.0.table(&Format::of::<R>().name().to_lowercase());
        let pool = pool(&self.0.url, 4, "-c default_transaction_isolation=serializable");
        Ok(block_on(PostgresStore::<R>::new(pool).table(table).open())?.into_store())
    }

    fn holds_nul(&self) -> bool {
        false
    }
}

#[test]
fn a_store_on_a_pool_keeps_the_rules() {
    if Schema::new("probe").is_none() {
        return;
    }
    let wanted = |rule: &str| !["faults", "durability"].iter().any(|group| rule.starts_with(group));
    let report = block_on(check_only(|| Pooled(Schema::new("pooled").expect("there was a server before")), wanted));
    assert!(report.verdicts.len() > 30 && report.verdicts.iter().all(|verdict| verdict.kept.is_ok()), "{report}");
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, PutResource)]
#[put(path = "/readings/{id}")]
struct Reading {
    #[put(key)]
    id: i64,
    at: String,
    took: String,
    raw: String,
    value: f64,
}

/// Whatever the settings of role, database and session are, one row has one tag.
#[test]
fn settings_of_others_do_not_change_a_tag() {
    let Some(schema) = Schema::new("pools") else { return };
    schema.sql(
        "CREATE TABLE readings (id bigint PRIMARY KEY, at timestamptz NOT NULL, took interval NOT NULL, raw bytea NOT NULL,
            value double precision NOT NULL);
         INSERT INTO readings VALUES (1, '2026-11-28T12:00:00+05:30', '1 day 02:03:04.5', '\\xdeadbeef', 0.1::float8 + 0.2)",
    );
    let odd = "-c TimeZone=Asia/Tokyo -c DateStyle=SQL,DMY -c IntervalStyle=postgres_verbose -c bytea_output=escape -c \
               extra_float_digits=-2";
    let theirs = pool(&schema.url, 2, odd);
    let table = schema.table("readings");
    let own = block_on(PostgresStore::<Reading>::connect(&schema.url).table(&table).open()).unwrap();
    let separator = if schema.url.contains('?') { '&' } else { '?' };
    let with_options =
        format!("{}{separator}options=-c%20TimeZone%3DAsia/Tokyo%20-c%20bytea_output%3Descape", schema.url);
    let told = block_on(PostgresStore::<Reading>::connect(with_options).table(&table).open()).unwrap();
    let pooled = block_on(PostgresStore::<Reading>::new(theirs.clone()).table(&table).open()).unwrap();
    let [own, told, pooled] = [own, told, pooled].map(Reading::endpoint);
    let seen = block_on(own.get(&1)).unwrap().unwrap();
    assert_eq!(seen.value.at, "2026-11-28T06:30:00+00:00");
    assert_eq!(seen.value.took, "P1DT2H3M4.5S");
    assert_eq!(seen.value.raw, "\\xdeadbeef");
    for other in [&told, &pooled] {
        assert_eq!(block_on(other.get(&1)).unwrap().unwrap(), seen);
        // What one shows, the other takes for the same, by value and by tag.
        let again = block_on(other.put(seen.value.clone(), Precondition::if_match(seen.tag.clone()))).unwrap();
        assert!(matches!(again, put_core::Written::Unchanged(_)), "{again:?}");
        let again = block_on(other.put(seen.value.clone(), Precondition::none())).unwrap();
        assert!(matches!(again, put_core::Written::Unchanged(_)), "{again:?}");
    }
    // The application finds its connections as it made them.
    for _ in 0..4 {
        let theirs = theirs.clone();
        let settings = wait_for(async move {
            let client = theirs.get().await.unwrap();
            let row = client.query_one("SELECT current_setting('TimeZone'), current_setting('bytea_output'), current_setting('lock_timeout'), current_setting('statement_timeout')", &[]).await.unwrap();
            (0..4).map(|index| row.get(index)).collect::<Vec<String>>()
        });
        assert_eq!(settings, ["Asia/Tokyo", "escape", "0", "0"]);
    }
}

#[test]
fn a_pool_that_is_exhausted_is_told_in_time() {
    let Some(schema) = Schema::new("pools") else { return };
    schema.sql(
        "CREATE TABLE readings (id bigint PRIMARY KEY, at timestamptz NOT NULL, took interval NOT NULL, raw bytea NOT NULL,
            value double precision NOT NULL)",
    );
    let theirs = pool(&schema.url, 1, "");
    let options = PostgresStore::<Reading>::new(theirs.clone()).table(schema.table("readings"));
    let readings = Reading::endpoint(block_on(options.patience(Duration::from_millis(300)).open()).unwrap());
    let held = wait_for(async move { theirs.get().await.unwrap() });
    let reading = Reading { id: 1, at: "2026-11-28".into(), took: "PT1S".into(), raw: String::new(), value: 0.5 };
    let begun = Instant::now();
    let refused = block_on(readings.put(reading.clone(), Precondition::none())).unwrap_err();
    let put_core::Error::Store(error) = refused else { panic!("{refused:?}") };
    assert!(error.retry_after().is_some(), "{error}");
    let refused = block_on(readings.get(&1)).unwrap_err();
    assert!(matches!(refused, put_core::Error::Store(ref error) if error.retry_after().is_some()), "{refused:?}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    drop(held);
    block_on(readings.put(reading, Precondition::none())).unwrap();
}
