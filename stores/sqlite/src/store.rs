//! The port: a table of the database as a [`Store`].

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use futures_channel::oneshot;
use put_core::Precondition;
use put_core::change::Change;
use put_core::store::{Deletion, Key, Outcome, Removal, Reply, State, Store, StoreFor};

use crate::database::Shared;
use crate::queue::{Job, Sender, Work};
use crate::schema::Table;
use crate::trouble::Trouble;
use crate::within::Hook;

/// The store of the resource `R`; made by [`Database::store`](crate::Database::store).
///
/// It is a handle: cloning is cheap, and while one exists the database stays open.
///
/// ```
/// use put_core::{Precondition, PutResource};
/// use put_sqlite::{Database, SqliteStore};
///
/// #[derive(serde::Serialize, serde::Deserialize, PutResource)]
/// #[put(path = "/notes/{id}")]
/// struct Note {
///     #[put(key)]
///     id: u64,
///     text: String,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("app.db");
/// let store: SqliteStore<Note> = Database::open(path)?.store()?;
/// let notes = Note::endpoint(store);
/// notes.put(Note { id: 7, text: "kept".into() }, Precondition::if_none_match_any()).await?;
/// assert_eq!(notes.get(&7).await?.unwrap().value.text, "kept");
/// # Ok(())
/// # }
/// ```
pub struct SqliteStore<R> {
    documents: Arc<Documents>,
    resource: PhantomData<fn() -> R>,
}

/// The store without the type: compiled once.
struct Documents {
    shared: Arc<Shared>,
    table: Arc<Table>,
    within: Option<Hook>,
}

impl<R> SqliteStore<R> {
    pub(crate) fn new(shared: Arc<Shared>, table: Arc<Table>, within: Option<Hook>) -> Self {
        Self { documents: Arc::new(Documents { shared, table, within }), resource: PhantomData }
    }

    /// The table that holds the documents.
    pub fn table(&self) -> &str {
        &self.documents.table.name
    }
}

impl<R> StoreFor<R> for SqliteStore<R> {
    fn into_store(self) -> Arc<dyn Store> {
        self.documents
    }
}

impl<R> Clone for SqliteStore<R> {
    fn clone(&self) -> Self {
        Self { documents: Arc::clone(&self.documents), resource: PhantomData }
    }
}

impl<R> fmt::Debug for SqliteStore<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("table", &self.table()).finish_non_exhaustive()
    }
}

impl Documents {
    /// Hands a job to the writer, which goes on with it even if nobody waits for the answer.
    fn write<T: Send + 'static>(&self, key: Key, work: impl FnOnce(Sender<T>) -> Work) -> Reply<T> {
        let (reply, answer) = oneshot::channel();
        let job = Job { table: Arc::clone(&self.table), key, work: work(reply), within: self.within.clone() };
        match self.shared.queue.push(job) {
            Ok(()) => Reply::detached(async move { answer.await.unwrap_or_else(|_| Err(Trouble::Stopped.into())) }),
            Err(trouble) => Reply::ready(Err(trouble.into())),
        }
    }
}

impl Store for Documents {
    fn get(&self, key: &Key) -> Reply<Option<State>> {
        Reply::ready(self.shared.readers.get(&self.table, key))
    }

    fn put(&self, key: Key, change: Change, precondition: Precondition) -> Reply<Outcome> {
        self.write(key, |reply| Work::Put { change, precondition, reply })
    }

    fn delete(&self, key: Key, removal: Removal) -> Reply<Deletion> {
        self.write(key, |reply| Work::Delete { removal, reply })
    }

    fn list(&self, after: Option<Key>, limit: usize) -> Reply<Vec<State>> {
        match self.shared.readers.list(Arc::clone(&self.table), after, limit) {
            Ok(answer) => Reply::detached(async { answer.await.unwrap_or_else(|_| Err(Trouble::Stopped.into())) }),
            Err(trouble) => Reply::ready(Err(trouble.into())),
        }
    }
}
