//! A table that fits its struct: what the statements are made of, and the statements.

use std::collections::HashMap;

use put_core::member::{Kind, Member, SetBy};
use put_core::store::Key;
use put_core::{Format, Pointer, Violation, Violations};

use crate::catalog::{Constraint, Found};
use crate::column::Base;
use crate::compare::is_given_by_the_database;
use crate::queue::Job;
use crate::sql::Sql;

pub(crate) struct Table {
    pub(crate) format: Format,
    /// Schema and name, as a statement has them.
    pub(crate) quoted: String,
    pub(crate) columns: Vec<Kept>,
    /// Constraints by the schema, the table and the name that an error gives.
    pub(crate) constraints: HashMap<(String, String, String), Constraint>,
    /// The application's own words for constraints.
    pub(crate) words: HashMap<String, String>,
    /// Why every state of a row has to be written, and not only the last of a batch; empty if it need not.
    pub(crate) hazards: Vec<String>,
    /// Whether there are indexes besides those of the key, which refuse what is too large for them.
    indexed: bool,
    pub(crate) sql: Sql,
}

/// No index refuses what is smaller than this: an entry may have a third of a page.
const INDEXED_OCTETS: usize = 2000;

/// A text that is longer than its column allows only by blanks would be cut, and be another key.
fn longest(type_name: &str) -> Option<usize> {
    type_name.strip_prefix("character varying(")?.strip_suffix(')')?.parse().ok()
}

/// A member and its column.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    /// serde's name.
    pub(crate) member: &'static str,
    pub(crate) column: String,
    pub(crate) type_name: String,
    pub(crate) set_by: SetBy,
    pub(crate) by_database: bool,
    /// Whether the value is a number for the database and a string in JSON.
    pub(crate) spelled: bool,
    /// Whether the member reads an integer, so that keys are ordered as numbers.
    pub(crate) integer: bool,
    pub(crate) base: Base,
}

impl Table {
    /// The table, once nothing speaks against it any more.
    pub(crate) fn new(format: &Format, found: Found, words: HashMap<String, String>) -> Self {
        let columns: Vec<Kept> = format.members().filter_map(|member| kept(member, &found)).collect();
        let hazards = hazards(format, &found);
        let sql = Sql::new(&found.quoted, &columns, format.last_modified(), found.triggers);
        let constraints = found.constraints.into_iter().map(|constraint| {
            let key = (constraint.schema.clone(), constraint.table.clone(), constraint.name.clone());
            (key, constraint)
        });
        Self {
            format: format.clone(),
            quoted: found.quoted,
            columns,
            constraints: constraints.collect(),
            words,
            hazards,
            indexed: found.indexed,
            sql,
        }
    }

    /// The members of these columns; the names of columns without a member are left out.
    pub(crate) fn members<'t>(&'t self, columns: &'t [String]) -> impl Iterator<Item = &'static str> + 't {
        columns.iter().filter_map(|name| self.columns.iter().find(|kept| kept.column == *name)).map(|kept| kept.member)
    }

    /// What of this key is too long for its column.
    pub(crate) fn too_long(&self, key: &Key) -> Option<Violations> {
        let parts = self.columns.iter().filter_map(|kept| match kept.set_by {
            SetBy::Key { part } => Some((kept, key.parts().get(part)?)),
            _ => None,
        });
        let found: Vec<Violation> = parts
            .filter(|(kept, part)| {
                longest(&kept.type_name).is_some_and(|longest| part.to_string().chars().count() > longest)
            })
            .map(|(kept, _)| {
                let detail = format!("is too long for {}", kept.type_name);
                Violation::new(Pointer::root().member(kept.member), detail).with_code("too_long")
            })
            .collect();
        (!found.is_empty()).then(|| found.into())
    }

    /// How many columns the key has.
    pub(crate) fn key_length(&self) -> usize {
        self.columns.iter().filter(|kept| matches!(kept.set_by, SetBy::Key { .. })).count()
    }

    /// Whether the entity tag is made of a version.
    pub(crate) fn has_version(&self) -> bool {
        self.columns.iter().any(|kept| matches!(kept.set_by, SetBy::Version { .. }))
    }

    /// Whether of several changes of a key among these every state has to be written, and not only the last.
    pub(crate) fn writes_every_state(&self, jobs: &[Job]) -> bool {
        !self.hazards.is_empty() || (self.indexed && jobs.iter().any(|job| job.octets() > INDEXED_OCTETS))
    }
}

fn kept(member: Member<'_>, found: &Found) -> Option<Kept> {
    let column = found.columns.iter().find(|column| column.name == member.column())?;
    Some(Kept {
        member: member.name(),
        column: column.name.clone(),
        type_name: column.type_name.clone(),
        set_by: member.set_by(),
        by_database: is_given_by_the_database(member),
        spelled: column.base.is_spelled(member.kind()),
        integer: matches!(member.kind(), Kind::Integer(_)),
        base: column.base.clone(),
    })
}

/// What an intermediate state could have tripped or fired, of which nothing would be seen if only the last were written.
fn hazards(format: &Format, found: &Found) -> Vec<String> {
    let mut hazards = found.hazards.clone();
    let is_key = |name: &String| {
        format.members().any(|member| member.column() == name && matches!(member.set_by(), SetBy::Key { .. }))
    };
    for unique in &found.uniques {
        if unique.has_expressions || !unique.columns.iter().all(is_key) {
            hazards.push(format!("the unique index `{}`", unique.name));
        }
    }
    for member in format.members() {
        let column = found.columns.iter().find(|column| column.name == member.column());
        if column.is_some_and(|column| column.not_null) && (member.takes_null() || is_given_by_the_database(member)) {
            hazards.push(format!("the column `{}`, which is not null", member.column()));
        } else if is_given_by_the_database(member) {
            hazards.push(format!("the column `{}`, which the database sets", member.column()));
        }
    }
    hazards.dedup();
    hazards
}
