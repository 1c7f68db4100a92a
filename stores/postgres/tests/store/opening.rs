//! Table and struct are held against each other: every discrepancy is told, and what is told to mend it does. One file,
//! because it is one list.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::hash::Hash;
use std::str::FromStr;

use put_conformance::store::block_on;
use put_core::PutResource;
use put_core::store::State;
use put_postgres::deadpool_postgres::{Manager, Pool};
use put_postgres::{OpenError, PostgresStore, create_table_sql};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_postgres::NoTls;

use crate::opened::{Cell, Opened, options, text, try_open, with_setting};
use crate::support::{Schema, connect, has_extension, wait_for};

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/named/{name}")]
struct Named {
    #[put(key)]
    name: String,
}

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/pairs/{b}/{a}")]
struct Pair {
    #[put(key)]
    a: i64,
    #[put(key)]
    b: String,
}

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/users/{id}")]
#[serde(rename_all = "camelCase")]
struct User {
    #[put(key)]
    id: i64,
    created_at: Option<String>,
}

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/versions/{id}")]
struct Versioned {
    #[put(key)]
    id: i64,
    #[put(version)]
    version: i64,
}

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/dated/{id}")]
struct Dated {
    #[put(key)]
    id: i64,
    #[put(read_only, last_modified, on_replace = "2024-02-29T12:00:00+00:00".to_owned())]
    value: String,
}

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/given/{id}")]
struct Given {
    #[put(key)]
    id: i64,
    #[put(read_only)]
    #[serde(default)]
    value: i64,
}

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/flat/{id}")]
struct Flat {
    #[put(key)]
    id: i64,
    #[serde(flatten)]
    more: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/long/{id}")]
struct Long {
    #[put(key)]
    id: i64,
    #[put(column = "value")]
    a_name_that_is_so_long_that_postgresql_would_cut_it_off_in_the_middle_of_it: Option<String>,
}

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/lists/{id}")]
struct Lists {
    #[put(key)]
    id: i64,
    #[serde(default)]
    value: Vec<String>,
    #[serde(default)]
    other: Value,
}

struct Case {
    /// What is wrong.
    name: &'static str,
    /// What makes the table `t`.
    table: &'static str,
    open: fn(&Schema, &str) -> Result<(), OpenError>,
    /// What is told, in this order: a part of the words, and of the statement.
    told: &'static [(&'static str, Option<&'static str>)],
    /// A state that is written once all is mended; nothing where no statement of the list mends it.
    then: Option<fn(&Schema, &str)>,
}

/// Writes a value and reads it again.
fn holds<R: PutResource + DeserializeOwned>(schema: &Schema, table: &str, json: &str) {
    let opened: Opened<R> = Opened::new(schema, table);
    let value = opened.read(json.as_bytes());
    let state = opened.write(&value);
    opened.is_steady(&opened.key(&value), &state).unwrap();
}

macro_rules! cases {
    ($($name:literal: $resource:ty, $table:literal, [$($told:expr),* $(,)?] $(, $json:literal)?;)*) => {
        &[$(Case {
            name: $name,
            table: $table,
            open: try_open::<$resource>,
            told: &[$($told),*],
            then: { let then: Option<fn(&Schema, &str)> = None; $(let then: Option<fn(&Schema, &str)> = {
                let _ = then;
                Some(|schema, table| holds::<$resource>(schema, table, $json))
            };)? then },
        },)*]
    };
}

const CASES: &[Case] = cases! {
    "a missing column": Cell<String>, "CREATE TABLE t (id int8 PRIMARY KEY)",
        [("there is no column `value` for the member `value`", Some("ADD COLUMN \"value\" text NOT NULL"))],
        r#"{"id":1,"value":"x"}"#;
    "a missing column that may be null": Cell<Option<Vec<i64>>>, "CREATE TABLE t (id int8 PRIMARY KEY)",
        [("there is no column `value`", Some("ADD COLUMN \"value\" jsonb"))], r#"{"id":1,"value":[1]}"#;
    "a column of a near name": User, "CREATE TABLE t (id int8 PRIMARY KEY, created_at text)",
        [("there is no column `createdAt` for the member `createdAt`; if `created_at` is meant, write \
            #[put(column = \"created_at\")]", Some("ADD COLUMN \"createdAt\" text"))],
        r#"{"id":1,"createdAt":"x"}"#;
    "a missing column of the key": Named, "CREATE TABLE t (other int8)",
        [("there is no column `name`", Some("ADD COLUMN \"name\" text COLLATE \"C\" NOT NULL")),
        ("there is no primary key or unique index on exactly the key (name)", Some("ADD UNIQUE (\"name\")"))],
        r#"{"name":"x"}"#;
    "a table of nothing": Pair, "CREATE TABLE t ()",
        [("no column `a`", Some("ADD COLUMN")), ("no column `b`", Some("ADD COLUMN")),
        ("the key (b, a)", Some("ADD UNIQUE (\"b\", \"a\")"))], r#"{"a":1,"b":"x"}"#;

    "a number in a text": Cell<i64>, "CREATE TABLE t (id int8 PRIMARY KEY, value text NOT NULL)",
        [("`value` reads an integer, and its column is text", Some("ALTER COLUMN \"value\" TYPE bigint USING"))],
        r#"{"id":1,"value":7}"#;
    "a number in a boolean": Cell<f64>, "CREATE TABLE t (id int8 PRIMARY KEY, value boolean NOT NULL DEFAULT false)",
        [("`value` reads a number, and its column is boolean", Some("TYPE double precision"))], r#"{"id":1,"value":7.5}"#;
    "a number that may have a fraction in an integer": Cell<f64>, "CREATE TABLE t (id int8 PRIMARY KEY, value int4 NOT NULL)",
        [("`value` reads a number, and its column is integer", Some("TYPE double precision"))], r#"{"id":1,"value":7.0}"#;
    "a text in a boolean": Cell<String>, "CREATE TABLE t (id int8 PRIMARY KEY, value boolean NOT NULL DEFAULT false)",
        [("`value` reads a string, and its column is boolean", Some("TYPE text"))], r#"{"id":1,"value":"x"}"#;
    "a boolean in an integer": Cell<bool>, "CREATE TABLE t (id int8 PRIMARY KEY, value int NOT NULL)",
        [("`value` reads a boolean, and its column is integer", Some("TYPE boolean"))], r#"{"id":1,"value":true}"#;
    "a list in a text": Cell<Vec<i64>>, "CREATE TABLE t (id int8 PRIMARY KEY, value varchar(9) NOT NULL)",
        [("`value` reads an array, and its column is character varying(9)", Some("TYPE jsonb"))], r#"{"id":1,"value":[1]}"#;
    "an object in an array": Cell<Named>, "CREATE TABLE t (id int8 PRIMARY KEY, value text[] NOT NULL)",
        [("`value` reads an object, and its column is text[]", Some("TYPE jsonb"))], r#"{"id":1,"value":{"name":"x"}}"#;
    "a list in a composite": Cell<(i64, i64)>, "CREATE TYPE two AS (a int, b int); CREATE TABLE t (id int8 PRIMARY KEY, value two NOT NULL)",
        [("`value` reads an array, and its column is", Some("TYPE jsonb"))], r#"{"id":1,"value":[1,2]}"#;
    "a map in what does not read what it shows": Cell<BTreeMap<String, String>>,
        "CREATE TABLE t (id int8 PRIMARY KEY, value public.hstore NOT NULL)",
        [("`value` reads an object, and its column is public.hstore", Some("TYPE jsonb"))], r#"{"id":1,"value":{"a":"b"}}"#;
    "a text of what does not read what it shows": Cell<String>,
        "CREATE TABLE t (id int8 PRIMARY KEY, value public.hstore NOT NULL)", [], r#"{"id":1,"value":"\"a\"=>NULL"}"#;
    "a boolean in an enum": Cell<bool>, "CREATE TYPE e AS ENUM ('a'); CREATE TABLE t (id int8 PRIMARY KEY, value e NOT NULL)",
        [("`value` reads a boolean, and its column is", Some("TYPE boolean"))], r#"{"id":1,"value":true}"#;
    "an integer in a float": Cell<i64>, "CREATE TABLE t (id int8 PRIMARY KEY, value float8 NOT NULL)",
        [("`value` reads an integer, and its column is double precision", Some("TYPE bigint"))], r#"{"id":1,"value":7}"#;

    "an integer that is too narrow": Cell<i32>, "CREATE TABLE t (id int8 PRIMARY KEY, value int8 NOT NULL)",
        [("`value` has 32 bits, and its column 64 (bigint): not every row could be read", Some("TYPE integer"))],
        r#"{"id":1,"value":2147483647}"#;
    "an unsigned integer that is too narrow": Cell<u16>, "CREATE TABLE t (id int8 PRIMARY KEY, value int8 NOT NULL)",
        [("`value` has 16 bits, and its column 64 (bigint)", Some("TYPE integer"))], r#"{"id":1,"value":65535}"#;
    "an integer beside fractions": Cell<i64>, "CREATE TABLE t (id int8 PRIMARY KEY, value numeric NOT NULL)",
        [("`value` is an integer, and its column, numeric, may hold fractions", Some("TYPE bigint"))], r#"{"id":1,"value":7}"#;
    "an integer beside fractions of money": Cell<u64>, "CREATE TABLE t (id int8 PRIMARY KEY, value numeric(20,2) NOT NULL)",
        [("`value` is an integer, and its column, numeric(20,2), may hold fractions", Some("TYPE numeric(20)"))],
        r#"{"id":1,"value":18446744073709551615}"#;

    "a column that may be null": Cell<i64>, "CREATE TABLE t (id int8 PRIMARY KEY, value int8)",
        [("`value` is never null, and its column may be", Some("ALTER COLUMN \"value\" SET NOT NULL"))], r#"{"id":1,"value":7}"#;
    "a column that may not be null": Cell<Option<i64>>, "CREATE TABLE t (id int8 PRIMARY KEY, value int8 NOT NULL)",
        [("`value` may be null, and its column may not", Some("ALTER COLUMN \"value\" DROP NOT NULL"))], r#"{"id":1,"value":null}"#;
    "a domain that may not be null": Cell<Option<String>>,
        "CREATE DOMAIN d AS text NOT NULL; CREATE DOMAIN e AS d; CREATE TABLE t (id int8 PRIMARY KEY, value e NOT NULL)",
        [("`value` may be null, and its column may not", Some("ALTER COLUMN \"value\" DROP NOT NULL")),
        ("`value` may be null, and the domain", Some("ALTER DOMAIN"))], r#"{"id":1,"value":null}"#;
    "what may be absent may be null": Lists, "CREATE TABLE t (id int8 PRIMARY KEY, value text[], other jsonb NOT NULL)", [];

    "a computed column that the client sets": Cell<i64>,
        "CREATE TABLE t (id int8 PRIMARY KEY, value int8 GENERATED ALWAYS AS (id * 2) STORED NOT NULL)",
        [("the database computes the column of `value`; write #[put(read_only)] without on_create and on_replace", None)];
    "a number that the database always gives": Cell<i64>,
        "CREATE TABLE t (id int8 PRIMARY KEY, value int8 GENERATED ALWAYS AS IDENTITY)",
        [("the database always gives the column of `value` its own value", Some("SET GENERATED BY DEFAULT"))], r#"{"id":1,"value":7}"#;
    "a column that nobody sets": Given, "CREATE TABLE t (id int8 PRIMARY KEY, value int8 NOT NULL)",
        [("nobody gives `value` a value", Some("SET DEFAULT .."))];
    "a column without a member": Named, "CREATE TABLE t (name text PRIMARY KEY, \"Other\" int8 NOT NULL)",
        [("no member gives the column `Other` a value, and it is neither null nor has a default", Some("ALTER COLUMN \"Other\" SET DEFAULT .."))];
    "a column without a member that need not be set": Named,
        "CREATE TABLE t (name text PRIMARY KEY, a int8, b int8 NOT NULL DEFAULT 1, c int8 GENERATED ALWAYS AS IDENTITY,
            d serial, e int8 NOT NULL GENERATED ALWAYS AS (1) STORED)", [];

    "a flattened member": Flat, "CREATE TABLE t (id int8 PRIMARY KEY, more jsonb)",
        [("`more` is flattened", None)];
    "a name that would be cut": Long, "CREATE TABLE t (id int8 PRIMARY KEY, value text)",
        [("has more than 63 octets", None)];

    "a version that is too small": Versioned, "CREATE TABLE t (id int8 PRIMARY KEY, version int4 NOT NULL)",
        [("`version` is the version, which holds nanoseconds, and its column is integer", Some("ALTER COLUMN \"version\" TYPE bigint"))],
        r#"{"id":1,"version":0}"#;
    "a version that is much too small": Versioned, "CREATE TABLE t (id int8 PRIMARY KEY, version int2 NOT NULL)",
        [("`version` is the version, which holds nanoseconds, and its column is smallint", Some("TYPE bigint"))],
        r#"{"id":1,"version":0}"#;
    "a version that is a text": Versioned, "CREATE TABLE t (id int8 PRIMARY KEY, version text NOT NULL)",
        [("`version` reads an integer, and its column is text", Some("TYPE bigint"))], r#"{"id":1,"version":0}"#;
    "a date that is a text": Dated, "CREATE TABLE t (id int8 PRIMARY KEY, value text NOT NULL)",
        [("`value` is the modification date, and its column is text", Some("TYPE timestamptz"))], r#"{"id":1,"value":""}"#;
    "a date that is a time of the day": Dated, "CREATE TABLE t (id int8 PRIMARY KEY, value timetz NOT NULL DEFAULT now())",
        [("`value` is the modification date, and its column is time with time zone", Some("TYPE timestamptz"))],
        r#"{"id":1,"value":""}"#;

    "no index": Named, "CREATE TABLE t (name text NOT NULL)",
        [("there is no primary key or unique index on exactly the key (name)", Some("ADD UNIQUE (\"name\")"))], r#"{"name":"x"}"#;
    "an index that is not unique": Named, "CREATE TABLE t (name text NOT NULL); CREATE INDEX ON t (name)",
        [("there is no primary key or unique index on exactly the key (name)", Some("ADD UNIQUE (\"name\")"))], r#"{"name":"x"}"#;
    "an index on more": Cell<i64>, "CREATE TABLE t (id int8, value int8, PRIMARY KEY (id, value))",
        [("there is no primary key or unique index on exactly the key (id)", Some("ADD UNIQUE (\"id\")"))], r#"{"id":1,"value":1}"#;
    "an index on less": Pair, "CREATE TABLE t (a int8 PRIMARY KEY, b text NOT NULL)",
        [("there is no primary key or unique index on exactly the key (b, a)", Some("ADD UNIQUE (\"b\", \"a\")"))],
        r#"{"a":1,"b":"x"}"#;
    "a partial index": Named, "CREATE TABLE t (name text NOT NULL); CREATE UNIQUE INDEX half ON t (name) WHERE name <> ''",
        [("on exactly the key (name); `half` is partial", Some("ADD UNIQUE (\"name\")"))], r#"{"name":"x"}"#;
    "an index on an expression": Named, "CREATE TABLE t (name text NOT NULL); CREATE UNIQUE INDEX half ON t (name, lower(name))",
        [("on exactly the key (name); `half` has an expression", Some("ADD UNIQUE (\"name\")"))], r#"{"name":"x"}"#;
    "a deferrable index": Named, "CREATE TABLE t (name text, CONSTRAINT late PRIMARY KEY (name) DEFERRABLE)",
        [("on exactly the key (name); `late` is deferrable, so that it decides too late", Some("ADD UNIQUE (\"name\")"))],
        r#"{"name":"x"}"#;
    "a deferrable index beside a good one": Named, "CREATE TABLE t (name text PRIMARY KEY, CONSTRAINT late UNIQUE (name) DEFERRABLE)",
        [("`late` on the key (name) is deferrable", Some("DROP CONSTRAINT \"late\""))], r#"{"name":"x"}"#;
    "an index that takes two keys for one": Named,
        "CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
        CREATE TABLE t (name text NOT NULL); CREATE UNIQUE INDEX loose ON t (name COLLATE ci)",
        [("on exactly the key (name); `loose` takes", Some("ADD UNIQUE (\"name\")"))], r#"{"name":"x"}"#;
    "an index with more columns than its key": Named, "CREATE TABLE t (name text NOT NULL, other int8);
        CREATE UNIQUE INDEX ON t (name) INCLUDE (other)", [];
    "an index in another order": Pair, "CREATE TABLE t (a int8 NOT NULL, b text NOT NULL, UNIQUE (a, b))", [];
    "a partitioned table whose partitions are not by the key": Cell<i64>,
        "CREATE TABLE t (id int8 NOT NULL, value int8 NOT NULL, PRIMARY KEY (id, value)) PARTITION BY HASH (value)",
        [("partitioned by", None)];

    "a key of char": Named, "CREATE TABLE t (name char(3) PRIMARY KEY)",
        [("`name` is the key, and values of its column, character(3), can be equal without being the same",
            Some("ALTER COLUMN \"name\" TYPE text COLLATE \"C\""))], r#"{"name":"x"}"#;
    "a key of citext": Named, "CREATE TABLE t (name public.citext PRIMARY KEY)",
        [("`name` is the key", Some("TYPE text COLLATE \"C\""))], r#"{"name":"x"}"#;
    "a key of a loose collation": Named,
        "CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
        CREATE TABLE t (name text COLLATE ci PRIMARY KEY)",
        [("`name` is the key", Some("TYPE text COLLATE \"C\""))], r#"{"name":"x"}"#;
    "a key of an interval": Named, "CREATE TABLE t (name interval PRIMARY KEY)",
        [("`name` is the key", Some("TYPE text COLLATE \"C\""))], r#"{"name":"x"}"#;
    "a key of a name, which is cut": Named, "CREATE TABLE t (name name PRIMARY KEY)",
        [("`name` is the key", Some("TYPE text COLLATE \"C\""))], r#"{"name":"x"}"#;
    "a key of a number with more than one spelling": Named, "CREATE TABLE t (name numeric PRIMARY KEY)",
        [("`name` is the key", Some("TYPE text COLLATE \"C\""))], r#"{"name":"x"}"#;
    "a key of any text in a uuid": Named, "CREATE TABLE t (name uuid PRIMARY KEY)",
        [("`name` is a key of any text", Some("TYPE text COLLATE \"C\""))], r#"{"name":"x"}"#;
    "a key of a jsonb": Cell<()>, "CREATE TABLE t (id jsonb PRIMARY KEY, value text)",
        [("`id` is the key", Some("TYPE bigint"))], r#"{"id":1,"value":null}"#;
    "a text key of uuids": Named, "CREATE TABLE t (name uuid PRIMARY KEY)",
        [("`name` is a key of any text, and its column, uuid, reads several texts as one value", Some("TYPE text COLLATE \"C\""))],
        r#"{"name":"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"}"#;
    "a text key of integers": Named, "CREATE TABLE t (name int8 GENERATED BY DEFAULT AS IDENTITY (START 7) NOT NULL, PRIMARY KEY (name))",
        [("`name` is a key of any text", Some("TYPE text COLLATE \"C\""))];
    "a text key of instants": Named, "CREATE TABLE t (name timestamptz DEFAULT now() PRIMARY KEY)",
        [("`name` is a key of any text", Some("TYPE text COLLATE \"C\""))], r#"{"name":"now"}"#;
    "a key of uuids": KeyOf<uuid::Uuid>, "CREATE TABLE t (id uuid PRIMARY KEY)", [],
        r#"{"id":"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}"#;
    "an integer key of a numeric": KeyOf<u64>, "CREATE TABLE t (id numeric(20) PRIMARY KEY)", [], r#"{"id":18446744073709551615}"#;
    "a key that the database could give": KeyOf<i64>, "CREATE TABLE t (id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY)", [],
        r#"{"id":7}"#;
    "a text key of a domain": Named, "CREATE DOMAIN slug AS varchar(9) CHECK (VALUE <> ''); CREATE TABLE t (name slug PRIMARY KEY)",
        [], r#"{"name":"x"}"#;
    "an integer key of a number with fractions": Cell<()>, "CREATE TABLE t (id numeric PRIMARY KEY, value text)",
        [("`id` is an integer, and its column, numeric, may hold fractions", Some("TYPE bigint"))], r#"{"id":1,"value":null}"#;

    "everything at once": Cell<i64>, "CREATE TABLE t (id char(3), value text, other int8 NOT NULL DEFAULT 1)",
        [("`id` reads an integer, and its column is character(3)", Some("TYPE bigint")),
        ("`id` is never null", Some("SET NOT NULL")),
        ("`value` reads an integer, and its column is text", Some("TYPE bigint")),
        ("`value` is never null", Some("SET NOT NULL")),
        ("exactly the key (id)", Some("ADD UNIQUE (\"id\")"))], r#"{"id":1,"value":7}"#;
};

/// What is wrong with the answer to opening this table.
fn judged(schema: &Schema, case: &Case, table: &str) -> Result<(), String> {
    let mends = match (case.open)(schema, table) {
        Ok(()) if case.told.is_empty() => Vec::new(),
        Err(OpenError::Mismatch { discrepancies, .. }) => {
            let fits = |(discrepancy, told): (&put_postgres::Discrepancy, &(&str, Option<&str>))| {
                discrepancy.what().contains(told.0)
                    && discrepancy.mend().is_some() == told.1.is_some()
                    && told.1.is_none_or(|mend| discrepancy.mend().unwrap_or_default().contains(mend))
            };
            if discrepancies.len() != case.told.len() || !discrepancies.iter().zip(case.told).all(fits) {
                return Err(format!("told was {discrepancies:#?}"));
            }
            discrepancies
        }
        other => return Err(format!("it opens: {other:?}")),
    };
    let Some(then) = case.then else { return Ok(()) };
    for mend in mends.iter().filter_map(|discrepancy| discrepancy.mend()) {
        schema.try_sql(mend).map_err(|error| format!("{mend}: {error:?}"))?;
    }
    (case.open)(schema, table).map_err(|error| format!("mended, and then: {error}"))?;
    then(schema, table);
    Ok(())
}

#[test]
fn what_does_not_fit_is_told_and_the_statement_beside_it_mends_it() {
    if Schema::new("probe").is_none() {
        return;
    }
    // Some at a time, because each makes a table of its own.
    let wrong = std::thread::scope(|scope| {
        let some = CASES
            .chunks(CASES.len().div_ceil(4))
            .map(|cases| scope.spawn(move || cases.iter().filter_map(wrong).collect::<Vec<_>>()));
        some.collect::<Vec<_>>().into_iter().flat_map(|some| some.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn wrong(case: &Case) -> Option<String> {
    let schema = Schema::new("discrepancy").unwrap();
    schema.sql("SET synchronous_commit = off");
    for extension in ["citext", "hstore"] {
        if case.table.contains(extension) && !has_extension(&schema, extension) {
            return None;
        }
    }
    schema.sql(case.table);
    judged(&schema, case, "t").err().map(|why| format!("{}: {why}", case.name))
}

#[test]
fn an_index_that_could_not_be_built_decides_nothing() {
    let Some(schema) = Schema::new("invalid") else { return };
    schema.sql("CREATE TABLE t (name text NOT NULL); INSERT INTO t VALUES ('x'), ('x')");
    schema.try_sql("CREATE UNIQUE INDEX CONCURRENTLY half ON t (name)").expect_err("there are two");
    let Err(OpenError::Mismatch { discrepancies, .. }) = try_open::<Named>(&schema, "t") else { panic!("it opens") };
    let [discrepancy] = &discrepancies[..] else { panic!("{discrepancies:#?}") };
    assert!(discrepancy.what().ends_with("(name); `half` is not valid"), "{discrepancy}");
    schema.sql(&format!("DELETE FROM t; {}", discrepancy.mend().unwrap()));
    holds::<Named>(&schema, "t", r#"{"name":"x"}"#);
}

#[test]
fn a_mismatch_reads_as_a_list() {
    let Some(schema) = Schema::new("words") else { return };
    schema.sql("CREATE TABLE t (id int8 PRIMARY KEY, value int8)");
    let error = try_open::<Cell<String>>(&schema, "t").unwrap_err();
    let table = schema.table("t");
    assert_eq!(
        error.to_string(),
        format!(
            "the table {table} does not fit the struct `Cell`:\n\
             - `value` is never null, and its column may be\n  ALTER TABLE {table} ALTER COLUMN \"value\" SET NOT NULL;"
        )
    );
}

#[test]
fn what_is_no_table_is_one_clear_error() {
    let Some(schema) = Schema::new("relations") else { return };
    schema.sql(
        "CREATE TABLE t (name text PRIMARY KEY);
        CREATE VIEW seen AS SELECT * FROM t;
        CREATE VIEW handled AS SELECT * FROM t;
        CREATE FUNCTION handle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER handles INSTEAD OF INSERT OR UPDATE ON handled FOR EACH ROW EXECUTE FUNCTION handle();
        CREATE MATERIALIZED VIEW kept AS SELECT * FROM t;
        CREATE UNIQUE INDEX listed ON kept (name);
        CREATE SEQUENCE counted;
        CREATE TYPE composed AS (name text)",
    );
    for (name, told) in [
        ("seen", "a view"),
        ("handled", "a view"),
        ("kept", "a materialized view"),
        ("counted", "a sequence"),
        ("listed", "an index"),
        ("composed", "no table"),
    ] {
        let error = try_open::<Named>(&schema, name).unwrap_err();
        let OpenError::NotATable { kind, .. } = &error else { panic!("{name}: {error}") };
        assert_eq!(*kind, told, "{name}");
        assert!(error.to_string().contains(&format!("`{}` is {told}", schema.table(name))), "{error}");
    }
    for name in ["absent", "T", "t t"] {
        let error = try_open::<Named>(&schema, name).unwrap_err();
        assert!(matches!(&error, OpenError::NoTable(told) if *told == schema.table(name)), "{error:?}");
    }
    try_open::<Named>(&schema, "t").unwrap();
}

#[test]
fn a_foreign_table_is_one_clear_error() {
    let Some(schema) = Schema::new("foreign") else { return };
    if !has_extension(&schema, "postgres_fdw") {
        return;
    }
    schema.sql(&format!(
        "CREATE SERVER {0} FOREIGN DATA WRAPPER postgres_fdw;
        CREATE FOREIGN TABLE t (name text NOT NULL) SERVER {0}",
        schema.name
    ));
    let error = try_open::<Named>(&schema, "t").unwrap_err();
    schema.sql(&format!("DROP SERVER {} CASCADE", schema.name));
    assert!(matches!(error, OpenError::NotATable { kind: "a foreign table", .. }), "{error:?}");
}

#[test]
fn a_table_is_found_as_a_statement_would_find_it() {
    let Some(schema) = Schema::new("paths") else { return };
    schema.sql("CREATE TABLE named (name text PRIMARY KEY); CREATE TABLE \"Named\" (name text PRIMARY KEY)");
    let url = with_setting(&schema.url, &format!("search_path={}", schema.name));
    let open = |table: Option<&str>| {
        let options = PostgresStore::<Named>::connect(&url).connections(1);
        let options = match table {
            Some(table) => options.table(table),
            None => options,
        };
        block_on(options.open()).map(|store| store.table().to_owned())
    };
    let (small, large) = (schema.table("named"), schema.table("Named"));
    assert_eq!(open(None).unwrap(), small, "the name of the struct");
    for (name, found) in [
        ("named", &small),
        ("NAMED", &small),
        ("\"Named\"", &large),
        (&*small, &small),
        (&*large, &large),
        (&format!("{}.named", schema.name), &small),
    ] {
        assert_eq!(open(Some(name)).unwrap(), *found, "{name}");
    }
    for name in ["a.b.c.d", "\"", "", "name;d"] {
        let error = open(Some(name)).unwrap_err();
        assert!(matches!(error, OpenError::Database(_) | OpenError::NoTable(_)), "{name}: {error:?}");
    }
    // A name with capital letters that nobody quoted.
    schema.sql("DROP TABLE named");
    assert_eq!(open(Some("Named")).unwrap(), large);
}

#[test]
fn words_for_a_constraint_that_is_not_there_are_refused() {
    let Some(schema) = Schema::new("words") else { return };
    schema.sql(
        "CREATE DOMAIN d AS text CONSTRAINT short CHECK (length(VALUE) < 3);
        CREATE DOMAIN e AS d CONSTRAINT shorter CHECK (length(VALUE) < 2);
        CREATE TABLE t (name e PRIMARY KEY, CONSTRAINT checked CHECK (name <> ''))",
    );
    let open = |name: &str| block_on(options::<Named>(&schema, "t").constraint(name, "words").open()).map(drop);
    for name in ["t_pkey", "checked", "short", "shorter"] {
        open(name).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let error = open("another").unwrap_err();
    assert!(matches!(&error, OpenError::NoConstraint { name, .. } if name == "another"), "{error:?}");
}

/// Opens a store at this URL, in time.
fn open_at(url: &str) -> OpenError {
    let options = PostgresStore::<Named>::connect(url).table("t").patience(std::time::Duration::from_millis(500));
    block_on(options.open()).map(drop).unwrap_err()
}

#[test]
fn a_database_that_is_not_there_is_one_clear_error() {
    let Some(schema) = Schema::new("probe") else { return };
    let error = open_at("no url");
    assert!(matches!(error, OpenError::Url(_)), "{error:?}");
    assert!(error.to_string().contains("it looks like postgres://user@host/database"), "{error}");
    // Somebody who listens and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("postgres://app@{}/app", silent.local_addr().unwrap());
    let (server, _) = schema.url.rsplit_once('/').unwrap();
    let host = server.rsplit(['@', '/']).next().unwrap();
    for (url, told) in [
        ("postgres://app@127.0.0.1:1/app", "no connection to PostgreSQL: "),
        (&silent, "no connection to PostgreSQL: "),
        (&format!("{server}/a_database_that_nobody_made"), "\"a_database_that_nobody_made\" does not exist"),
        (&format!("postgres://nobody_made_this_role:secret@{host}/postgres"), "\"nobody_made_this_role\""),
    ] {
        let error = open_at(url);
        let words = error.to_string();
        assert!(matches!(error, OpenError::Database(_)), "{url}: {error:?}");
        assert!(words.contains(told) && !words.contains("secret"), "{url}: {words}");
    }
}

#[test]
fn a_database_that_is_not_utf8_is_one_clear_error() {
    let Some(schema) = Schema::new("ascii") else { return };
    schema.sql(&format!(
        "CREATE DATABASE {} ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'",
        schema.name
    ));
    let (server, _) = schema.url.rsplit_once('/').unwrap();
    let url = format!("{server}/{}", schema.name);
    let client = connect(&url);
    wait_for(async move { client.batch_execute("CREATE TABLE t (name text PRIMARY KEY)").await }).unwrap();
    let error = open_at(&url);
    schema.sql(&format!("DROP DATABASE {} WITH (FORCE)", schema.name));
    assert!(matches!(&error, OpenError::Encoding(encoding) if encoding == "SQL_ASCII"), "{error:?}");
    assert!(error.to_string().contains("use a database with the encoding UTF8"), "{error}");
}

#[derive(Serialize, Deserialize)]
struct Part {
    city: String,
    floor: Option<u8>,
}

#[derive(Serialize, Deserialize)]
enum Shape {
    Point,
    Circle { radius: f64 },
    Line(i64, i64),
}

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/everything/{order}/{user}/{flag}")]
struct XmlEverything {
    #[put(key)]
    flag: bool,
    #[put(key, column = "User Id")]
    user: u64,
    #[put(key)]
    order: String,
    i8: i8,
    u8: u8,
    i16: i16,
    u16: u16,
    i32: i32,
    u32: u32,
    i64: i64,
    u64: u64,
    i128: i128,
    u128: u128,
    usize: Option<usize>,
    f32: f32,
    f64: f64,
    char: char,
    text: Option<String>,
    truth: bool,
    list: Vec<Option<i64>>,
    pair: (String, bool),
    map: BTreeMap<String, Vec<u8>>,
    part: Part,
    parts: Option<Vec<Part>>,
    shape: Shape,
    shapes: Vec<Shape>,
    any: Value,
    unit: (),
    #[serde(default)]
    tags: Vec<String>,
    #[put(column_type = "uuid")]
    id: Option<String>,
    #[put(column = "price \"net\"", column_type = "numeric(38,10)")]
    price: String,
    #[put(column_type = "text[]")]
    words: Vec<String>,
    #[put(immutable, column_type = "date")]
    born: String,
    #[put(read_only)]
    note: Option<String>,
    #[put(read_only, on_create = 7)]
    seven: i32,
    #[put(read_only, last_modified, on_replace = "2024-02-29T12:00:00Z".to_owned())]
    changed: String,
    #[put(version)]
    version: u64,
}

const EVERYTHING: &str = r#"{"flag":true,"user":18446744073709551615,"order":"a b",
    "i8":-128,"u8":255,"i16":-32768,"u16":65535,"i32":-2147483648,"u32":4294967295,
    "i64":-9223372036854775808,"u64":18446744073709551615,"i128":-170141183460469231731687303715884105728,
    "u128":340282366920938463463374607431768211455,"usize":18446744073709551615,"f32":0.1,"f64":1e-300,"char":"𝄞","text":null,"truth":true,
    "list":[1,null],"pair":["x",false],"map":{"a b":[1,255]},"part":{"city":"x","floor":255},"parts":[],
    "shape":{"Circle":{"radius":0.5}},"shapes":["Point",{"Line":[1,2]}],"any":{"a":[null]},"unit":null,"tags":["x"],
    "id":"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11","price":"1.5","words":["a","b"],"born":"2024-02-29",
    "note":null,"seven":0,"changed":"","version":0}"#;

#[derive(Serialize, Deserialize, PutResource)]
#[put(path = "/keys/{id}")]
struct KeyOf<T: FromStr + Display + Eq + Hash> {
    #[put(key)]
    id: T,
}

/// Writes these keys into the table that is made for them, and lists them.
fn listed<T>(schema: &Schema, name: &str, keys: &[&str]) -> Vec<String>
where
    T: FromStr + Display + Eq + Hash + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    schema.sql(&create_table_sql::<KeyOf<T>>().replacen("\"key_of\"", name, 1));
    let opened: Opened<KeyOf<T>> = Opened::new(schema, name);
    for json in keys {
        let value = opened.read(format!("{{\"id\":{json}}}").as_bytes());
        let state = opened.write(&value);
        opened.is_steady(&opened.key(&value), &state).unwrap_or_else(|why| panic!("{name}: {why}"));
    }
    let first = block_on(opened.store.list(None, 1)).unwrap();
    let after = first.first().map(|state| opened.key(&opened.read(state.json())));
    let rest = block_on(opened.store.list(after, 100)).unwrap();
    let id = |state: &State| text(state).trim_start_matches("{\"id\":").trim_end_matches('}').to_owned();
    first.iter().chain(&rest).map(id).collect()
}

#[test]
fn every_type_of_key_has_its_table() {
    let Some(schema) = Schema::new("keys") else { return };
    schema.sql("SET synchronous_commit = off");
    macro_rules! integers {
        ($($integer:ident)*) => {
            $(
                let (least, most) = ($integer::MIN.to_string(), $integer::MAX.to_string());
                assert_eq!(
                    listed::<$integer>(&schema, stringify!($integer), &[&most, "10", &least, "9"]),
                    [&*least, "9", "10", &most]
                );
            )*
        };
    }
    integers!(i8 u8 i16 u16 i32 u32 i64 u64 isize usize);
    let texts = [r#""B""#, r#""a b/c""#, r#""z""#, r#""é""#, r#""豈""#, r#""𝄞""#];
    let mut mixed = texts;
    mixed.reverse();
    assert_eq!(listed::<String>(&schema, "texts", &mixed), texts);
    assert_eq!(listed::<bool>(&schema, "truths", &["true", "false"]), ["false", "true"]);
    assert_eq!(listed::<char>(&schema, "letters", &[r#""b""#, r#""a""#]), [r#""a""#, r#""b""#]);
    let uuids = [r#""0a0eebc9-9c0b-4ef8-bb6d-6bb9bd380a11""#, r#""a00eebc9-9c0b-4ef8-bb6d-6bb9bd380a11""#];
    assert_eq!(listed::<uuid::Uuid>(&schema, "uuids", &[uuids[1], uuids[0]]), uuids);
}

#[test]
fn a_table_that_was_written_for_a_struct_opens() {
    let Some(schema) = Schema::new("written") else { return };
    let sql = create_table_sql::<XmlEverything>();
    schema.sql(&sql);
    let url = with_setting(&schema.url, &format!("search_path={}", schema.name));
    let opened: Opened<XmlEverything> = Opened::with(PostgresStore::connect(url).connections(1));
    let value = opened.read(EVERYTHING.as_bytes());
    let key = opened.key(&value);
    let state = opened.write(&value);
    opened.is_steady(&key, &state).unwrap();
    let shown: Value = serde_json::from_slice(state.json()).unwrap();
    let mut sent: Value = serde_json::from_str(EVERYTHING).unwrap();
    for (member, value) in [
        ("price", Value::from("1.5000000000")),
        ("seven", Value::from(7)),
        ("changed", Value::from("2024-02-29T12:00:00+00:00")),
        ("version", shown["version"].clone()),
    ] {
        sent[member] = value;
    }
    assert_eq!(shown, sent);
    for digits in ["-170141183460469231731687303715884105728", "340282366920938463463374607431768211455"] {
        assert!(text(&state).contains(digits), "{}", text(&state));
    }
}

#[test]
fn a_rule_that_takes_no_part_in_a_put_is_told_when_a_store_is_opened() {
    let Some(schema) = Schema::new("rules") else { return };
    schema.sql(
        "CREATE TABLE t (name text PRIMARY KEY); CREATE TABLE u (name text PRIMARY KEY);
        CREATE RULE copies AS ON INSERT TO t DO ALSO INSERT INTO u VALUES (NEW.name)",
    );
    let error = try_open::<Named>(&schema, "t").unwrap_err();
    assert!(matches!(error, OpenError::Refused { statement: "writing", .. }), "{error:?}");
    assert!(error.to_string().contains("rules"), "{error}");
}

#[test]
fn a_right_that_is_missing_is_told_when_a_store_is_opened() {
    let Some(schema) = Schema::new("rights") else { return };
    let (role, table) = (schema.name.clone(), schema.table("t"));
    schema.sql(&format!(
        "CREATE TABLE t (id int8 PRIMARY KEY, value int8 NOT NULL);
        CREATE ROLE {role} LOGIN PASSWORD 'secret'; GRANT USAGE ON SCHEMA {role} TO {role}"
    ));
    let mut config: tokio_postgres::Config = schema.url.parse().unwrap();
    config.user(&role).password("secret");
    let open = || {
        let pool = Pool::builder(Manager::new(config.clone(), NoTls)).max_size(1).build().unwrap();
        block_on(PostgresStore::<Cell<i64>>::new(pool).table(table.clone()).open()).map(drop)
    };
    for grant in ["SELECT", "INSERT", "UPDATE (value)"] {
        let error = open().unwrap_err();
        let OpenError::Refused { reason, .. } = &error else { panic!("before {grant}: {error:?}") };
        assert!(reason.contains("permission denied for table t"), "{reason}");
        schema.sql(&format!("GRANT {grant} ON t TO {role}"));
    }
    open().unwrap();
    schema.sql(&format!("DROP TABLE t; REVOKE ALL ON SCHEMA {role} FROM {role}; DROP ROLE {role}"));
}
