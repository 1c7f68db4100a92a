//! A connection that is ours for a while: statements, transactions, and how long each may take.

use std::ops::Deref;
use std::time::Duration;

use deadpool_postgres::{ClientWrapper, Object};
use tokio::time::timeout;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row};

use crate::connections::{LOCK_WAIT, settings};
use crate::trouble::{Remedy, Trouble};

pub(crate) type Params<'p> = &'p [&'p (dyn ToSql + Sync)];

/// What is added to the time a statement may take before the connection is given up: the server should have said so
/// itself by then.
const GRACE: Duration = Duration::from_secs(2);

/// A connection that is ours for a while.
pub(crate) struct Session {
    /// There until it is dropped.
    object: Option<Object>,
    own: bool,
    limit: Duration,
    /// Whether nobody should be given this connection any more.
    broken: bool,
    /// Whether a transaction has begun and not ended, which would be so if a panic ended the task.
    in_transaction: bool,
}

impl Session {
    pub(crate) fn new(object: Object, own: bool, limit: Duration) -> Self {
        Self { object: Some(object), own, limit, broken: false, in_transaction: false }
    }

    fn client(&self) -> Result<&ClientWrapper, Trouble> {
        self.object.as_deref().ok_or(Trouble::Stopped)
    }

    /// Runs one statement in a transaction of its own.
    pub(crate) async fn alone(
        &mut self,
        doing: &'static str,
        sql: &str,
        params: Params<'_>,
    ) -> Result<Vec<Row>, Trouble> {
        if self.own {
            return self.query(doing, sql, params).await;
        }
        let settings = settings(self.limit, LOCK_WAIT);
        let client = self.client()?;
        let rows = in_time(doing, self.limit, async {
            let statement = client.prepare_cached(sql).await?;
            // Polled together and in this order, so that all four are on their way before the first is answered.
            let (begun, set, rows, committed) = tokio::join!(
                biased;
                client.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED"),
                client.batch_execute(&settings),
                client.query(&statement, params),
                client.batch_execute("COMMIT"),
            );
            // The first failure is the reason. A COMMIT of what has failed is a ROLLBACK, and answered well.
            begun.and(set).and(rows).and_then(|rows| committed.map(|()| rows))
        });
        let rows = rows.await;
        self.noted(rows)
    }

    /// Begins a transaction of several statements. A row that is locked is waited for as long as a statement may take, if
    /// `patient`.
    pub(crate) async fn begin(&mut self, patient: bool) -> Result<(), Trouble> {
        let wait = if patient { self.limit } else { LOCK_WAIT };
        let text = format!("BEGIN ISOLATION LEVEL READ COMMITTED; {}", settings(self.limit, wait));
        self.in_transaction = true;
        self.execute("beginning a transaction", &text).await
    }

    /// From here to the end of the transaction the application's own statements have the planner that they know.
    pub(crate) async fn hand_over(&mut self) -> Result<(), Trouble> {
        let settings = "SET LOCAL enable_seqscan = on; SET LOCAL plan_cache_mode = auto";
        self.execute("handing a transaction over", settings).await
    }

    pub(crate) async fn commit(&mut self) -> Result<(), Trouble> {
        self.execute("committing", "COMMIT").await?;
        self.in_transaction = false;
        Ok(())
    }

    pub(crate) async fn roll_back(&mut self) -> Result<(), Trouble> {
        self.execute("rolling back", "ROLLBACK").await?;
        self.in_transaction = false;
        Ok(())
    }

    /// Asks whether the database takes a statement, and keeps it prepared.
    pub(crate) async fn prepare(&mut self, doing: &'static str, sql: &str) -> Result<(), Trouble> {
        let done = in_time(doing, self.limit, self.client()?.prepare_cached(sql)).await;
        self.noted(done.map(drop))
    }

    /// Statements without parameters and rows.
    pub(crate) async fn execute(&mut self, doing: &'static str, sql: &str) -> Result<(), Trouble> {
        let done = in_time(doing, self.limit, self.client()?.batch_execute(sql)).await;
        self.noted(done)
    }

    /// A statement, in whatever transaction there is.
    pub(crate) async fn query(
        &mut self,
        doing: &'static str,
        sql: &str,
        params: Params<'_>,
    ) -> Result<Vec<Row>, Trouble> {
        let client = self.client()?;
        let rows = in_time(doing, self.limit, async {
            let statement = client.prepare_cached(sql).await?;
            client.query(&statement, params).await
        });
        let rows = rows.await;
        self.noted(rows)
    }

    /// The connection for the application's own statements.
    pub(crate) fn raw(&self) -> Result<&tokio_postgres::Client, Trouble> {
        self.client().map(Deref::deref)
    }

    fn noted<T>(&mut self, answer: Result<T, Trouble>) -> Result<T, Trouble> {
        if let Err(trouble) = &answer {
            self.broken |= trouble.remedy() == Remedy::Reconnect;
        }
        answer
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let (true, Some(object)) = (self.broken || self.in_transaction, self.object.take()) {
            drop(Object::take(object));
        }
    }
}

async fn in_time<T>(
    doing: &'static str,
    limit: Duration,
    answer: impl Future<Output = Result<T, Error>>,
) -> Result<T, Trouble> {
    match timeout(limit + GRACE, answer).await {
        Ok(answer) => answer.map_err(Trouble::postgres(doing)),
        Err(_) => Err(Trouble::Silent { doing, after: limit + GRACE }),
    }
}
