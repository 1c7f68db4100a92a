//! The port: a table as a [`Store`].

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use bytes::Bytes;
use deadpool_postgres::Pool;
use futures_channel::oneshot;
use put_core::change::Change;
use put_core::store::{Deletion, Failed, Key, Outcome, Removal, Reply, State, Store, StoreError, StoreFor};
use put_core::{Precondition, PutResource};
use tokio::sync::Semaphore;

use crate::background;
use crate::change::with_nul;
use crate::connections::Connections;
use crate::options::Options;
use crate::queue::{METERS, Queue};
use crate::read;
use crate::step::{Done, Verdict};
use crate::table::Table;
use crate::trouble::Trouble;
use crate::within::Hook;

/// The store of the resource `R` in a table of PostgreSQL.
///
/// It is a handle: cloning is cheap. When the last one is dropped, what was accepted is still written.
///
/// ```no_run
/// use put_core::PutResource;
/// use put_postgres::PostgresStore;
/// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
/// # #[put(path = "/notes/{id}")]
/// # struct Note { #[put(key)] id: i64, text: String }
///
/// # async fn run() -> Result<(), put_postgres::OpenError> {
/// let store = PostgresStore::<Note>::connect("postgres://app@localhost/app").table("app.notes").open().await?;
/// let notes = Note::endpoint(store);
/// # Ok(())
/// # }
/// ```
pub struct PostgresStore<R> {
    rows: Arc<Rows>,
    resource: PhantomData<fn() -> R>,
}

impl<R: PutResource> PostgresStore<R> {
    /// A store on connections of its own, to the database of this URL. Nothing is connected until
    /// [`open`](Options::open).
    ///
    /// The URL is libpq's: several hosts are tried in turn, and `target_session_attrs=read-write` finds the primary among
    /// them. The connections are not encrypted; give [`new`](Self::new) a pool that does, where they must be.
    ///
    /// ```
    /// # use put_core::PutResource;
    /// # use put_postgres::PostgresStore;
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/notes/{id}")]
    /// # struct Note { #[put(key)] id: i64, text: String }
    /// let options = PostgresStore::<Note>::connect("postgres://app@localhost/app").table("app.notes");
    /// ```
    pub fn connect(url: impl Into<String>) -> Options<R> {
        Options::to(url.into())
    }

    /// A store on the connections of an application's pool. It sets what it needs for each transaction and leaves no
    /// trace on them, so the pool may serve other statements as well.
    ///
    /// ```
    /// # use put_core::PutResource;
    /// # use put_postgres::PostgresStore;
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/notes/{id}")]
    /// # struct Note { #[put(key)] id: i64, text: String }
    /// # fn options(pool: &put_postgres::deadpool_postgres::Pool) -> put_postgres::Options<Note> {
    /// PostgresStore::<Note>::new(pool.clone()).table("app.notes")
    /// # }
    /// ```
    #[expect(clippy::new_ret_no_self, reason = "to open a store is to ask the database")]
    pub fn new(pool: Pool) -> Options<R> {
        Options::of(pool)
    }

    pub(crate) fn start(shared: Shared, queue: usize) -> std::io::Result<Self> {
        METERS.describe();
        let rows = Rows { shared: Arc::new(shared), queue: Arc::default(), limit: queue };
        let (shared, waiting) = (Arc::clone(&rows.shared), Arc::clone(&rows.queue));
        background::run(move || crate::batch::serve(shared, waiting))?;
        Ok(Self { rows: Arc::new(rows), resource: PhantomData })
    }

    /// The table, with its schema.
    #[must_use]
    pub fn table(&self) -> &str {
        &self.rows.shared.table.quoted
    }

    /// Why every state of a row is written when several changes of it come in one batch: triggers, constraints, computed
    /// columns. Empty where only the last of them is.
    #[must_use]
    pub fn writes_every_state_because(&self) -> &[String] {
        &self.rows.shared.table.hazards
    }
}

impl<R> StoreFor<R> for PostgresStore<R> {
    fn into_store(self) -> Arc<dyn Store> {
        self.rows
    }
}

impl<R> Clone for PostgresStore<R> {
    fn clone(&self) -> Self {
        Self { rows: Arc::clone(&self.rows), resource: PhantomData }
    }
}

impl<R> fmt::Debug for PostgresStore<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").field("table", &self.rows.shared.table.quoted).finish_non_exhaustive()
    }
}

/// What the tasks of one table share.
pub(crate) struct Shared {
    pub(crate) table: Table,
    pub(crate) connections: Connections,
    pub(crate) within: Option<Hook>,
    /// How many may wait for a lock of somebody else at once, each with a connection, so that some are left.
    pub(crate) waits: Semaphore,
}

struct Rows {
    shared: Arc<Shared>,
    queue: Arc<Queue>,
    /// How many changes may wait or be under way.
    limit: usize,
}

impl Drop for Rows {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl Rows {
    /// Runs this on the thread of the stores.
    fn there<T, F>(&self, work: impl FnOnce(Arc<Shared>) -> F + Send + 'static) -> Reply<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Trouble>> + 'static,
    {
        let shared = Arc::clone(&self.shared);
        let (reply, answer) = oneshot::channel();
        let started = background::run(move || async move {
            // Nobody may be listening any more.
            drop(reply.send(work(shared).await));
        });
        if let Err(error) = started {
            return Reply::ready(Err(StoreError::failed(error)));
        }
        Reply::detached(async move { Ok(answer.await.unwrap_or(Err(Trouble::Stopped))?) })
    }
}

impl Store for Rows {
    fn get(&self, key: &Key) -> Reply<Option<State>> {
        let key = key.clone();
        self.there(move |shared| async move { read::get(&shared, &key).await })
    }

    fn put(&self, key: Key, change: Change, precondition: Precondition) -> Reply<Outcome> {
        if let Some(violations) = with_nul(change.created()).or_else(|| self.shared.table.too_long(&key)) {
            return self.there(move |shared| async move {
                // A false precondition is told before what is wrong with the content.
                let is_simple = precondition.is_none() && !change.must_be_decided();
                let current = if is_simple { None } else { read::get(&shared, &key).await? };
                let before = change.answer_before(current.as_ref(), &precondition);
                Ok(before.unwrap_or(Outcome::Invalid(violations)))
            });
        }
        let (demands, created) = (precondition.clone(), change.created().clone());
        let answer = match self.queue.push((key, change, precondition), self.limit) {
            Ok(answer) => answer,
            Err(trouble) => return Reply::ready(Err(trouble.into())),
        };
        let shared = Arc::clone(&self.shared);
        Reply::detached(async move {
            let verdict = answer.await.unwrap_or_else(|_| Err(Trouble::Stopped.into()))?;
            Ok(outcome(&shared.table, verdict, &demands, &created)?)
        })
    }

    fn delete(&self, key: Key, removal: Removal) -> Reply<Deletion> {
        self.there(move |shared| async move { crate::delete::delete(&shared, &key, &removal).await })
    }

    fn list(&self, after: Option<Key>, limit: usize) -> Reply<Vec<State>> {
        self.there(move |shared| async move { read::list(&shared, after.as_ref(), limit).await })
    }
}

/// What a verdict means for the client. Decoding the row is done here, by the one who waits, and not on the thread that
/// talks to the database.
fn outcome(table: &Table, verdict: Verdict, precondition: &Precondition, created: &Bytes) -> Result<Outcome, Trouble> {
    Ok(match verdict {
        Verdict::Row(Done::Created, row) => Outcome::Created(row.state_of(table, created)?),
        Verdict::Row(Done::Replaced, row) => Outcome::Replaced(row.state_of(table, created)?),
        Verdict::Row(Done::Unchanged, row) => Outcome::Unchanged(row.state_of(table, created)?),
        Verdict::Outcome(outcome) => outcome,
        Verdict::Failed(row) => {
            let current = row.map(|row| row.state(table)).transpose()?;
            match precondition.evaluate(current.as_ref()) {
                Err(condition) => Outcome::Failed(Failed::new(condition, current.as_ref())),
                Ok(()) => return Err(Trouble::Row("the database found a precondition false that is true".to_owned())),
            }
        }
    })
}
