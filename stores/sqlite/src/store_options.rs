//! Opening a store: what the program may say about the table and its documents.

use std::error::Error as StdError;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use put_core::store::Written;
use put_core::{Format, PutResource};
use serde_json::{Map, Value};

use crate::database::Shared;
use crate::open_error::OpenError;
use crate::schema::{Migrate, Wanted};
use crate::store::SqliteStore;
use crate::within::{Hook, Transaction};

/// How a store is opened; made by [`Database::store_options`](crate::Database::store_options).
#[must_use = "options open nothing until `open` is called"]
pub struct StoreOptions<'a, R> {
    shared: &'a Arc<Shared>,
    wanted: Wanted<'a>,
    within: Option<Hook>,
    resource: PhantomData<fn() -> R>,
}

impl<'a, R: PutResource> StoreOptions<'a, R> {
    pub(crate) fn new(shared: &'a Arc<Shared>) -> Self {
        let wanted = Wanted { format: Format::of::<R>(), table: None, moved_from: None, migrate: None, revision: 0 };
        Self { shared, wanted, within: None, resource: PhantomData }
    }

    /// Keeps the documents in this table instead of one named after the struct.
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
    /// let users = database.store_options::<User>().table("people").open()?;
    /// assert_eq!(users.table(), "people");
    /// # Ok(())
    /// # }
    /// ```
    pub fn table(mut self, name: impl Into<String>) -> Self {
        self.wanted.table = Some(name.into());
        self
    }

    /// Takes over the table of the resource that had this path: the `path` of the attribute was changed.
    ///
    /// ```
    /// # use put_core::PutResource;
    /// # use put_sqlite::Database;
    /// # fn main() -> Result<(), put_sqlite::OpenError> {
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let database = Database::open(folder.path().join("app.db"))?;
    /// #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// #[put(path = "/api/v2/users/{id}")]
    /// struct User {
    ///     #[put(key)]
    ///     id: u64,
    /// }
    ///
    /// let users = database.store_options::<User>().moved_from("/api/users/{id}").open()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn moved_from(mut self, path: impl Into<String>) -> Self {
        self.wanted.moved_from = Some(path.into());
        self
    }

    /// Mends the documents that do not decode because the struct has changed: a member was renamed or taken away, has
    /// another type, is required now. It is called once for each of them, with its members; whatever it leaves there
    /// must decode, under the same key.
    ///
    /// ```
    /// # use put_core::PutResource;
    /// # use put_sqlite::Database;
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/api/users/{id}")]
    /// # struct User { #[put(key)] id: u64, name: String }
    /// # fn main() -> Result<(), put_sqlite::OpenError> {
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let database = Database::open(folder.path().join("app.db"))?;
    /// let users = database
    ///     .store_options::<User>()
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
    pub fn migrate(mut self, mend: impl FnMut(&mut Map<String, Value>) + 'a) -> Self {
        let mend: Migrate<'a> = Box::new(mend);
        self.wanted.migrate = Some(mend);
        self
    }

    /// Says that the documents have another form than before, which the members alone do not show: the type of one of
    /// them has changed inside, a nested struct say. A revision that the file does not have makes this opening read and
    /// rewrite every document, as a change of the members does. By default it is 0.
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
    /// let users = database.store_options::<User>().revision(2).open()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn revision(mut self, revision: u32) -> Self {
        self.wanted.revision = revision;
        self
    }

    /// The application's own statements, in the same transaction as each change and each deletion: an audit row, an outbox.
    /// When they fail, or panic, that change alone comes to nothing, and the client is told 500, or 503 for a full disk;
    /// what the failure says is in the log only. A change that writes nothing runs nothing.
    ///
    /// They run on the thread that writes, when the row of the change has been written, and see everything that was decided
    /// before it. So all other changes wait for them, and they wait for nobody: not for a network, and not for a change
    /// of this database, which is refused because it would wait for them. They may run again for one change, when something
    /// else kept the transaction from being committed, so they do nothing but write in that transaction.
    ///
    /// They see whole states, `write_only` members included. What others will read is made from
    /// [`State::representation`](put_core::store::State::representation).
    ///
    /// They belong to this store. One of the same table that is opened without them writes without them, as does the
    /// rewriting of documents when the struct has changed.
    ///
    /// ```
    /// # use put_core::PutResource;
    /// # use put_sqlite::Database;
    /// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
    /// # #[put(path = "/api/users/{id}")]
    /// # struct User { #[put(key)] id: u64, email: String }
    /// # fn main() -> Result<(), put_sqlite::OpenError> {
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let database = Database::open(folder.path().join("app.db"))?;
    /// database.set_up("CREATE TABLE IF NOT EXISTS outbox (place INTEGER PRIMARY KEY, key TEXT NOT NULL, state TEXT) STRICT")?;
    /// let users = database
    ///     .store_options::<User>()
    ///     .within(|transaction, written| {
    ///         let state = written.after().map(|state| std::str::from_utf8(state.representation())).transpose()?;
    ///         transaction
    ///             .execute("INSERT INTO outbox (key, state) VALUES (?1, ?2)", (written.key().to_string(), state))?;
    ///         Ok(())
    ///     })
    ///     .open()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn within<F>(mut self, statements: F) -> Self
    where
        F: Fn(&Transaction<'_>, &Written<'_>) -> Result<(), Box<dyn StdError + Send + Sync>> + Send + Sync + 'static,
    {
        self.within = Some(Hook::new(statements));
        self
    }

    /// Opens the store.
    ///
    /// # Errors
    /// [`OpenError`] says why the table cannot be used.
    pub fn open(self) -> Result<SqliteStore<R>, OpenError> {
        let table = self.shared.open_table(self.wanted)?;
        Ok(SqliteStore::new(Arc::clone(self.shared), table, self.within))
    }
}

impl<R> fmt::Debug for StoreOptions<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreOptions").field("format", &self.wanted.format).finish_non_exhaustive()
    }
}
