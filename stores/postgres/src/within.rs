//! The application's own statements, in the transaction of the change.

use std::error::Error as StdError;
use std::fmt;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use put_core::store::Written;
use tokio::time::timeout;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row};

use crate::trouble::Trouble;

/// The transaction of a change, for the application's own statements. The store commits it, or rolls it back.
///
/// ```
/// use put_postgres::{Transaction, Written};
///
/// async fn note(
///     transaction: &Transaction<'_>,
///     written: &Written<'_>,
/// ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
///     let rows = transaction.query("SELECT 1 FROM audited WHERE key = $1", &[&written.key().to_string()]).await?;
///     if !rows.is_empty() {
///         transaction.execute("INSERT INTO audit (key) VALUES ($1)", &[&written.key().to_string()]).await?;
///     }
///     Ok(())
/// }
/// ```
#[derive(Clone, Copy)]
pub struct Transaction<'t>(&'t Client);

impl<'t> Transaction<'t> {
    pub(crate) fn new(client: &'t Client) -> Self {
        Self(client)
    }

    /// Runs a statement, and gives the number of rows that it wrote.
    ///
    /// # Errors
    /// What PostgreSQL answers.
    pub async fn execute(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<u64, Error> {
        self.0.execute(sql, params).await
    }

    /// Runs a statement, and gives its rows.
    ///
    /// # Errors
    /// What PostgreSQL answers.
    pub async fn query(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Error> {
        self.0.query(sql, params).await
    }
}

impl fmt::Debug for Transaction<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Transaction")
    }
}

/// What an application's closure may fail with.
pub(crate) type Failure = Box<dyn StdError + Send + Sync>;

type Running<'r> = Pin<Box<dyn Future<Output = Result<(), Failure>> + 'r>>;

/// The closure, whatever its type.
trait Within: Send + Sync {
    fn run<'r>(&'r self, transaction: &'r Transaction<'r>, written: &'r Written<'r>) -> Running<'r>;
}

impl<F> Within for F
where
    F: AsyncFn(&Transaction<'_>, &Written<'_>) -> Result<(), Failure> + Send + Sync,
{
    fn run<'r>(&'r self, transaction: &'r Transaction<'r>, written: &'r Written<'r>) -> Running<'r> {
        Box::pin(self(transaction, written))
    }
}

#[derive(Clone)]
pub(crate) struct Hook(Arc<dyn Within>);

impl Hook {
    pub(crate) fn new<F>(closure: F) -> Self
    where
        F: AsyncFn(&Transaction<'_>, &Written<'_>) -> Result<(), Failure> + Send + Sync + 'static,
    {
        Self(Arc::new(closure))
    }

    /// Runs the closure, for so long at the most: a connection that has fallen silent would hold it for ever.
    pub(crate) async fn run(
        &self,
        limit: Duration,
        transaction: &Transaction<'_>,
        written: &Written<'_>,
    ) -> Result<(), Trouble> {
        let doing = "in the application's own statements";
        let mut running = self.0.run(transaction, written);
        let ended = poll_fn(|context| {
            // A panic is the application's, and ends this transaction only.
            match catch_unwind(AssertUnwindSafe(|| running.as_mut().poll(context))) {
                Ok(polled) => polled.map(Ok),
                Err(_) => Poll::Ready(Err(Trouble::Panicked)),
            }
        });
        let ended = timeout(limit, ended).await.map_err(|_| Trouble::Silent { doing, after: limit })?;
        let Err(failure) = ended? else { return Ok(()) };
        // A deadlock or a lost connection is the same in its statements as in ours.
        Err(match failure.downcast::<Error>() {
            Ok(error) => Trouble::postgres(doing)(*error),
            Err(failure) => Trouble::Within(failure.into()),
        })
    }
}
