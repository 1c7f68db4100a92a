//! Why a store could not be opened: one list, each entry with its words.

use std::error::Error as StdError;
use std::{fmt, io};

use put_core::store::StoreError;

use crate::compare::Discrepancy;
use crate::trouble::Trouble;

/// Why a store could not be opened. The text says what is wrong and what would be right.
///
/// ```
/// use put_core::PutResource;
/// use put_postgres::{OpenError, PostgresStore};
/// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
/// # #[put(path = "/notes/{id}")]
/// # struct Note { #[put(key)] id: i64, text: String }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let error = PostgresStore::<Note>::connect("mysql://localhost").open().await.unwrap_err();
/// assert!(matches!(error, OpenError::Url(_)));
/// # }
/// ```
#[non_exhaustive]
pub enum OpenError {
    /// The URL of the database cannot be read.
    Url(tokio_postgres::Error),
    /// The pool cannot be made.
    Pool(String),
    /// The thread of the stores cannot be started.
    Thread(io::Error),
    /// There is no table of this name.
    NoTable(String),
    /// The name is that of something that cannot hold resources.
    NotATable {
        /// The name.
        name: String,
        /// What it is.
        kind: &'static str,
    },
    /// The server is older than PostgreSQL 12; this is its `server_version_num`.
    Version(i32),
    /// The texts of the database are not UTF-8.
    Encoding(String),
    /// Table and struct do not fit each other: everything that is wrong.
    Mismatch {
        /// The table.
        table: String,
        /// The struct.
        resource: &'static str,
        /// What is wrong; at least one.
        discrepancies: Vec<Discrepancy>,
    },
    /// Words were given for a constraint that the table does not have.
    NoConstraint {
        /// The table.
        table: String,
        /// The name that was given.
        name: String,
    },
    /// The database does not take the statements of this store, although the table is as it should be: another engine
    /// that speaks the protocol of PostgreSQL, say, or a right that is missing.
    Refused {
        /// What the statement was for.
        statement: &'static str,
        /// The reason.
        reason: String,
    },
    /// PostgreSQL failed, or cannot be reached.
    Database(StoreError),
}

impl From<Trouble> for OpenError {
    fn from(trouble: Trouble) -> Self {
        Self::Database(trouble.into())
    }
}

/// As a `main` that returns it shows it: in words.
impl fmt::Debug for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(error) => {
                write!(
                    f,
                    "the URL of the database cannot be read: {error}; it looks like postgres://user@host/database"
                )
            }
            Self::Pool(why) => write!(f, "the pool of connections cannot be made: {why}"),
            Self::Thread(error) => write!(f, "the thread of the stores cannot be started: {error}"),
            Self::NoTable(name) => write!(
                f,
                "there is no table `{name}` on the search path; name its schema too (`app.users`), or make it with what \
                 `put_postgres::create_table_sql` writes"
            ),
            Self::NotATable { name, kind } => write!(
                f,
                "`{name}` is {kind}, and whether a PUT creates is decided by a unique index, which only a table has; \
                 name the table that it shows"
            ),
            Self::Version(number) => {
                write!(f, "the server is PostgreSQL {}; this store needs 12 or newer", number / 10_000)
            }
            Self::Encoding(encoding) => write!(
                f,
                "the database keeps texts as {encoding}, which cannot hold every text of a JSON content; use a database \
                 with the encoding UTF8"
            ),
            Self::Mismatch { table, resource, discrepancies } => {
                write!(f, "the table {table} does not fit the struct `{resource}`:")?;
                discrepancies.iter().try_for_each(|discrepancy| write!(f, "\n- {discrepancy}"))
            }
            Self::NoConstraint { table, name } => {
                write!(f, "the table {table} has no constraint `{name}`, for which words were given")
            }
            Self::Refused { statement, reason } => {
                write!(f, "the database does not take the statement for {statement}: {reason}")
            }
            Self::Database(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl StdError for OpenError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Url(error) => Some(error),
            Self::Thread(error) => Some(error),
            Self::Database(error) => Some(error),
            _ => None,
        }
    }
}
