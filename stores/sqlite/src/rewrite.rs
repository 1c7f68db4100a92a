//! A struct that has changed over an old table: every document is decoded and encoded anew, or those that do not
//! decode are listed and nothing is written.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::SystemTime;

use bytes::Bytes;
use put_core::Format;
use put_core::store::Key;
use rusqlite::types::{ToSqlOutput, Value as Column, ValueRef};
use rusqlite::{ErrorCode, Statement, Transaction};
use serde_json::Value;

use crate::key_column::{self, KeyColumn};
use crate::open_error::OpenError;
use crate::reader::milliseconds;
use crate::schema::{Migrate, PrepareError, Table, key_columns, quoted};

/// Documents read between two looks at the table.
const PAGE: usize = 256;
/// Documents named in an error.
const NAMED: usize = 10;

/// Brings every document into the form of the struct as it is now, or says which ones do not decode.
pub(crate) fn rewrite(
    transaction: &Transaction<'_>,
    table: &Table,
    mut migrate: Option<Migrate<'_>>,
) -> Result<(), PrepareError> {
    let name = quoted(&table.name);
    let columns = key_columns(&table.format);
    let keys = columns.join(", ");
    let parameters = (1..=columns.len()).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ");
    let limit = columns.len() + 1;
    let mut first = transaction.prepare(&format!("SELECT {keys}, json FROM {name} ORDER BY {keys} LIMIT ?1"))?;
    let mut next = transaction.prepare(&format!(
        "SELECT {keys}, json FROM {name} WHERE ({keys}) > ({parameters}) ORDER BY {keys} LIMIT ?{limit}"
    ))?;
    let mut replace = transaction.prepare(&table.replace)?;
    let mut moved = Moved { insert: transaction.prepare(&table.insert)?, delete: transaction.prepare(&table.delete)? };
    let now = milliseconds(SystemTime::now());
    let (mut seen, mut written, mut faults) = (0_u64, 0_u64, Faults::default());
    let mut page = read_page(&mut first, columns.len(), None)?;
    while let Some(last) = page.last().map(|document| document.key.clone()) {
        for document in page {
            seen += 1;
            let shown = shown(&document.key);
            match mended(table, &document, migrate.as_mut()) {
                Err(reason) => faults.add(shown, reason),
                // Whatever is wrong, all of it is looked at before anything is said, and nothing is written.
                Ok(_) if faults.count > 0 => {}
                Ok((key, json)) if same_columns(&key, &document.key) => {
                    if json != document.json {
                        written += 1;
                        bind(&mut replace, &key)?;
                        replace.raw_bind_parameter(limit, text(&json))?;
                        replace.raw_bind_parameter(limit + 1, now)?;
                        replace.raw_execute()?;
                    }
                }
                Ok((key, json)) => {
                    written += 1;
                    if !moved.to(&document.key, &key, &json, now)? {
                        faults.add(shown, format!("there is another document whose key is now {key:?}"));
                    }
                }
            }
        }
        page = read_page(&mut next, columns.len(), Some(&last))?;
    }
    if faults.count > 0 {
        let Faults { count, first } = faults;
        return Err(OpenError::Undecodable { table: table.name.to_string(), count, first }.into());
    }
    tracing::info!(
        table = &*table.name,
        documents = seen,
        rewritten = written,
        "the struct has changed; its documents follow"
    );
    Ok(())
}

#[derive(Default)]
struct Faults {
    count: u64,
    first: Vec<(String, String)>,
}

impl Faults {
    fn add(&mut self, key: String, reason: String) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push((key, reason));
        }
    }
}

/// A row as it is, whatever it is.
struct Document {
    key: Vec<Column>,
    json: Bytes,
}

fn read_page(
    statement: &mut Statement<'_>,
    columns: usize,
    after: Option<&[Column]>,
) -> Result<Vec<Document>, rusqlite::Error> {
    let mut last = 1;
    for value in after.unwrap_or_default() {
        statement.raw_bind_parameter(last, value)?;
        last += 1;
    }
    statement.raw_bind_parameter(last, i64::try_from(PAGE).unwrap_or(i64::MAX))?;
    let mut rows = statement.raw_query();
    let mut page = Vec::new();
    while let Some(row) = rows.next()? {
        let key = (0..columns).map(|index| row.get(index)).collect::<Result<Vec<_>, _>>()?;
        let json = match row.get_ref(columns)? {
            ValueRef::Text(json) | ValueRef::Blob(json) => Bytes::copy_from_slice(json),
            _ => Bytes::new(),
        };
        page.push(Document { key, json });
    }
    Ok(page)
}

/// The key and the JSON that the document has as the struct is now.
fn mended(table: &Table, document: &Document, migrate: Option<&mut Migrate<'_>>) -> Result<(Key, Bytes), String> {
    let json = match (canonical(&table.format, &document.json), migrate) {
        (Ok(json), _) => json,
        (Err(reason), None) => return Err(reason),
        (Err(_), Some(migrate)) => {
            let value = serde_json::from_slice(&document.json).map_err(|error| error.to_string())?;
            let Value::Object(mut members) = value else { return Err("it is no JSON object".to_owned()) };
            migrate(&mut members);
            let json = serde_json::to_vec(&members).map_err(|error| error.to_string())?;
            canonical(&table.format, &json).map_err(|reason| format!("after `migrate`: {reason}"))?
        }
    };
    let key = table.format.key_of(&json).ok_or("it has no key")?;
    // The type of a key may change, its spelling in the path may not: that would be another resource.
    let before = shown(&document.key);
    let after = key.to_string();
    if before == after { Ok((key, json)) } else { Err(format!("its members now have the key {after}")) }
}

/// Decodes and encodes. The resource's own code runs here, so a panic is one more reason.
fn canonical(format: &Format, json: &[u8]) -> Result<Bytes, String> {
    match catch_unwind(AssertUnwindSafe(|| format.canonical(json))) {
        Ok(result) => result.map_err(|violations| violations.to_string()),
        Err(_) => Err("the resource's own code panicked".to_owned()),
    }
}

/// The key as a path would spell it.
fn shown(key: &[Column]) -> String {
    let parts = key.iter().map(|value| match key_column::read(value.into()) {
        Some(part) => part.to_string(),
        None => format!("{value:?}"),
    });
    parts.collect::<Vec<_>>().join("/")
}

fn same_columns(key: &Key, columns: &[Column]) -> bool {
    key.parts().len() == columns.len()
        && key.parts().iter().zip(columns).all(|(part, value)| key_column::read(value.into()).as_ref() == Some(part))
}

fn bind(statement: &mut Statement<'_>, key: &Key) -> Result<(), rusqlite::Error> {
    (1..).zip(key.parts()).try_for_each(|(index, part)| statement.raw_bind_parameter(index, KeyColumn(part)))
}

fn text(json: &Bytes) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(ValueRef::Text(json))
}

/// Moves documents whose key is spelled as before and has another type now.
struct Moved<'c> {
    insert: Statement<'c>,
    delete: Statement<'c>,
}

impl Moved<'_> {
    /// `false` if there is a document under the new key.
    fn to(&mut self, old: &[Column], new: &Key, json: &Bytes, now: i64) -> Result<bool, rusqlite::Error> {
        for (index, value) in (1..).zip(old) {
            self.delete.raw_bind_parameter(index, value)?;
        }
        self.delete.raw_execute()?;
        bind(&mut self.insert, new)?;
        self.insert.raw_bind_parameter(old.len() + 1, text(json))?;
        self.insert.raw_bind_parameter(old.len() + 2, now)?;
        match self.insert.raw_execute() {
            Ok(_) => Ok(true),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
