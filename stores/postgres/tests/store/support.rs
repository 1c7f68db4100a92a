//! What the tests share: a schema of their own on a real server, and statements of somebody else.

use std::sync::{Arc, OnceLock};

use put_throwaway_postgres::{Database, schema_name, shared};
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls, Row};

/// The server, or why there is none; that is said once, past the capture of the test harness.
pub(crate) fn database() -> Option<&'static Database> {
    static SAID: OnceLock<()> = OnceLock::new();
    match shared() {
        Ok(database) => Some(database),
        Err(unavailable) => {
            SAID.get_or_init(|| {
                use std::io::Write as _;
                let _ = writeln!(std::io::stderr(), "\nSKIPPED: {unavailable}");
            });
            None
        }
    }
}

/// A runtime for statements of somebody else; the store has its own.
fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap())
}

/// A schema that is dropped with this value.
pub(crate) struct Schema {
    pub(crate) url: String,
    pub(crate) name: String,
    client: Arc<Client>,
}

impl Schema {
    /// `None` where there is no server.
    pub(crate) fn new(prefix: &str) -> Option<Self> {
        let url = database()?.url().to_owned();
        let name = schema_name(prefix);
        let client = Arc::new(connect(&url));
        let schema = Self { url, name, client };
        schema.sql(&format!("CREATE SCHEMA \"{0}\"; SET search_path = \"{0}\"", schema.name));
        Some(schema)
    }

    /// The name of a table in this schema.
    pub(crate) fn table(&self, name: &str) -> String {
        format!("\"{}\".\"{name}\"", self.name)
    }

    /// Statements of somebody else.
    pub(crate) fn sql(&self, statements: &str) {
        self.try_sql(statements).unwrap_or_else(|error| panic!("{statements}: {error:?}"));
    }

    pub(crate) fn try_sql(&self, statements: &str) -> Result<(), tokio_postgres::Error> {
        let (client, statements) = (Arc::clone(&self.client), statements.to_owned());
        wait_for(async move { client.batch_execute(&statements).await })
    }

    pub(crate) fn rows(&self, query: &str) -> Vec<Row> {
        let (client, query) = (Arc::clone(&self.client), query.to_owned());
        wait_for(async move { client.query(&query, &[]).await }).unwrap()
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        // The server may be gone, which some tests want.
        drop(self.try_sql(&format!("SET lock_timeout = '5s'; DROP SCHEMA \"{}\" CASCADE", self.name)));
    }
}

/// Makes an extension for all, which a server need not have.
pub(crate) fn has_extension(schema: &Schema, name: &str) -> bool {
    let create = format!("CREATE EXTENSION IF NOT EXISTS {name} SCHEMA public");
    // Another test may make it at the same moment.
    schema.try_sql(&create).is_ok() || schema.try_sql(&create).is_ok()
}

/// A connection of somebody else.
pub(crate) fn connect(url: &str) -> Client {
    let url = url.to_owned();
    wait_for(async move {
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
        tokio::spawn(async move { drop(connection.await) });
        client
    })
}

/// Drives this on the runtime of the tests, from whatever thread.
pub(crate) fn wait_for<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    let (done, answer) = std::sync::mpsc::channel();
    runtime().spawn(async move { drop(done.send(future.await)) });
    answer.recv().unwrap()
}
