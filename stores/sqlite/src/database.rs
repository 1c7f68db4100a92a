//! The database: opening a file, opening the stores in it, closing it. One file, because it is one life.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use put_core::PutResource;
use put_core::store::StoreError;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::file_identity::FileIdentity;
use crate::open_error::OpenError;
use crate::options::{Options, connect};
use crate::queue::{METERS, Queue};
use crate::reader::Readers;
use crate::schema::{self, PrepareError, Table, Wanted};
use crate::store::SqliteStore;
use crate::store_options::StoreOptions;
use crate::trouble::Trouble;
use crate::within::Guard;
use crate::writer;

/// An SQLite file that is open: one writer, readers beside it, a store for each resource.
///
/// Cloning gives another handle on the same database. When the last handle is dropped, stores included, what was
/// accepted is still committed, and the drop waits for it; [`close`](Self::close) does the same at a moment of your choice
/// and says how it went.
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
    pub(crate) shared: Arc<Shared>,
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
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/api/users/{id}")]
    /// # struct User { #[put(key)] id: u64 }
    /// # fn main() -> Result<(), put_sqlite::OpenError> {
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let database = Database::open(folder.path().join("app.db"))?;
    /// let users = database
    ///     .store_options::<User>()
    ///     .table("people")
    ///     .migrate(|user| drop(user.remove("a member that is no more")))
    ///     .open()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn store_options<R: PutResource>(&self) -> StoreOptions<'_, R> {
        StoreOptions::new(&self.shared)
    }

    /// Runs statements that make the application's own tables in this file, the outbox of
    /// [`within`](StoreOptions::within) say: all of them in one transaction, at each start of the program, so each says
    /// `IF NOT EXISTS`. For anything else open the [`path`](Self::path) with `rusqlite`: it is an SQLite file like any.
    ///
    /// ```
    /// # use put_sqlite::Database;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// let database = Database::open(folder.path().join("app.db"))?;
    /// database.set_up(
    ///     "CREATE TABLE IF NOT EXISTS outbox (place INTEGER PRIMARY KEY, key TEXT NOT NULL, state TEXT) STRICT;
    ///      CREATE INDEX IF NOT EXISTS outbox_key ON outbox (key);",
    /// )?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`OpenError`] says what SQLite says; nothing has been changed then.
    pub fn set_up(&self, sql: &str) -> Result<(), OpenError> {
        self.shared.set_up(sql)
    }

    /// Commits everything that was accepted, stops the threads and folds the write-ahead log into the file. Calls that
    /// come later are refused as busy. Waits for the work, so call it where waiting is allowed; closing twice is fine.
    ///
    /// ```
    /// # use put_sqlite::Database;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("app.db");
    /// let database = Database::open(&path)?;
    /// database.close()?;
    /// assert!(!path.with_extension("db-wal").exists());
    /// # Ok(())
    /// # }
    /// ```
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

impl Shared {
    /// Starts the threads on a connection that is set up.
    pub(crate) fn start(
        path: PathBuf,
        mut connection: Connection,
        (queue, readers, busy_timeout): (usize, usize, Duration),
    ) -> Result<Self, OpenError> {
        METERS.describe();
        schema::prepare(&mut connection).map_err(|error| in_file(&path, error))?;
        let resolved = connection.path().map_or_else(|| path.clone(), PathBuf::from);
        let file = FileIdentity::new(&path, &resolved).map_err(OpenError::other("looking at the file"))?;
        let file = Arc::new(file);
        let readers = Readers::open(&path, readers, Arc::clone(&file))?;
        let queue = Arc::new(Queue::new(queue));
        let writer = writer::start(connection, Arc::clone(&queue), Arc::clone(&file)).map_err(OpenError::Thread)?;
        let (tables, writer) = (Mutex::default(), Mutex::new(Some(writer)));
        Ok(Self { path, busy_timeout, queue, readers, file, tables, writer })
    }

    pub(crate) fn open_table(&self, wanted: Wanted<'_>) -> Result<Arc<Table>, OpenError> {
        // Held to the end: two threads that open the same resource get the same table.
        let mut tables = lock(&self.tables);
        if lock(&self.writer).is_none() {
            return Err(OpenError::Closed);
        }
        let (path, fingerprint) = (wanted.format.path(), wanted.fingerprint());
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

    fn set_up(&self, sql: &str) -> Result<(), OpenError> {
        // Held to the end, so that the writer's connection stays the last one.
        let writer = lock(&self.writer);
        if writer.is_none() {
            return Err(OpenError::Closed);
        }
        let doing = "setting up the application's own tables";
        self.file.check().map_err(|lost| OpenError::other(doing)(lost.to_string()))?;
        let mut connection = connect(&self.path, OpenFlags::empty(), self.busy_timeout)?;
        let run = |connection: &mut Connection| {
            let guard = Guard::new(connection)?;
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            guard.theirs(|| transaction.execute_batch(sql))?;
            transaction.commit()
        };
        run(&mut connection).map_err(|error| OpenError::of_file(&self.path, doing, error))
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
