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

use put_core::Caller;
use put_core::store::{Key, State};
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::{Connection, ErrorCode, Params, Row, ffi};

use crate::trouble::Trouble;

/// What was written, or removed, and is not committed yet: what a closure of
/// [`within`](crate::StoreOptions::within) is told.
///
/// ```
/// use put_sqlite::{Written, WrittenAs};
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
/// # use put_sqlite::{Written, WrittenAs};
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
    /// use put_sqlite::Written;
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
