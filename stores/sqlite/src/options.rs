//! Opening a file: what the program may choose, what is examined first, what SQLite is told.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::database::{Database, Shared};
use crate::open_error::{OpenError, folder_of};

/// How a database is opened; made by [`Database::options`](crate::Database::options).
///
/// ```
/// use put_sqlite::Database;
///
/// # fn main() -> Result<(), put_sqlite::OpenError> {
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("app.db");
/// let database = Database::options().queue(1024).readers(2).open(path)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "options open nothing until `open` is called"]
pub struct Options {
    queue: usize,
    readers: usize,
    busy_timeout: Duration,
    max_octets: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        let readers = thread::available_parallelism().map_or(2, |count| count.get().min(8));
        Self { queue: 4096, readers, busy_timeout: Duration::from_secs(5), max_octets: None }
    }
}

impl Options {
    /// How many changes may wait for the writer; the next one is refused as busy. 4096 unless told. Their contents
    /// together are limited as well, to 64 MiB.
    pub fn queue(mut self, changes: usize) -> Self {
        self.queue = changes.max(1);
        self
    }

    /// How many reads may run at once: one for each processor, at most 8, unless told.
    pub fn readers(mut self, count: usize) -> Self {
        self.readers = count.max(1);
        self
    }

    /// How long the writer waits for another process to finish writing the file. Five seconds unless told.
    pub fn busy_timeout(mut self, time: Duration) -> Self {
        self.busy_timeout = time;
        self
    }

    /// The size the database file may grow to, its write-ahead log apart. What does not fit is refused like a change
    /// on a full disk, and fits again when something was deleted. No limit unless told.
    pub fn max_octets(mut self, octets: u64) -> Self {
        self.max_octets = Some(octets);
        self
    }

    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// [`OpenError`] says what is wrong with the file, the folder or the path.
    pub fn open(self, path: impl AsRef<Path>) -> Result<Database, OpenError> {
        let path = examine(path.as_ref())?;
        let connection = self.connect(&path)?;
        let shared = Shared::start(path, connection, (self.queue, self.readers, self.busy_timeout))?;
        Ok(Database { shared: Arc::new(shared) })
    }

    /// Opens the connection of the writer.
    fn connect(&self, path: &Path) -> Result<Connection, OpenError> {
        let connection = connect(path, OpenFlags::SQLITE_OPEN_CREATE, self.busy_timeout)?;
        let in_file = |doing| move |error| OpenError::of_file(path, doing, error);
        if connection.is_readonly("main").map_err(in_file("opening the file"))? {
            return Err(OpenError::ReadOnlyFile(path.to_owned()));
        }
        let encoding: String =
            connection.pragma_query_value(None, "encoding", |row| row.get(0)).map_err(in_file("reading the file"))?;
        if encoding != "UTF-8" {
            return Err(OpenError::Encoding { path: path.to_owned(), encoding });
        }
        let mode: String = connection
            .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
            .map_err(in_file("starting the write-ahead log"))?;
        if !mode.eq_ignore_ascii_case("wal") {
            return Err(OpenError::NoWriteAheadLog { path: path.to_owned(), mode });
        }
        let pragmas = "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384;
                       PRAGMA wal_autocheckpoint = 2000; PRAGMA journal_size_limit = 33554432";
        connection.execute_batch(pragmas).map_err(in_file("setting up the writer"))?;
        if let Some(octets) = self.max_octets {
            let page: i64 = connection
                .pragma_query_value(None, "page_size", |row| row.get(0))
                .map_err(in_file("reading the file"))?;
            let pages = octets / u64::try_from(page.max(1)).unwrap_or(1);
            // Pages are numbered with 32 bits; SQLite lowers what it is told to its own limit.
            let pages = u32::try_from(pages).unwrap_or(u32::MAX - 1).max(1);
            connection
                .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
                .map_err(in_file("limiting the file"))?;
        }
        Ok(connection)
    }
}

/// Looks at the path without opening anything: opening and closing a database behind SQLite's back would drop the
/// locks that this process has on it.
fn examine(path: &Path) -> Result<PathBuf, OpenError> {
    if path.as_os_str().is_empty() {
        return Err(OpenError::EmptyPath);
    }
    if path.as_os_str() == ":memory:" {
        return Err(OpenError::InMemory);
    }
    let path = std::path::absolute(path).map_err(OpenError::other("finding the file"))?;
    match fs::metadata(&path) {
        Ok(found) if found.is_dir() => Err(OpenError::Folder(path)),
        Ok(found) if !found.is_file() => Err(OpenError::NotAFile(path)),
        Ok(_) => Ok(path),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Err(OpenError::Forbidden(path)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            let folder = folder_of(&path);
            if folder.is_dir() { Ok(path) } else { Err(OpenError::MissingFolder(folder.to_owned())) }
        }
        Err(error) => Err(OpenError::other("looking at the file")(error)),
    }
}

/// Opens a connection that may write.
pub(crate) fn connect(path: &Path, create: OpenFlags, busy_timeout: Duration) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | create;
    let there = path.exists();
    let connection = Connection::open_with_flags(path, flags).map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::CannotOpen) if there => OpenError::Forbidden(path.to_owned()),
        _ => OpenError::of_file(path, "opening the file", error),
    })?;
    connection.busy_timeout(busy_timeout).map_err(OpenError::other("setting the time to wait"))?;
    // FULL: a commit returns when the log is on the disk. fullfsync: on macOS too. This is also the first look into
    // the file: here SQLite finds out that it is no database.
    connection
        .execute_batch("PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON")
        .map_err(|error| OpenError::of_file(path, "reading the file", error))?;
    Ok(connection)
}
