//! What goes wrong below the port, in a form that every change of a batch can be answered with.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::PoolError;
use put_core::store::StoreError;
use tokio_postgres::error::{DbError, Severity, SqlState};

/// When a full queue, a busy pool or a lock is likely to be free again.
const SOON: Duration = Duration::from_secs(1);
/// When a server that went away may be back.
const LATER: Duration = Duration::from_secs(5);

#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// As many changes wait as may.
    QueueFull(usize),
    /// The store was dropped, or its thread is gone.
    Stopped,
    /// No connection could be had in time.
    NoConnection(Arc<PoolError>),
    /// The server did not answer in time. Nobody knows what it did.
    Silent { doing: &'static str, after: Duration },
    /// PostgreSQL, or the way to it.
    Postgres { doing: &'static str, error: Arc<tokio_postgres::Error> },
    /// Others were always faster.
    Outrun,
    /// A statement that should have written a row wrote none: a trigger, a rule or a policy was in the way.
    Swallowed,
    /// A row that this store cannot read.
    Row(String),
    /// The application's own statements failed.
    Within(Arc<dyn StdError + Send + Sync>),
    /// The resource's own code panicked while a change was decided.
    Panicked,
}

/// What to do about a trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// Nothing was done, and the same again may succeed: a deadlock, a failed serialization.
    Again,
    /// A row is locked by somebody who takes his time.
    Wait,
    /// A row is in the way of itself: by itself each of the others may succeed.
    Split,
    /// The connection is of no more use.
    Reconnect,
    /// Nothing.
    GiveUp,
}

impl Trouble {
    pub(crate) fn postgres(doing: &'static str) -> impl FnOnce(tokio_postgres::Error) -> Self {
        move |error| Self::Postgres { doing, error: Arc::new(error) }
    }

    pub(crate) fn db(&self) -> Option<&DbError> {
        match self {
            Self::Postgres { error, .. } => error.as_db_error(),
            _ => None,
        }
    }

    /// Whether a unique value is taken. It may be by a row that the same change would have found a moment later.
    pub(crate) fn is_taken(&self) -> bool {
        self.db().is_some_and(|error| *error.code() == SqlState::UNIQUE_VIOLATION)
    }

    pub(crate) fn remedy(&self) -> Remedy {
        match self {
            Self::Silent { .. } => Remedy::Reconnect,
            Self::Postgres { error, .. } => match error.code() {
                None => Remedy::Reconnect,
                Some(state) => remedy(state, error.as_db_error().and_then(DbError::parsed_severity)),
            },
            _ => Remedy::GiveUp,
        }
    }

    /// How long a client should wait; `None` if waiting is not known to help.
    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::QueueFull(_) | Self::Outrun | Self::Stopped => Some(SOON),
            Self::NoConnection(error) => match &**error {
                PoolError::Timeout(_) => Some(SOON),
                PoolError::Closed | PoolError::NoRuntimeSpecified => None,
                _ => Some(LATER),
            },
            Self::Silent { .. } => Some(LATER),
            Self::Postgres { .. } => match self.remedy() {
                Remedy::Again | Remedy::Wait => Some(SOON),
                Remedy::Reconnect => Some(LATER),
                // No memory, a full disk, too much of something.
                Remedy::Split | Remedy::GiveUp => {
                    let class = self.db().and_then(|error| error.code().code().get(..2));
                    matches!(class, Some("53" | "58")).then_some(LATER)
                }
            },
            _ => None,
        }
    }
}

/// By the classes of SQLSTATE (PostgreSQL, appendix A).
fn remedy(state: &SqlState, severity: Option<Severity>) -> Remedy {
    // These end the connection.
    if matches!(severity, Some(Severity::Fatal | Severity::Panic)) {
        return Remedy::Reconnect;
    }
    if [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].contains(state) {
        return Remedy::Again;
    }
    if [SqlState::LOCK_NOT_AVAILABLE, SqlState::QUERY_CANCELED].contains(state) {
        return Remedy::Wait;
    }
    // A standby that was promoted elsewhere answers so: the next connection may find the primary.
    if *state == SqlState::READ_ONLY_SQL_TRANSACTION {
        return Remedy::Reconnect;
    }
    match state.code().get(..2) {
        // Data, constraints, limits, what a trigger raises; and what extensions raise without a code of its own, or the
        // server for one row that it cannot read or has no room for.
        Some("22" | "23" | "54" | "P0" | "44" | "53" | "58" | "XX") => Remedy::Split,
        // The connection, an operator who shuts the server down, and prepared statements that somebody has removed.
        Some("08" | "26" | "57") => Remedy::Reconnect,
        _ => Remedy::GiveUp,
    }
}

/// What an error comes down to: those above it say only that there was one.
fn reason<'e>(mut error: &'e (dyn StdError + 'static)) -> &'e (dyn StdError + 'static) {
    while let Some(source) = error.source() {
        error = source;
    }
    error
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> Self {
        match trouble.retry_after() {
            Some(retry_after) => Self::busy(retry_after, trouble),
            None => Self::failed(trouble),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::QueueFull(length) => write!(f, "{length} changes wait or are under way, and no more may"),
            Self::Stopped => f.write_str("the store has stopped"),
            Self::NoConnection(error) => write!(f, "no connection to PostgreSQL: {}", reason(&**error)),
            Self::Silent { doing, after } => {
                write!(f, "PostgreSQL, {doing}: no answer in {after:?}; whether it was done is not known")
            }
            Self::Postgres { doing, error } => match error.as_db_error() {
                Some(db) => write!(f, "PostgreSQL, {doing}: {} (SQLSTATE {})", db.message(), db.code().code()),
                None => write!(f, "PostgreSQL, {doing}: {error}; whether it was done is not known"),
            },
            Self::Outrun => f.write_str("other writers of the same row were always faster"),
            Self::Swallowed => f.write_str(
                "a statement that should have written a row wrote none; look for a trigger, a rule or a policy on the \
                 table",
            ),
            Self::Row(why) => f.write_str(why),
            Self::Within(error) => write!(f, "what the application does within the transaction failed: {error}"),
            Self::Panicked => f.write_str("the application's own code panicked"),
        }
    }
}

impl StdError for Trouble {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::NoConnection(error) => Some(error),
            Self::Postgres { error, .. } => Some(error),
            Self::Within(error) => Some(error),
            _ => None,
        }
    }
}
