//! The database: opening a file, opening the stores in it, closing it.

use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use put_core::store::StoreError;
use put_core::{Format, PutResource};
use rusqlite::{Connection, OpenFlags};
use serde_json::{Map, Value};

use crate::file_identity::FileIdentity;
use crate::open_error::{OpenError, folder_of};
use crate::queue::Queue;
use crate::reader::Readers;
use crate::schema::{self, Migrate, PrepareError, Table, Wanted};
use crate::store::SqliteStore;
use crate::trouble::Trouble;
use crate::writer;

/// An SQLite file that is open: one writer, readers beside it, a store for each resource.
///
/// Cloning gives another handle on the same database. When the last handle is dropped, stores included, what was
/// accepted is still committed; [`close`](Self::close) does the same at a moment of your choice and says how it went.
///
/// ```
/// use put_core::PutResource;
/// use put_sqlite::Database;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize, PutResource)]
/// #[put(path = "/api/users/{id}")]
/// struct User {
///     #[put(key)]
///     id: u64,
///     name: String,
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("app.db");
/// let database = Database::open(path)?;
/// let users = User::endpoint(database.store::<User>()?);
/// // .. serve, then:
/// database.close()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Database {
    shared: Arc<Shared>,
}

/// What all handles share.
pub(crate) struct Shared {
    path: PathBuf,
    busy_timeout: Duration,
    pub(crate) queue: Arc<Queue>,
    pub(crate) readers: Readers,
    file: Arc<FileIdentity>,
    tables: Mutex<Vec<Arc<Table>>>,
    writer: Mutex<Option<JoinHandle<Connection>>>,
}

/// How a database is opened; made by [`Database::options`].
///
/// ```
/// use put_sqlite::Database;
///
/// # fn main() -> Result<(), put_sqlite::OpenError> {
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("app.db");
/// let database = Database::options().queue(4096).readers(2).open(path)?;
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
        Self { queue: 1024, readers, busy_timeout: Duration::from_secs(5), max_octets: None }
    }
}

impl Options {
    /// How many changes may wait for the writer; the next one is refused as busy. 1024 unless told.
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
        let mut connection = self.connect(&path)?;
        schema::prepare(&mut connection).map_err(|error| in_file(&path, error))?;
        let resolved = connection.path().map_or_else(|| path.clone(), PathBuf::from);
        let file = FileIdentity::new(&path, &resolved).map_err(OpenError::other("looking at the file"))?;
        let file = Arc::new(file);
        let readers = Readers::open(&path, self.readers, Arc::clone(&file))?;
        let queue = Arc::new(Queue::new(self.queue));
        let writer = writer::start(connection, Arc::clone(&queue), Arc::clone(&file)).map_err(OpenError::Thread)?;
        let (tables, writer) = (Mutex::default(), Mutex::new(Some(writer)));
        let shared = Shared { path, busy_timeout: self.busy_timeout, queue, readers, file, tables, writer };
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

impl Database {
    /// Opens the file with the default [`options`](Self::options), or makes it. Tables of others in the same file
    /// are left alone.
    ///
    /// # Errors
    /// [`OpenError`] says what is wrong with the file, the folder or the path.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::options().open(path)
    }

    /// How the database is to be opened: the length of the queue, the number of readers, and so on.
    pub fn options() -> Options {
        Options::default()
    }

    /// The store of the resource `R`, in a table named after the struct: `BlogPost` is kept in `blog_post`.
    ///
    /// If the struct has changed since the table was written, every document is decoded and encoded anew here, in one
    /// transaction. If some do not decode, nothing is written and the error lists them;
    /// [`store_options`](Self::store_options) mends them.
    ///
    /// # Errors
    /// [`OpenError`] says why the table cannot be used.
    pub fn store<R: PutResource>(&self) -> Result<SqliteStore<R>, OpenError> {
        self.store_options::<R>().open()
    }

    /// How the store of `R` is to be opened: the table, and what mends documents of an older struct.
    ///
    /// ```
    /// # use put_core::PutResource;
    /// # use put_sqlite::Database;
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Serialize, Deserialize, PutResource)]
    /// # #[put(path = "/api/users/{id}")]
    /// # struct User { #[put(key)] id: u64, name: String }
    /// # fn main() -> Result<(), put_sqlite::OpenError> {
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let database = Database::open(folder.path().join("app.db"))?;
    /// let users = database
    ///     .store_options::<User>()
    ///     .table("people")
    ///     .migrate(|user| {
    ///         // The member was once called `full_name`.
    ///         if let Some(name) = user.remove("full_name") {
    ///             user.insert("name".into(), name);
    ///         }
    ///     })
    ///     .open()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn store_options<R: PutResource>(&self) -> StoreOptions<'_, R> {
        let wanted = Wanted { format: Format::of::<R>(), table: None, moved_from: None, migrate: None };
        StoreOptions { database: self, wanted, resource: PhantomData }
    }

    /// Commits everything that was accepted, stops the threads and folds the write-ahead log into the file. Calls that
    /// come later are refused as busy. Waits for the work, so call it where waiting is allowed; closing twice is fine.
    ///
    /// # Errors
    /// If the log could not be folded in. Nothing is lost by that: the next open does it.
    pub fn close(&self) -> Result<(), StoreError> {
        self.shared.close()
    }

    /// The absolute path of the file.
    pub fn path(&self) -> &Path {
        &self.shared.path
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("path", &self.shared.path).finish_non_exhaustive()
    }
}

/// How a store is opened; made by [`Database::store_options`].
#[must_use = "options open nothing until `open` is called"]
pub struct StoreOptions<'a, R> {
    database: &'a Database,
    wanted: Wanted<'a>,
    resource: PhantomData<fn() -> R>,
}

impl<'a, R: PutResource> StoreOptions<'a, R> {
    /// Keeps the documents in this table instead of one named after the struct.
    pub fn table(mut self, name: impl Into<String>) -> Self {
        self.wanted.table = Some(name.into());
        self
    }

    /// Takes over the table of the resource that had this path: the `path` of the attribute was changed.
    pub fn moved_from(mut self, path: impl Into<String>) -> Self {
        self.wanted.moved_from = Some(path.into());
        self
    }

    /// Mends the documents that do not decode because the struct has changed. It is called once for each of them,
    /// with its members; whatever it leaves there must decode, under the same key.
    pub fn migrate(mut self, mend: impl FnMut(&mut Map<String, Value>) + 'a) -> Self {
        let mend: Migrate<'a> = Box::new(mend);
        self.wanted.migrate = Some(mend);
        self
    }

    /// Opens the store.
    ///
    /// # Errors
    /// [`OpenError`] says why the table cannot be used.
    pub fn open(self) -> Result<SqliteStore<R>, OpenError> {
        let shared = &self.database.shared;
        let table = shared.open_table(self.wanted)?;
        Ok(SqliteStore::new(Arc::clone(shared), table))
    }
}

impl<R> fmt::Debug for StoreOptions<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreOptions").field("format", &self.wanted.format).finish_non_exhaustive()
    }
}

impl Shared {
    fn open_table(&self, wanted: Wanted<'_>) -> Result<Arc<Table>, OpenError> {
        // Held to the end: two threads that open the same resource get the same table.
        let mut tables = lock(&self.tables);
        if lock(&self.writer).is_none() {
            return Err(OpenError::Closed);
        }
        let (path, fingerprint) = (wanted.format.path(), wanted.format.fingerprint());
        for table in tables.iter() {
            let theirs = table.format.path();
            let claimed = || OpenError::Claimed { table: table.name.to_string(), path: theirs.to_owned() };
            if wanted.moved_from.as_deref() == Some(theirs) && theirs != path {
                return Err(claimed());
            }
            if theirs == path {
                // Two types at one path, as a generic struct has, would write over each other.
                let same = table.fingerprint == fingerprint;
                return if same && wanted.is_in(&table.name) { Ok(Arc::clone(table)) } else { Err(claimed()) };
            }
        }
        self.file.check().map_err(|lost| OpenError::other("opening a store")(lost.to_string()))?;
        let mut connection = connect(&self.path, OpenFlags::empty(), self.busy_timeout)?;
        let table = schema::open_table(&mut connection, tables.len(), wanted);
        let table = Arc::new(table.map_err(|error| in_file(&self.path, error))?);
        tables.push(Arc::clone(&table));
        Ok(table)
    }

    fn close(&self) -> Result<(), StoreError> {
        self.queue.close();
        let mut writer = lock(&self.writer);
        let Some(thread) = writer.take() else { return Ok(()) };
        let connection = thread.join().map_err(|_| Trouble::Stopped)?;
        // The writer's connection is the last of this process: closing it folds the log in and removes it.
        self.readers.close();
        if self.file.check().is_ok() {
            connection
                .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
                .map_err(Trouble::sqlite("folding the log in"))?;
        }
        connection.close().map_err(|(_, error)| Trouble::sqlite("closing the file")(error))?;
        Ok(())
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::error!(path = %self.path.display(), "{error}");
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn in_file(path: &Path, error: PrepareError) -> OpenError {
    match error {
        PrepareError::Open(error) => *error,
        PrepareError::Sqlite(error) => OpenError::of_file(path, "preparing the tables", error),
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
fn connect(path: &Path, create: OpenFlags, busy_timeout: Duration) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | create;
    let there = path.exists();
    let connection = Connection::open_with_flags(path, flags).map_err(|error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::CannotOpen) if there => OpenError::Forbidden(path.to_owned()),
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
