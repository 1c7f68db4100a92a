//! Why a database or one of its stores could not be opened: one list, each entry with its words.

use std::error::Error as StdError;
use std::path::{Path, PathBuf};
use std::{fmt, io};

use rusqlite::ErrorCode;

/// Why a database or one of its stores could not be opened. The text says what is wrong and what would be right.
///
/// ```
/// use put_sqlite::{Database, OpenError};
///
/// let error = Database::open("").unwrap_err();
/// assert!(matches!(error, OpenError::EmptyPath));
/// assert_eq!(error.to_string(), "the path of the database is empty; name a file, \"app.db\" say");
/// ```
#[non_exhaustive]
pub enum OpenError {
    /// The path is empty.
    EmptyPath,
    /// The path is `:memory:`, which names no file.
    InMemory,
    /// The path is a folder.
    Folder(PathBuf),
    /// The path is neither a file nor a folder: a device, a pipe, a socket.
    NotAFile(PathBuf),
    /// The folder that the file would be in does not exist.
    MissingFolder(PathBuf),
    /// This process may not read the file, or not search one of the folders of its path.
    Forbidden(PathBuf),
    /// The file may be read but not written.
    ReadOnlyFile(PathBuf),
    /// The folder of the file may not be written, where the write-ahead log has to be.
    ReadOnlyFolder(PathBuf),
    /// The file is not an SQLite database.
    NotADatabase(PathBuf),
    /// The file is a damaged SQLite database.
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// Another process keeps the file locked.
    Locked(PathBuf),
    /// SQLite cannot keep a write-ahead log for this file, on a network file system for example.
    NoWriteAheadLog {
        /// The file.
        path: PathBuf,
        /// The journal mode that SQLite offers instead.
        mode: String,
    },
    /// The texts of the file are not UTF-8.
    Encoding {
        /// The file.
        path: PathBuf,
        /// The encoding of the file.
        encoding: String,
    },
    /// The file was written by a newer version of this crate.
    Newer {
        /// The table with the newer layout.
        table: String,
        /// The layout found.
        found: i64,
        /// The newest layout that this version knows.
        known: i64,
    },
    /// The table belongs to another resource.
    Claimed {
        /// The table.
        table: String,
        /// The path of the resource that has it.
        path: String,
    },
    /// The documents of this resource are in another table than the one asked for.
    Elsewhere {
        /// The table asked for.
        table: String,
        /// The table that has the documents.
        found: String,
    },
    /// The file has a table, view or index of this name that this crate did not make.
    Foreign(String),
    /// SQLite or this crate does not allow this name for a table.
    TableName(String),
    /// The table has other columns than the key of the resource needs.
    Columns {
        /// The table.
        table: String,
        /// The columns it has.
        found: String,
        /// The columns it should have.
        expected: String,
    },
    /// The struct has changed, and some documents do not decode as the new one. Nothing was written.
    Undecodable {
        /// The table.
        table: String,
        /// How many documents do not decode.
        count: u64,
        /// The first of them: key and reason.
        first: Vec<(String, String)>,
    },
    /// The database was closed before.
    Closed,
    /// A thread could not be started.
    Thread(io::Error),
    /// Anything else that SQLite or the operating system says.
    Other {
        /// What was being done.
        doing: &'static str,
        /// What went wrong.
        source: Box<dyn StdError + Send + Sync>,
    },
}

impl OpenError {
    /// Turns what SQLite says while the file is opened into what is wrong with the file.
    pub(crate) fn of_file(path: &Path, doing: &'static str, error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotADatabase(path.to_owned()),
            Some(ErrorCode::DatabaseCorrupt) => Self::Corrupt { path: path.to_owned(), source: error },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed) => {
                Self::Locked(path.to_owned())
            }
            // The database itself is open by then: what cannot be opened or written is a file beside it.
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Self::ReadOnlyFolder(folder_of(path).to_owned())
            }
            _ => Self::other(doing)(error),
        }
    }

    pub(crate) fn other<E: Into<Box<dyn StdError + Send + Sync>>>(doing: &'static str) -> impl FnOnce(E) -> Self {
        move |source| Self::Other { doing, source: source.into() }
    }
}

/// The folder of an absolute path.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

/// The same as `Display`: a `main` that returns the error shows it this way, and the remedy must not be lost there.
impl fmt::Debug for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyPath => f.write_str("the path of the database is empty; name a file, \"app.db\" say"),
            Self::InMemory => f.write_str("`:memory:` is no file; for a store in memory use `put_core::MemoryStore`"),
            Self::Folder(path) => {
                write!(f, "{} is a folder; name a file, \"{}\" say", path.display(), path.join("app.db").display())
            }
            Self::NotAFile(path) => write!(f, "{} is not a regular file; a database needs one", path.display()),
            Self::MissingFolder(path) => {
                write!(f, "the folder {} does not exist; create it first", path.display())
            }
            Self::Forbidden(path) => {
                write!(
                    f,
                    "{} cannot be opened by this process; it needs the right to read and write it",
                    path.display()
                )
            }
            Self::ReadOnlyFile(path) => {
                write!(f, "{} is read-only; the store needs the right to write it", path.display())
            }
            Self::ReadOnlyFolder(path) => write!(
                f,
                "nothing can be written in the folder {}; the write-ahead log has to stand beside the database",
                path.display()
            ),
            Self::NotADatabase(path) => write!(
                f,
                "{} is not an SQLite database; name another file, or one that does not exist yet",
                path.display()
            ),
            Self::Corrupt { path, source } => write!(
                f,
                "{} is damaged ({source}); restore a backup, or save what is readable with `sqlite3 FILE .recover`",
                path.display()
            ),
            Self::Locked(path) => {
                write!(f, "{} is locked by another process; stop it or wait until it is done", path.display())
            }
            Self::NoWriteAheadLog { path, mode } => write!(
                f,
                "{} cannot have a write-ahead log, SQLite offers the journal mode `{mode}`; put it on a local file \
                 system",
                path.display()
            ),
            Self::Encoding { path, encoding } => {
                write!(
                    f,
                    "the texts in {} are {encoding}; only a database in UTF-8 keeps the order of keys",
                    path.display()
                )
            }
            Self::Newer { table, found, known } => write!(
                f,
                "the table `{table}` has layout {found}, this version of put-sqlite knows layouts up to {known}; use \
                 a newer version"
            ),
            Self::Claimed { table, path } => write!(
                f,
                "the table `{table}` belongs to the resource at {path}; give this one another table with \
                 `.table(\"..\")`, or, if the path was changed, say `.moved_from(\"{path}\")`"
            ),
            Self::Elsewhere { table, found } => write!(
                f,
                "the documents of this resource are in the table `{found}`, not in `{table}`; say \
                 `.table(\"{found}\")`"
            ),
            Self::Foreign(table) => write!(
                f,
                "the file has something named `{table}` that this store did not make; choose another table with \
                 `.table(\"..\")`"
            ),
            Self::TableName(table) => write!(
                f,
                "`{table}` cannot be the name of a table; choose another with `.table(\"..\")`, not empty, without \
                 NUL, and beginning with neither `sqlite_` nor `put_resource`"
            ),
            Self::Columns { table, found, expected } => write!(
                f,
                "the table `{table}` has the columns {found}, the key of the resource needs {expected}; choose another \
                 table with `.table(\"..\")`, or bring the old one into this form"
            ),
            Self::Undecodable { table, count, first } => {
                let documents = if *count == 1 { "document does" } else { "documents do" };
                write!(
                    f,
                    "{count} {documents} not decode in the table `{table}`, whose struct has changed; mend them with \
                     `.migrate(..)`. Nothing was written."
                )?;
                for (key, reason) in first {
                    write!(f, "\n  {key}: {reason}")?;
                }
                let more = count.saturating_sub(u64::try_from(first.len()).unwrap_or(u64::MAX));
                if more > 0 {
                    write!(f, "\n  and {more} more")?;
                }
                Ok(())
            }
            Self::Closed => f.write_str("the database was closed; open it again"),
            Self::Thread(error) => write!(f, "a thread of the store could not be started: {error}"),
            Self::Other { doing, source } => write!(f, "{doing}: {source}"),
        }
    }
}

impl StdError for OpenError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Corrupt { source, .. } => Some(source),
            Self::Thread(error) => Some(error),
            Self::Other { source, .. } => Some(source.as_ref()),
            _ => None,
        }
    }
}
