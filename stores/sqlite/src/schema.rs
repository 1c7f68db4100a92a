//! Tables: one for the documents of each resource, and one that says whose they are.
//!
//! One file: names, statements and checks stand together, because each of them has to know the same columns.
//!
//! ```sql
//! CREATE TABLE user (key ANY NOT NULL, json TEXT NOT NULL, modified INTEGER NOT NULL, PRIMARY KEY (key)) STRICT, WITHOUT ROWID
//! CREATE TABLE put_resource (name TEXT, path TEXT, fingerprint TEXT, layout INTEGER)
//! ```

use std::sync::Arc;

use put_core::Format;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};
use serde_json::{Map, Value};

use crate::open_error::OpenError;
use crate::rewrite::rewrite;

/// The layout of document tables that this version writes, and the newest that it reads.
const LAYOUT: i64 = 1;
/// The table that says which table belongs to which resource. Columns may be added to it, never taken away.
const RESOURCES: &str = "put_resource";

/// A document table that is open, and the statements for it.
#[derive(Debug)]
pub(crate) struct Table {
    /// Counts up in the order of opening, so that a thread can keep what it prepared.
    pub(crate) id: usize,
    pub(crate) name: Arc<str>,
    pub(crate) format: Format,
    pub(crate) fingerprint: String,
    /// How many key columns there are.
    pub(crate) columns: usize,
    /// `?1..?n` is the key in each of these, followed by JSON and modification date, or by the limit.
    pub(crate) select: String,
    pub(crate) insert: String,
    pub(crate) replace: String,
    pub(crate) delete: String,
    pub(crate) list: String,
    pub(crate) list_after: String,
}

/// What the program says about a table when it opens it.
pub(crate) struct Wanted<'m> {
    pub(crate) format: Format,
    /// The name it chose; by default it follows from the struct.
    pub(crate) table: Option<String>,
    pub(crate) moved_from: Option<String>,
    pub(crate) migrate: Option<Migrate<'m>>,
    /// What the program adds to the fingerprint, because that does not see into the types of the members.
    pub(crate) revision: u32,
}

impl Wanted<'_> {
    /// What the documents are written with.
    pub(crate) fn fingerprint(&self) -> String {
        match self.revision {
            0 => self.format.fingerprint(),
            revision => format!("{}.{revision}", self.format.fingerprint()),
        }
    }

    /// Whether the program accepts the table of this name.
    pub(crate) fn is_in(&self, name: &str) -> bool {
        self.table.as_deref().is_none_or(|wanted| same_name(wanted, name))
    }
}

pub(crate) type Migrate<'m> = Box<dyn FnMut(&mut Map<String, Value>) + 'm>;

impl Table {
    fn new(id: usize, name: &str, fingerprint: String, format: Format) -> Self {
        let columns = key_columns(&format);
        let table = quoted(name);
        let list = columns.join(", ");
        let count = columns.len();
        let parameters = |from: usize, to: usize| (from..=to).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ");
        let (all, key) = (parameters(1, count + 2), parameters(1, count));
        let (json, modified) = (count + 1, count + 2);
        let is_key = columns.iter().zip(1..).map(|(column, n)| format!("{column} = ?{n}")).collect::<Vec<_>>();
        let is_key = is_key.join(" AND ");
        Self {
            id,
            name: name.into(),
            fingerprint,
            columns: count,
            select: format!("SELECT json, modified FROM {table} WHERE {is_key}"),
            insert: format!("INSERT INTO {table} ({list}, json, modified) VALUES ({all})"),
            replace: format!("UPDATE {table} SET json = ?{json}, modified = ?{modified} WHERE {is_key}"),
            delete: format!("DELETE FROM {table} WHERE {is_key}"),
            list: format!("SELECT json, modified FROM {table} ORDER BY {list} LIMIT ?1"),
            list_after: format!(
                "SELECT json, modified FROM {table} WHERE ({list}) > ({key}) ORDER BY {list} LIMIT ?{json}"
            ),
            format,
        }
    }
}

/// The statement that gives the fingerprint under which a table was last written; `?1` is its name.
pub(crate) const FINGERPRINT: &str = "SELECT fingerprint FROM put_resource WHERE name = ?1";

/// Makes the table of resources, unless the file is newer than this version.
pub(crate) fn prepare(connection: &mut Connection) -> Result<(), PrepareError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute(
        "CREATE TABLE IF NOT EXISTS put_resource (
            name TEXT NOT NULL PRIMARY KEY COLLATE NOCASE, path TEXT NOT NULL, fingerprint TEXT NOT NULL, layout INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID",
        [],
    )?;
    let newest = "SELECT name, layout FROM put_resource WHERE layout > ?1 ORDER BY layout DESC LIMIT 1";
    let newer = transaction.query_row(newest, [LAYOUT], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    if let Some((table, found)) = newer {
        return Err(OpenError::Newer { table, found, known: LAYOUT }.into());
    }
    Ok(transaction.commit()?)
}

/// Either SQLite failed, which the caller puts into words, or the file is not right.
pub(crate) enum PrepareError {
    Sqlite(rusqlite::Error),
    Open(Box<OpenError>),
}

impl From<rusqlite::Error> for PrepareError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<OpenError> for PrepareError {
    fn from(error: OpenError) -> Self {
        Self::Open(Box::new(error))
    }
}

/// Opens the table of a resource in one transaction: makes it, or checks it and brings its documents up to date.
pub(crate) fn open_table(connection: &mut Connection, id: usize, wanted: Wanted<'_>) -> Result<Table, PrepareError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let path = wanted.format.path();
    let former = wanted.moved_from.as_deref().unwrap_or(path);
    let recorded = recorded(&transaction, path, former)?;
    let name = match (&wanted.table, &recorded) {
        (Some(name), Some(found)) if !same_name(name, &found.name) => {
            return Err(OpenError::Elsewhere { table: name.clone(), found: found.name.clone() }.into());
        }
        // A struct that was renamed keeps its documents.
        (_, Some(found)) => found.name.clone(),
        (Some(name), None) => name.clone(),
        (None, None) => wanted.format.table_name(),
    };
    if name.is_empty()
        || name.contains('\0')
        || starts_with_ignoring_case(&name, "sqlite_")
        || starts_with_ignoring_case(&name, RESOURCES)
    {
        return Err(OpenError::TableName(name).into());
    }
    if recorded.is_none()
        && let Some(path) = owner(&transaction, &name)?
    {
        return Err(OpenError::Claimed { table: name, path }.into());
    }
    let table = Table::new(id, &name, wanted.fingerprint(), wanted.format);
    let kind = "SELECT type FROM sqlite_schema WHERE name = ?1 COLLATE NOCASE AND type <> 'trigger'";
    let kind: Option<String> = transaction.query_row(kind, [&name], |row| row.get(0)).optional()?;
    match (kind.as_deref(), &recorded) {
        (None, _) => transaction.execute(&create(&table), [])?,
        (Some("table"), Some(_)) => 0,
        (Some(_), _) => return Err(OpenError::Foreign(name).into()),
    };
    check_columns(&transaction, &table)?;
    let stale = recorded.as_ref().is_some_and(|found| found.fingerprint != table.fingerprint);
    if stale {
        rewrite(&transaction, &table, wanted.migrate)?;
    }
    if recorded.is_none_or(|found| stale || found.path != path) {
        transaction.execute(
            "INSERT INTO put_resource (name, path, fingerprint, layout) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (name) DO UPDATE SET path = ?2, fingerprint = ?3, layout = ?4",
            params![name, path, table.fingerprint, LAYOUT],
        )?;
    }
    transaction.commit()?;
    Ok(table)
}

/// What the table of resources says of one of them.
struct Recorded {
    name: String,
    path: String,
    fingerprint: String,
}

/// The table recorded for this path, or else for its former one.
fn recorded(transaction: &Transaction<'_>, path: &str, former: &str) -> Result<Option<Recorded>, rusqlite::Error> {
    let sql = "SELECT name, path, fingerprint FROM put_resource WHERE path IN (?1, ?2) ORDER BY path = ?1 DESC LIMIT 1";
    let read = |row: &Row<'_>| Ok(Recorded { name: row.get(0)?, path: row.get(1)?, fingerprint: row.get(2)? });
    transaction.query_row(sql, params![path, former], read).optional()
}

fn owner(transaction: &Transaction<'_>, name: &str) -> Result<Option<String>, rusqlite::Error> {
    transaction.query_row("SELECT path FROM put_resource WHERE name = ?1", [name], |row| row.get(0)).optional()
}

fn create(table: &Table) -> String {
    let columns = key_columns(&table.format);
    let keys: Vec<_> = columns.iter().map(|column| format!("{column} ANY NOT NULL, ")).collect();
    format!(
        "CREATE TABLE {} ({}json TEXT NOT NULL, modified INTEGER NOT NULL, PRIMARY KEY ({})) STRICT, WITHOUT ROWID",
        quoted(&table.name),
        keys.concat(),
        columns.join(", "),
    )
}

fn check_columns(transaction: &Transaction<'_>, table: &Table) -> Result<(), PrepareError> {
    let mut statement = transaction.prepare("SELECT name FROM pragma_table_info(?1) ORDER BY cid")?;
    let found = statement.query_map([&*table.name], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    let mut expected = key_columns(&table.format);
    expected.extend(["json".to_owned(), "modified".to_owned()]);
    if found == expected {
        return Ok(());
    }
    let (found, expected) = (found.join(", "), expected.join(", "));
    Err(OpenError::Columns { table: table.name.to_string(), found, expected }.into())
}

/// `key`, or `key_1` and so on: one column for each parameter of the path.
pub(crate) fn key_columns(format: &Format) -> Vec<String> {
    match format.path().split('/').filter(|segment| segment.starts_with('{')).count() {
        0 | 1 => vec!["key".to_owned()],
        count => (1..=count).map(|n| format!("key_{n}")).collect(),
    }
}

pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn same_name(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

fn starts_with_ignoring_case(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted() {
        assert_eq!(quoted("order"), "\"order\"");
        assert_eq!(quoted("a\"b"), "\"a\"\"b\"");
    }
}
