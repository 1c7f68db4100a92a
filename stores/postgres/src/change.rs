//! A change on its way into a statement.

use bytes::Bytes;
use put_core::change::Change;
use put_core::{Demand, Pointer, Precondition, Violation, Violations};
use serde_json::Value;

use crate::sql::Guard;
use crate::table::Table;

/// One change of one key, as the statement that writes takes it.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The state, as JSON under serde's names.
    pub(crate) state: Bytes,
    /// The members that are set anew if the row is replaced.
    pub(crate) changed: Bytes,
    pub(crate) guard: Guard,
    pub(crate) wanted: Option<String>,
    /// Whether it was decided already, so that a guard that does not hold decides nothing.
    pub(crate) decided: bool,
}

impl Entry {
    /// A change that the statement itself can decide; `None` if somebody has to look at the row first.
    pub(crate) fn direct(table: &Table, change: &Change, precondition: &Precondition) -> Option<Self> {
        if change.must_be_decided() {
            return None;
        }
        let (guard, wanted) = match precondition.demand() {
            Demand::Nothing => (Guard::None, None),
            Demand::Absent => (Guard::Absent, None),
            Demand::Present => (Guard::Present, None),
            Demand::Versions(versions) if table.has_version() => {
                let list: Vec<String> = versions.iter().map(u64::to_string).collect();
                (Guard::Versions, Some(format!("{{{}}}", list.join(","))))
            }
            Demand::Versions(_) | Demand::State => return None,
        };
        let changed = if table.sql.has_changed { at_change(change) } else { Bytes::new() };
        Some(Self { state: change.created().clone(), changed, guard, wanted, decided: false })
    }

    /// A state that was decided against this row, or against there being none.
    pub(crate) fn decided(state: Bytes, against: Option<&[u8]>) -> Self {
        let guard = if against.is_some() { Guard::Row } else { Guard::Absent };
        let wanted = against.map(|row| String::from_utf8_lossy(row).into_owned());
        Self { changed: state.clone(), state, guard, wanted, decided: true }
    }
}

/// The members that the server sets anew at every change, as an object.
pub(crate) fn at_change(change: &Change) -> Bytes {
    let members: Vec<String> = change.at_change().map(|(name, json)| format!("{}:{json}", Value::from(name))).collect();
    format!("{{{}}}", members.join(",")).into()
}

/// JSON values as an array.
pub(crate) fn array<'v>(values: impl Iterator<Item = &'v Bytes>) -> String {
    let mut text = String::from("[");
    for (index, value) in values.enumerate() {
        if index > 0 {
            text.push(',');
        }
        // Canonical JSON is UTF-8; what were not would be refused by the database.
        text.push_str(&String::from_utf8_lossy(value));
    }
    text.push(']');
    text
}

/// Where a text holds U+0000, which PostgreSQL cannot.
pub(crate) fn with_nul(state: &[u8]) -> Option<Violations> {
    // A backslash before this one would make it another text, which is looked at below.
    if !state.windows(6).any(|octets| octets == b"\\u0000") {
        return None;
    }
    let mut found = Vec::new();
    let value: Value = serde_json::from_slice(state).ok()?;
    find_nul(&value, Pointer::root(), &mut found);
    (!found.is_empty()).then(|| found.into())
}

fn find_nul(value: &Value, at: Pointer, found: &mut Vec<Violation>) {
    let detail = "holds the character U+0000, which the database cannot keep in a text";
    match value {
        Value::String(text) if text.contains('\0') => found.push(Violation::new(at, detail).with_code("invalid")),
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                find_nul(element, at.clone().element(index), found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let place = at.clone().member(name);
                if name.contains('\0') {
                    found.push(Violation::new(place.clone(), format!("the name {detail}")).with_code("invalid"));
                }
                find_nul(member, place, found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_nul_is_found_and_nothing_else() {
        for (json, pointers) in [
            (r#"{"a":"x"}"#, &[][..]),
            (r#"{"a":"\\u0000"}"#, &[]),
            (r#"{"a":"\u0000"}"#, &["/a"]),
            (r#"{"a":"\\\u0000","b":[1,"\u0000"],"c":{"\u0000":0}}"#, &["/a", "/b/1", "/c/\0"]),
        ] {
            let found = with_nul(json.as_bytes());
            let found: Vec<_> = found.iter().flatten().map(|violation| violation.pointer().as_str()).collect();
            assert_eq!(found, pointers, "{json}");
        }
    }
}
