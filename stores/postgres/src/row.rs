//! A row as the database shows it, and the state that it is.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use put_core::store::State;

use crate::table::Table;
use crate::trouble::Trouble;

/// A row as JSON, in the words of the database.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) json: Bytes,
    pub(crate) modified: Option<SystemTime>,
}

impl Row {
    pub(crate) fn new(json: &str, microseconds: Option<i64>) -> Self {
        Self { json: Bytes::copy_from_slice(json.as_bytes()), modified: microseconds.map(instant) }
    }

    /// The state: decoded as the resource, and encoded again. Never what a client sent.
    pub(crate) fn state(&self, table: &Table) -> Result<State, Trouble> {
        let json = canonical(table, &self.json)?;
        table.format.state(json, self.modified).map_err(|error| Trouble::Row(error.to_string()))
    }

    /// The same, of a row that may be just as it was put: canonical JSON that comes back octet for octet is canonical still,
    /// and need not be decoded once more.
    pub(crate) fn state_of(&self, table: &Table, created: &Bytes) -> Result<State, Trouble> {
        if self.json != created {
            return self.state(table);
        }
        table.format.state(created.clone(), self.modified).map_err(|error| Trouble::Row(error.to_string()))
    }
}

/// What the database shows of a row, or would show of a state, in canonical form.
pub(crate) fn canonical(table: &Table, json: &[u8]) -> Result<Bytes, Trouble> {
    table.format.canonical_of_columns(json).map_err(|violations| {
        Trouble::Row(format!("a row of {} cannot be read as `{}`: {violations}", table.quoted, table.format.name()))
    })
}

fn instant(microseconds: i64) -> SystemTime {
    let distance = Duration::from_micros(microseconds.unsigned_abs());
    let found = if microseconds < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(distance)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(distance)
    };
    found.unwrap_or(SystemTime::UNIX_EPOCH)
}
