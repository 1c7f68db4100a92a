//! The application's own statements, in the transaction of the change.

use std::error::Error as StdError;
use std::fmt;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use put_core::Caller;
use put_core::store::{Key, State};
use tokio::time::timeout;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row};

use crate::trouble::Trouble;

/// What was written, or removed, and is not committed yet: what a closure of
/// [`within`](crate::Options::within) is told.
///
/// ```
/// use put_postgres::{Written, WrittenAs};
///
/// fn line(written: &Written<'_>) -> String {
///     let text = |state: &put_core::store::State| String::from_utf8_lossy(state.json()).into_owned();
///     match written.written_as() {
///         WrittenAs::Created => format!("{} is new", written.key()),
///         WrittenAs::Replaced => format!("{} was {}", written.key(), written.before().map(text).unwrap_or_default()),
///         WrittenAs::Deleted => format!("{} is gone", written.key()),
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Written<'w> {
    pub(crate) key: &'w Key,
    pub(crate) done: WrittenAs,
    pub(crate) before: Option<&'w State>,
    pub(crate) after: Option<&'w State>,
    pub(crate) caller: Option<&'w Caller>,
}

/// What was done.
///
/// ```
/// # use put_postgres::{Written, WrittenAs};
/// fn is_new(written: &Written<'_>) -> bool {
///     written.written_as() == WrittenAs::Created
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrittenAs {
    /// There was no row, and now there is one.
    Created,
    /// The row has another state.
    Replaced,
    /// The row is gone.
    Deleted,
}

impl<'w> Written<'w> {
    /// The key of the resource.
    #[must_use]
    pub fn key(&self) -> &'w Key {
        self.key
    }

    /// What was done.
    #[must_use]
    pub fn written_as(&self) -> WrittenAs {
        self.done
    }

    /// The state that there was.
    #[must_use]
    pub fn before(&self) -> Option<&'w State> {
        self.before
    }

    /// The state that there is now.
    #[must_use]
    pub fn after(&self) -> Option<&'w State> {
        self.after
    }

    /// Who did it: what the endpoint's [`caller`](put_core::Endpoint::caller) names, as the authentication of the
    /// application left it in the extensions of the request. `None` for a request without, and for the application itself.
    ///
    /// ```
    /// use put_postgres::Written;
    ///
    /// struct User {
    ///     name: String,
    /// }
    ///
    /// fn line(written: &Written<'_>) -> String {
    ///     let name = written.caller::<User>().map_or("somebody", |user| &user.name);
    ///     format!("{name} wrote {}", written.key())
    /// }
    /// ```
    #[must_use]
    pub fn caller<C: 'static>(&self) -> Option<&'w C> {
        self.caller?.get()
    }
}

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
