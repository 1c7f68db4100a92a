//! How a store is opened: what an application may choose, and what is examined first.

use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use deadpool_postgres::Pool;
use futures_channel::oneshot;
use put_core::store::Written;
use put_core::{Format, PutResource};
use tokio::sync::Semaphore;
use tokio_postgres::types::ToSql;

use crate::background;
use crate::catalog::find;
use crate::compare::compare;
use crate::connections::Connections;
use crate::open_error::OpenError;
use crate::session::{Params, Session};
use crate::store::{PostgresStore, Shared};
use crate::table::Table;
use crate::text::{Null, Text};
use crate::trouble::Trouble;
use crate::within::{Failure, Hook, Transaction};

/// How a store is opened; made by [`PostgresStore::connect`] and [`PostgresStore::new`].
///
/// ```no_run
/// # use put_core::PutResource;
/// # use put_postgres::PostgresStore;
/// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
/// # #[put(path = "/users/{id}")]
/// # struct User { #[put(key)] id: i64, email: String }
/// # async fn run() -> Result<(), put_postgres::OpenError> {
/// let store = PostgresStore::<User>::connect("postgres://app@localhost/app")
///     .table("app.users")
///     .constraint("users_email_key", "somebody has this address already")
///     .open()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "options open nothing until `open` is called"]
pub struct Options<R> {
    database: Database,
    table: Option<String>,
    words: HashMap<String, String>,
    within: Option<Hook>,
    connections: usize,
    queue: usize,
    limit: Duration,
    resource: PhantomData<fn() -> R>,
}

#[derive(Clone)]
enum Database {
    Url(String),
    Pool(Pool),
}

impl<R: PutResource> Options<R> {
    pub(crate) fn to(url: String) -> Self {
        Self::over(Database::Url(url))
    }

    pub(crate) fn of(pool: Pool) -> Self {
        Self::over(Database::Pool(pool))
    }

    fn over(database: Database) -> Self {
        Self {
            database,
            table: None,
            words: HashMap::new(),
            within: None,
            connections: 8,
            queue: 4096,
            limit: Duration::from_secs(10),
            resource: PhantomData,
        }
    }

    /// The table: a name as a statement would have it, `app.users` or `app."Users"`. Without, it is the name of the struct
    /// in snake case, on the search path.
    pub fn table(mut self, name: impl Into<String>) -> Self {
        self.table = Some(name.into());
        self
    }

    /// What a client is told when it breaks this constraint, in place of words that fit every constraint of its kind.
    pub fn constraint(mut self, name: impl Into<String>, detail: impl Into<String>) -> Self {
        self.words.insert(name.into(), detail.into());
        self
    }

    /// The application's own statements, in the same transaction as each change and each deletion: an audit row, an outbox.
    /// When they fail, the change is rolled back and the client told 500, or 503 for a lost connection. They may run again
    /// for one change, after a deadlock, so they do nothing but write in that transaction.
    ///
    /// Such changes are not coalesced: each has a transaction of its own. A change that writes nothing runs nothing.
    ///
    /// ```no_run
    /// # use put_core::PutResource;
    /// # use put_postgres::{PostgresStore, Transaction, Written};
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/users/{id}")]
    /// # struct User { #[put(key)] id: i64, email: String }
    /// # async fn run() -> Result<(), put_postgres::OpenError> {
    /// let store = PostgresStore::<User>::connect("postgres://app@localhost/app")
    ///     .within(async |transaction: &Transaction<'_>, written: &Written<'_>| {
    ///         let state = written.after().map(|state| String::from_utf8_lossy(state.representation()).into_owned());
    ///         transaction
    ///             .execute("INSERT INTO outbox (key, state) VALUES ($1, $2)", &[&written.key().to_string(), &state])
    ///             .await?;
    ///         Ok(())
    ///     })
    ///     .open()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn within<F>(mut self, statements: F) -> Self
    where
        F: AsyncFn(&Transaction<'_>, &Written<'_>) -> Result<(), Failure> + Send + Sync + 'static,
    {
        self.within = Some(Hook::new(statements));
        self
    }

    /// How many connections may be open at once; 8 unless told. A pool of the application has its own limit.
    pub fn connections(mut self, count: usize) -> Self {
        self.connections = count.max(1);
        self
    }

    /// How many changes may wait or be under way; the next one is refused as busy. 4096 unless told. Their contents
    /// together are limited as well, to 64 MiB.
    pub fn queue(mut self, changes: usize) -> Self {
        self.queue = changes.max(1);
        self
    }

    /// How long a change waits for a connection, and then for the database, before it is refused as busy. Ten seconds
    /// each unless told.
    pub fn patience(mut self, time: Duration) -> Self {
        self.limit = time.max(Duration::from_millis(1));
        self
    }

    /// Connects, looks at the table, and holds it against the struct.
    ///
    /// # Errors
    /// [`OpenError`]; what does not fit is listed at once.
    pub async fn open(self) -> Result<PostgresStore<R>, OpenError> {
        let connections = match &self.database {
            Database::Url(url) => Connections::to(url, self.connections, self.limit)?,
            Database::Pool(pool) => Connections::of(pool.clone(), self.limit),
        };
        let format = Format::of::<R>();
        let name = self.table.unwrap_or_else(|| crate::text::quoted(&format.table_name()));
        let (reply, answer) = oneshot::channel();
        let (words, own) = (self.words, connections);
        let examined = background::run(move || async move {
            // Whoever opened may have gone.
            drop(reply.send(examine(own, &format, &name, words).await));
        });
        examined.map_err(OpenError::Thread)?;
        let (table, connections) = answer.await.unwrap_or_else(|_| Err(Trouble::Stopped.into()))?;
        if !table.hazards.is_empty() {
            tracing::debug!(table = table.quoted, because = ?table.hazards, "every state of a row is written");
        }
        let waits = Semaphore::new((connections.most() / 2).max(1));
        let shared = Shared { table, connections, within: self.within, waits };
        PostgresStore::start(shared, self.queue).map_err(OpenError::Thread)
    }
}

impl<R> fmt::Debug for Options<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("table", &self.table).finish_non_exhaustive()
    }
}

async fn examine(
    connections: Connections,
    format: &Format,
    name: &str,
    words: HashMap<String, String>,
) -> Result<(Table, Connections), OpenError> {
    let connections = connections.examined().await?;
    let mut session = connections.session().await?;
    let found = find(&mut session, name).await?;
    let discrepancies = compare(format, &found);
    if !discrepancies.is_empty() {
        return Err(OpenError::Mismatch { table: found.quoted, resource: format.name(), discrepancies });
    }
    if let Some(unknown) =
        words.keys().find(|word| !found.constraints.iter().any(|constraint| constraint.known_as == **word))
    {
        return Err(OpenError::NoConstraint { table: found.quoted, name: unknown.clone() });
    }
    let table = Table::new(format, found, words);
    try_out(&mut session, &table).await?;
    drop(session);
    Ok((table, connections))
}

/// Runs the statements without a change, in a transaction that is rolled back. Another engine that speaks this protocol
/// may not take them, or a right may be missing; better to know now than with the first request.
async fn try_out(session: &mut Session, table: &Table) -> Result<(), OpenError> {
    let sql = &table.sql;
    let key = vec![&Null as &(dyn ToSql + Sync); table.key_length()];
    let (empty, guards, wanted, none) = (Text("[]"), Vec::<i16>::new(), Vec::<String>::new(), 0_i64);
    let (mut write, mut look): (Vec<&(dyn ToSql + Sync)>, Vec<&(dyn ToSql + Sync)>) =
        (vec![&empty, &guards, &wanted], vec![&empty]);
    if sql.has_changed {
        write.push(&empty);
        look.push(&empty);
    }
    let mut after = key.clone();
    after.push(&none);
    let statements: [(&'static str, &str, Params<'_>); 7] = [
        ("writing", &sql.write, &write),
        ("looking", &sql.look, &look),
        ("looking under a lock", &sql.look_locked, &look),
        ("looking for locks", &sql.free, &[&empty]),
        ("reading", &sql.get, &key),
        ("reading under a lock", &sql.get_locked, &key),
        ("listing", &sql.list_after, &after),
    ];
    session.begin(true).await?;
    for (statement, sql, params) in statements {
        session.query("trying the statements", sql, params).await.map_err(|trouble| refused(statement, trouble))?;
    }
    session.roll_back().await?;
    // Whether the right to remove rows is there matters only to an endpoint that does it.
    for (statement, sql) in [("removing", &sql.delete), ("removing", &sql.delete_guarded)] {
        session.prepare("trying the statements", sql).await.map_err(|trouble| refused(statement, trouble))?;
    }
    Ok(())
}

fn refused(statement: &'static str, trouble: Trouble) -> OpenError {
    match trouble.db() {
        Some(error) => OpenError::Refused { statement, reason: error.message().to_owned() },
        None => trouble.into(),
    }
}
