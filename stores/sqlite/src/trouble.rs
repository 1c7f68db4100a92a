//! What goes wrong below the port, in a form that every change of a batch can be answered with.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use put_core::store::StoreError;
use rusqlite::ErrorCode;

use crate::file_identity::Lost;

/// When a full queue or a locked file is likely to be free again.
const SOON: Duration = Duration::from_secs(1);
/// When somebody may have made space.
const LATER: Duration = Duration::from_secs(5);

#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// As many changes wait as may.
    QueueFull(usize),
    /// `close` was called.
    Closed,
    /// A thread of the store is gone, which only a defect of the store can cause.
    Stopped,
    /// The file at the path is not the one that was opened.
    Lost(Lost),
    /// The table now belongs to another version of the struct.
    Superseded(Arc<str>),
    /// The key has another number of parts than the table has columns for.
    KeyShape { parts: usize, columns: usize },
    /// A row holds what this store would not write.
    Row(&'static str),
    /// The application's own code panicked, while the change was decided or within its transaction.
    Panicked,
    /// The application's own statements, or what is around them, failed with something of its own.
    Within(Arc<dyn StdError + Send + Sync>),
    /// One of the application's own statements would have begun or ended a transaction.
    NotTheirs,
    /// The application's own statements have ended the transaction.
    Ended,
    /// The thread that writes asks for a change, which it would wait for for ever: from within another change.
    FromWithin,
    /// SQLite ended a transaction because it could not read.
    RolledBack,
    /// SQLite failed.
    Sqlite { doing: &'static str, error: Arc<rusqlite::Error> },
}

impl Trouble {
    pub(crate) fn sqlite(doing: &'static str) -> impl FnOnce(rusqlite::Error) -> Self {
        move |error| Self::Sqlite { doing, error: Arc::new(error) }
    }

    /// Whether a commit that failed like this has certainly left nothing behind: the disk was full, so that a smaller
    /// transaction may fit, or a constraint of somebody else's was broken. After any other failure it is not known
    /// what the disk holds, so nobody may be told that it went well.
    pub(crate) fn wrote_nothing(&self) -> bool {
        matches!(self.code(), Some(ErrorCode::DiskFull | ErrorCode::ConstraintViolation))
    }

    fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Sqlite { error, .. } => error.sqlite_error_code(),
            _ => None,
        }
    }

    /// How long a client should wait; `None` if waiting is not known to help.
    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::QueueFull(_) | Self::Closed => Some(SOON),
            Self::Sqlite { .. } => match self.code()? {
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Some(SOON),
                ErrorCode::DiskFull => Some(LATER),
                _ => None,
            },
            _ => None,
        }
    }
}

impl From<Lost> for Trouble {
    fn from(lost: Lost) -> Self {
        Self::Lost(lost)
    }
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
            Self::QueueFull(limit) => write!(f, "the write queue is full: {limit} changes wait"),
            Self::Closed => f.write_str("the database was closed"),
            Self::Stopped => f.write_str("a thread of the store has stopped; open the database again"),
            Self::Lost(lost) => fmt::Display::fmt(lost, f),
            Self::Superseded(table) => write!(
                f,
                "the table `{table}` now holds another version of the struct, written by another process; \
                 stop this one or open the database again"
            ),
            Self::KeyShape { parts, columns } => {
                write!(f, "the key has {parts} parts, the table has {columns} key columns")
            }
            Self::Row(what) => write!(f, "a row holds what this store does not write: {what}"),
            Self::RolledBack => f.write_str("SQLite rolled the transaction back because it could not read the file"),
            Self::Panicked => f.write_str("the application's own code panicked"),
            Self::Within(error) => write!(f, "in the application's own statements: {error}"),
            Self::NotTheirs => f.write_str(
                "the application's own statements may not begin, commit or roll back, nor set a savepoint; the store \
                 does that",
            ),
            Self::FromWithin => f.write_str(
                "a change was asked for within another one of the same database, where it could only wait for ever",
            ),
            Self::Ended => f.write_str("the application's own statements have rolled the transaction back"),
            Self::Sqlite { doing, error } => write!(f, "SQLite, {doing}: {error}"),
        }
    }
}

impl StdError for Trouble {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Sqlite { error, .. } => Some(error),
            Self::Within(error) => Some(error),
            _ => None,
        }
    }
}
