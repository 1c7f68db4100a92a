//! Readers beside the writer.
//!
//! In WAL mode a reader never waits for the writer, so a single read runs where it is asked for: a cached row costs
//! about as much as handing the question to another thread and waking the asker again, and blocks an executor no
//! longer than a line of log would. A list reads many rows and waits for its turn on a thread of its own.

use std::path::Path;
use std::sync::mpsc::{self, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_channel::oneshot;
use put_core::store::{Key, State, StoreError};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row, Statement};

use crate::file_identity::FileIdentity;
use crate::key_column::KeyColumn;
use crate::open_error::OpenError;
use crate::queue::Sender;
use crate::schema::Table;
use crate::trouble::Trouble;

/// Lists that may wait for the listing thread.
const LISTS: usize = 64;
/// A reader is refused only while another process recovers or closes the file.
const PATIENCE: Duration = Duration::from_secs(1);

pub(crate) struct Readers {
    first: Mutex<Option<Connection>>,
    more: Box<[Mutex<Option<Connection>>]>,
    lists: Mutex<Option<SyncSender<List>>>,
    lister: Mutex<Option<JoinHandle<()>>>,
    file: Arc<FileIdentity>,
}

struct List {
    table: Arc<Table>,
    after: Option<Key>,
    limit: usize,
    reply: Sender<Vec<State>>,
}

impl Readers {
    pub(crate) fn open(path: &Path, count: usize, file: Arc<FileIdentity>) -> Result<Self, OpenError> {
        let open = || Ok(Mutex::new(Some(connect(path)?)));
        let first = open()?;
        let more = (1..count).map(|_| open()).collect::<Result<_, OpenError>>()?;
        let (lists, asked) = mpsc::sync_channel::<List>(LISTS);
        let (connection, watched) = (connect(path)?, Arc::clone(&file));
        let lister = thread::Builder::new().name("put-sqlite-list".into()).spawn(move || {
            for List { table, after, limit, reply } in asked {
                let _ = reply.send(list(&connection, &watched, &table, after.as_ref(), limit));
            }
        });
        let lister = lister.map_err(OpenError::Thread)?;
        Ok(Self { first, more, lists: Mutex::new(Some(lists)), lister: Mutex::new(Some(lister)), file })
    }

    /// The state under the key.
    pub(crate) fn get(&self, table: &Table, key: &Key) -> Result<Option<State>, StoreError> {
        self.file.check_database().map_err(Trouble::from)?;
        let connection = self.free();
        let connection = connection.as_ref().ok_or(Trouble::Closed)?;
        let mut statement = connection.prepare_cached(&table.select).map_err(Trouble::sqlite("preparing a read"))?;
        read(&mut statement, table, key)
    }

    /// The states after the key.
    pub(crate) fn list(
        &self,
        table: Arc<Table>,
        after: Option<Key>,
        limit: usize,
    ) -> Result<oneshot::Receiver<Result<Vec<State>, StoreError>>, Trouble> {
        let (reply, answer) = oneshot::channel();
        match &*lock(&self.lists) {
            None => Err(Trouble::Closed),
            Some(lists) => match lists.try_send(List { table, after, limit, reply }) {
                Ok(()) => Ok(answer),
                Err(TrySendError::Full(_)) => Err(Trouble::QueueFull(LISTS)),
                Err(TrySendError::Disconnected(_)) => Err(Trouble::Stopped),
            },
        }
    }

    /// Closes every connection, after the reads that run.
    pub(crate) fn close(&self) {
        drop(lock(&self.lists).take());
        if let Some(lister) = lock(&self.lister).take()
            && lister.join().is_err()
        {
            tracing::error!("the listing thread of the store panicked");
        }
        for connection in self.connections() {
            drop(lock(connection).take());
        }
    }

    /// The first connection that nobody uses: with little to do it is always the same, whose cache is warm.
    fn free(&self) -> MutexGuard<'_, Option<Connection>> {
        for connection in self.connections() {
            match connection.try_lock() {
                Ok(guard) => return guard,
                Err(TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        lock(&self.first)
    }

    fn connections(&self) -> impl Iterator<Item = &Mutex<Option<Connection>>> {
        std::iter::once(&self.first).chain(&self.more)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A connection whose user panicked has at worst an unfinished read, which is reset when it is used again.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn connect(path: &Path) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags);
    let connection = connection.map_err(|error| OpenError::of_file(path, "opening a reader", error))?;
    connection.busy_timeout(PATIENCE).map_err(OpenError::other("setting up a reader"))?;
    connection.set_prepared_statement_cache_capacity(512);
    Ok(connection)
}

/// Reads the state under the key, with a statement made of [`Table::select`].
pub(crate) fn read(statement: &mut Statement<'_>, table: &Table, key: &Key) -> Result<Option<State>, StoreError> {
    let reading = "reading a document";
    bind_key(statement, table, key)?;
    let mut rows = statement.raw_query();
    match rows.next().map_err(Trouble::sqlite(reading))? {
        Some(row) => state(row, table).map(Some),
        None => Ok(None),
    }
}

/// Binds the parts of the key to the first parameters.
pub(crate) fn bind_key(statement: &mut Statement<'_>, table: &Table, key: &Key) -> Result<(), Trouble> {
    let parts = key.parts();
    if parts.len() != table.columns {
        return Err(Trouble::KeyShape { parts: parts.len(), columns: table.columns });
    }
    for (index, part) in parts.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, KeyColumn(part)).map_err(Trouble::sqlite("binding a key"))?;
    }
    Ok(())
}

fn list(
    connection: &Connection,
    file: &FileIdentity,
    table: &Table,
    after: Option<&Key>,
    limit: usize,
) -> Result<Vec<State>, StoreError> {
    let listing = "listing documents";
    file.check_database().map_err(Trouble::from)?;
    let sql = if after.is_some() { &table.list_after } else { &table.list };
    let mut statement = connection.prepare_cached(sql).map_err(Trouble::sqlite(listing))?;
    if let Some(key) = after {
        bind_key(&mut statement, table, key)?;
    }
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let last = if after.is_some() { table.columns + 1 } else { 1 };
    statement.raw_bind_parameter(last, limit).map_err(Trouble::sqlite(listing))?;
    let mut rows = statement.raw_query();
    let mut states = Vec::new();
    while let Some(row) = rows.next().map_err(Trouble::sqlite(listing))? {
        states.push(state(row, table)?);
    }
    Ok(states)
}

/// The state in a row of `json, modified`.
fn state(row: &Row<'_>, table: &Table) -> Result<State, StoreError> {
    let ValueRef::Text(json) = row.get_ref(0).map_err(Trouble::sqlite("reading a document"))? else {
        return Err(Trouble::Row("the document is no text").into());
    };
    let ValueRef::Integer(modified) = row.get_ref(1).map_err(Trouble::sqlite("reading a document"))? else {
        return Err(Trouble::Row("the modification date is no number").into());
    };
    table.format.state(Bytes::copy_from_slice(json), Some(instant(modified)))
}

/// Milliseconds since 1970 as an instant.
pub(crate) fn instant(milliseconds: i64) -> SystemTime {
    let distance = Duration::from_millis(milliseconds.unsigned_abs());
    let instant = if milliseconds < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(distance)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(distance)
    };
    instant.unwrap_or(SystemTime::UNIX_EPOCH)
}

/// An instant as milliseconds since 1970.
pub(crate) fn milliseconds(instant: SystemTime) -> i64 {
    match instant.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |distance| -distance),
    }
}
