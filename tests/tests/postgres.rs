//! PostgreSQL for the tests: a schema of one's own on the shared server, with tables as a person would make them, or a
//! database of one's own for a program.

use std::sync::OnceLock;

use put_core::PutResource;
use put_postgres::PostgresStore;
use put_postgres::tokio_postgres::{self, Client, NoTls, Row};
use put_throwaway_postgres::{Database, schema_name, shared};
use tokio::runtime::{Builder, Runtime};

use crate::programs::skipped;

/// The shared server. Why there is none is said once.
pub(crate) fn database() -> Option<&'static Database> {
    static FOUND: OnceLock<Option<&Database>> = OnceLock::new();
    *FOUND.get_or_init(|| shared().inspect_err(|unavailable| skipped(&unavailable.to_string())).ok())
}

/// Tables for the resources that the table of the contract speaks of, in a schema that is dropped with this value.
pub(crate) struct Schema {
    url: String,
    name: String,
    session: Session,
}

/// A table for each of the resources; `$version` and `$modified` are more columns.
const TABLES: &str = r#"
    CREATE TYPE size AS ENUM ('small', 'large');
    CREATE TABLE items (
        id numeric(20) PRIMARY KEY,
        name text NOT NULL,
        size size NOT NULL,
        note text,
        tags text[] NOT NULL,
        place jsonb,
        count bigint,
        ratio double precision,
        owner text,
        "createdAt" timestamptz NOT NULL,
        "updatedAt" timestamptz NOT NULL$version
    );
    CREATE TABLE pages (
        slug text PRIMARY KEY,
        title text NOT NULL$version$modified
    );
    CREATE TABLE pairs (
        shelf text,
        slot bigint,
        label text NOT NULL$version$modified,
        PRIMARY KEY (shelf, slot)
    );"#;

impl Schema {
    /// On the shared server, with a version column or without.
    pub(crate) fn new(versioned: bool) -> Self {
        let url = database().expect("there is a server").url().to_owned();
        let name = schema_name("wire");
        let session = Session::new(&url);
        let more = |column: &str| if versioned { format!(",\n        {column} NOT NULL") } else { String::new() };
        let tables = TABLES.replace("$version", &more("version bigint"));
        let tables = tables.replace("$modified", &more("modified timestamptz"));
        session.sql(&format!("CREATE SCHEMA {name}; SET search_path = {name}; {tables}"));
        Self { url, name, session }
    }

    /// The store of a resource in its table.
    pub(crate) fn store<R: PutResource>(&self, table: &str) -> PostgresStore<R> {
        let options = PostgresStore::connect(&self.url).table(format!("{}.{table}", self.name));
        self.session.runtime.block_on(options.open()).unwrap_or_else(|error| panic!("{error}"))
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let dropped = self.session.try_sql(&format!("DROP SCHEMA {} CASCADE", self.name));
        assert!(dropped.is_ok() || std::thread::panicking(), "{dropped:?}");
    }
}

/// An empty database on the shared server, which is dropped with this value.
pub(crate) struct NewDatabase {
    pub(crate) url: String,
    name: String,
    session: Session,
}

impl NewDatabase {
    /// `None` where there is no server.
    pub(crate) fn new() -> Option<Self> {
        let server = database()?.url();
        let name = schema_name("app");
        let session = Session::new(server);
        session.sql(&format!("CREATE DATABASE {name}"));
        let (before, options) = server.split_once('?').map_or((server, None), |(url, options)| (url, Some(options)));
        let host = before.find("://").map_or(0, |at| at + 3);
        let end = before[host..].find('/').map_or(before.len(), |at| host + at);
        let options = options.map(|options| format!("?{options}")).unwrap_or_default();
        Some(Self { url: format!("{}/{name}{options}", &before[..end]), name, session })
    }
}

impl Drop for NewDatabase {
    fn drop(&mut self) {
        // A program that was killed may not have been missed yet.
        let dropped = self.session.try_sql(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
        assert!(dropped.is_ok() || std::thread::panicking(), "{dropped:?}");
    }
}

/// A connection of somebody else.
pub(crate) struct Session {
    runtime: Runtime,
    client: Client,
}

impl Session {
    pub(crate) fn new(url: &str) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
            tokio::spawn(async move { drop(connection.await) });
            client
        });
        Self { runtime, client }
    }

    pub(crate) fn sql(&self, statements: &str) {
        self.try_sql(statements).unwrap_or_else(|error| panic!("{statements}: {error:?}"));
    }

    pub(crate) fn rows(&self, query: &str) -> Vec<Row> {
        self.runtime.block_on(self.client.query(query, &[])).unwrap_or_else(|error| panic!("{query}: {error:?}"))
    }

    fn try_sql(&self, statements: &str) -> Result<(), tokio_postgres::Error> {
        self.runtime.block_on(self.client.batch_execute(statements))
    }
}
