//! The application's own statements, in the transaction of the change.
//!
//! The closure runs on the writer's thread, between the statement that writes the change and the commit. What it is
//! given runs statements, but neither begins nor ends a transaction: SQLite asks before it prepares a statement, and is
//! answered no while the closure runs. Words that end a transaction by themselves are left (`INSERT OR ROLLBACK`, a
//! trigger with `RAISE(ROLLBACK)`); after those [`Transaction`] runs nothing more, and the writer looks as well.

use std::error::Error as StdError;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use put_core::store::Written;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::{Connection, ErrorCode, Params, Row, ffi};

use crate::trouble::Trouble;

/// The transaction of a change, for the application's own statements. The store commits it, or rolls it back: a
/// statement that would is refused, and so is a savepoint.
///
/// Statements are prepared once and kept, so a value belongs in the parameters and not in the text.
///
/// ```
/// use put_sqlite::{Transaction, Written};
///
/// fn note(
///     transaction: &Transaction<'_>,
///     written: &Written<'_>,
/// ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
///     let key = written.key().to_string();
///     let audited = "SELECT EXISTS (SELECT 1 FROM audited WHERE key = ?1)";
///     if transaction.query_row(audited, [&key], |row| row.get(0))? {
///         transaction.execute("INSERT INTO audit (key) VALUES (?1)", [&key])?;
///     }
///     Ok(())
/// }
/// ```
pub struct Transaction<'t>(&'t Connection);

impl Transaction<'_> {
    /// Runs a statement, and gives the number of rows that it wrote.
    ///
    /// # Errors
    /// What SQLite answers.
    pub fn execute(&self, sql: &str, params: impl Params) -> rusqlite::Result<usize> {
        self.going_on()?.prepare_cached(sql)?.execute(params)
    }

    /// Runs a statement, and gives what `read` makes of each of its rows.
    ///
    /// # Errors
    /// What SQLite answers, or `read`.
    pub fn query<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Vec<T>> {
        self.going_on()?.prepare_cached(sql)?.query_map(params, read)?.collect()
    }

    /// Runs a statement, and gives what `read` makes of its first row.
    ///
    /// # Errors
    /// What SQLite answers, or `read`; [`QueryReturnedNoRows`](rusqlite::Error::QueryReturnedNoRows) if there is no row.
    pub fn query_row<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        self.going_on()?.prepare_cached(sql)?.query_row(params, read)
    }

    /// The connection, while there is a transaction: without one, a statement would be committed by itself.
    fn going_on(&self) -> rusqlite::Result<&Connection> {
        if self.0.is_autocommit() {
            let ended = "the transaction of the change has ended";
            return Err(rusqlite::Error::SqliteFailure(
                ffi::Error::new(ffi::SQLITE_ABORT_ROLLBACK),
                Some(ended.into()),
            ));
        }
        Ok(self.0)
    }
}

impl fmt::Debug for Transaction<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Transaction")
    }
}

/// What an application's closure may fail with.
type Failure = Box<dyn StdError + Send + Sync>;

type Closure = dyn Fn(&Transaction<'_>, &Written<'_>) -> Result<(), Failure> + Send + Sync;

/// The closure of a store.
#[derive(Clone)]
pub(crate) struct Hook(Arc<Closure>);

impl Hook {
    pub(crate) fn new<F>(closure: F) -> Self
    where
        F: Fn(&Transaction<'_>, &Written<'_>) -> Result<(), Failure> + Send + Sync + 'static,
    {
        Self(Arc::new(closure))
    }

    /// Runs the closure. A panic is the application's, and ends this change only.
    pub(crate) fn run(&self, guard: &Guard, connection: &Connection, written: &Written<'_>) -> Result<(), Trouble> {
        let closure = AssertUnwindSafe(|| (self.0)(&Transaction(connection), written));
        let ended = guard.theirs(|| catch_unwind(closure));
        let Err(failure) = ended.map_err(|_| Trouble::Panicked)? else { return Ok(()) };
        // A full disk is the same in its statements as in ours.
        Err(match failure.downcast::<rusqlite::Error>() {
            Ok(error) if error.sqlite_error_code() == Some(ErrorCode::AuthorizationForStatementDenied) => {
                Trouble::NotTheirs
            }
            Ok(error) => Trouble::sqlite("in the application's own statements")(*error),
            Err(failure) => Trouble::Within(failure.into()),
        })
    }
}

/// Keeps the application's statements from beginning, committing or rolling back. SQLite asks it when a statement is
/// prepared, which for the store's own is once, on the thread that uses the connection.
pub(crate) struct Guard(Arc<AtomicBool>);

impl Guard {
    /// Stands on the connection from now on.
    pub(crate) fn new(connection: &mut Connection) -> rusqlite::Result<Self> {
        let theirs = Arc::new(AtomicBool::new(false));
        let guard = Self(Arc::clone(&theirs));
        let allow = move |asked: AuthContext<'_>| match asked.action {
            AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } if theirs.load(Ordering::Relaxed) => {
                Authorization::Deny
            }
            _ => Authorization::Allow,
        };
        connection.authorizer(Some(allow))?;
        Ok(guard)
    }

    /// Runs what is the application's. It does not unwind.
    pub(crate) fn theirs<T>(&self, run: impl FnOnce() -> T) -> T {
        self.0.store(true, Ordering::Relaxed);
        let done = run();
        self.0.store(false, Ordering::Relaxed);
        done
    }
}
