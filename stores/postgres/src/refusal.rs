//! What the database refuses becomes an answer: 409 for what clashes with other rows, 422 for a value that its column
//! cannot hold, each at its member and with the name of the constraint. What is nobody's fault stays a failure.

use put_core::member::SetBy;
use put_core::store::Outcome;
use put_core::{Pointer, Violation, Violations};
use tokio_postgres::error::{DbError, SqlState};

use crate::queue::Job;
use crate::session::Session;
use crate::sql::fits;
use crate::step::{How, Verdict};
use crate::store::Shared;
use crate::table::{Kept, Table};
use crate::text::Text;
use crate::trouble::Trouble;

/// What an error of the database says about a change.
enum Reading {
    /// It clashes with other rows.
    Conflict(Vec<Violation>),
    /// It breaks a rule of the table.
    Invalid(Vec<Violation>),
    /// Some value does not fit; which one, the error does not say.
    DoesNotFit,
    /// Nothing about the change.
    Nothing,
}

/// What was being done when the database refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Writing,
    Removing,
}

/// The answer to a change that failed by itself. A precondition that is false is told first.
pub(crate) async fn refuse(
    shared: &Shared,
    session: &mut Session,
    job: &Job,
    trouble: Trouble,
) -> Result<Verdict, Trouble> {
    let table = &shared.table;
    let Some(error) = trouble.db() else { return Err(trouble) };
    let is_version = |kept: &Kept| matches!(kept.set_by, SetBy::Version { .. });
    if *error.code() == SqlState::NOT_NULL_VIOLATION && column(table, error).is_some_and(is_version) {
        return Err(Trouble::Row(format!("the version of a row of {} cannot grow any more", table.quoted)));
    }
    let outcome = match read(table, error, Doing::Writing) {
        Reading::Nothing => return Err(trouble),
        Reading::Conflict(violations) => Outcome::Conflict(violations.into()),
        Reading::Invalid(violations) => Outcome::Invalid(violations.into()),
        Reading::DoesNotFit => match misfits(table, session, job.change.created()).await? {
            // Somebody's function, of a trigger say, which says where.
            found if found.is_empty() && error.where_().is_some() => return Err(trouble),
            found if found.is_empty() => {
                let detail = "a value does not fit its column";
                Outcome::Invalid(Violations::from(vec![Violation::new(Pointer::root(), detail).with_code("invalid")]))
            }
            found => Outcome::Invalid(found.into()),
        },
    };
    if job.precondition.is_none() && !job.change.must_be_decided() {
        return Ok(Verdict::Outcome(outcome));
    }
    let row = shared.row_of(session, &job.key, How::Alone { again: false }).await?;
    let state = row.map(|row| row.state(table)).transpose()?;
    Ok(Verdict::Outcome(job.change.answer_before(state.as_ref(), &job.precondition).unwrap_or(outcome)))
}

/// What stands in the way of removing a row, if it is that.
pub(crate) fn needed_elsewhere(table: &Table, trouble: &Trouble) -> Option<Violations> {
    match read(table, trouble.db()?, Doing::Removing) {
        Reading::Conflict(violations) => Some(violations.into()),
        _ => None,
    }
}

fn read(table: &Table, error: &DbError, doing: Doing) -> Reading {
    let code = error.code();
    let named = |name: Option<&str>| name.unwrap_or_default().to_owned();
    let key = (named(error.schema()), named(error.table()), named(error.constraint()));
    // The rule of a domain is no table's, and several columns may have it: in which it is broken is tried.
    let constraint = table.constraints.get(&key);
    if *code == SqlState::NOT_NULL_VIOLATION {
        return match column(table, error) {
            Some(kept) => {
                let detail = "is null, and the database needs a value";
                Reading::Invalid(vec![Violation::new(at(kept.member), detail).with_code("required")])
            }
            // A domain says only its own name.
            None if error.column().is_none() => Reading::DoesNotFit,
            None => Reading::Nothing,
        };
    }
    let at_members = |default: &str, code: &'static str| match constraint {
        Some(constraint) => {
            let detail = table.words.get(&constraint.known_as).map_or(default, String::as_str);
            let violation =
                |pointer| Violation::new(pointer, detail).with_code(code).of_constraint(constraint.known_as.clone());
            let places: Vec<Violation> = if constraint.points_here || doing == Doing::Removing {
                vec![violation(Pointer::root())]
            } else {
                table.members(&constraint.columns).map(|member| violation(at(member))).collect()
            };
            if places.is_empty() { vec![violation(Pointer::root())] } else { places }
        }
        None => Vec::new(),
    };
    let points_here = doing == Doing::Removing || constraint.is_some_and(|constraint| constraint.points_here);
    // A statement of a trigger, which refers to a row of ours that is not there.
    if points_here && doing == Doing::Writing && error.where_().is_some() {
        return Reading::Nothing;
    }
    let (conflict, word, default) = match code {
        code if *code == SqlState::UNIQUE_VIOLATION => (true, "taken", "is taken: another resource has this value"),
        code if *code == SqlState::EXCLUSION_VIOLATION => (true, "taken", "clashes with the value of another resource"),
        // Since PostgreSQL 18, RESTRICT has a code of its own.
        code if [SqlState::FOREIGN_KEY_VIOLATION, SqlState::RESTRICT_VIOLATION].contains(code) && points_here => {
            (true, "needed_elsewhere", "something else refers to this resource")
        }
        code if *code == SqlState::FOREIGN_KEY_VIOLATION => {
            (true, "reference", "refers to something that does not exist")
        }
        code if *code == SqlState::CHECK_VIOLATION => (false, "check", "breaks a rule of the database"),
        code if code.code().starts_with("22") => return Reading::DoesNotFit,
        code if code.code().starts_with("54") => {
            let detail = "is larger than the database can keep";
            return Reading::Invalid(vec![Violation::new(Pointer::root(), detail).with_code("too_long")]);
        }
        _ => return Reading::Nothing,
    };
    match (at_members(default, word), conflict) {
        // The parent itself is named, and no constraint: no partition is for such a row.
        (places, _) if places.is_empty() && is_ours(table, error) && error.constraint().is_none() => {
            let detail = "belongs to no partition of the table";
            Reading::Invalid(vec![Violation::new(Pointer::root(), detail).with_code("check")])
        }
        // Not of this table: a domain's, or one of a table that a trigger writes.
        (places, _) if places.is_empty() && error.datatype().is_some() => Reading::DoesNotFit,
        (places, _) if places.is_empty() => Reading::Nothing,
        (places, true) => Reading::Conflict(places),
        (places, false) => Reading::Invalid(places),
    }
}

/// Whether an error is about a row of this table, or of one of its partitions.
fn is_ours(table: &Table, error: &DbError) -> bool {
    // Each of them has a unique index, and with it an entry.
    table.constraints.iter().any(|((schema, name, _), own)| {
        !own.points_here && error.schema() == Some(schema) && error.table() == Some(name)
    })
}

/// The column of this table that an error names.
fn column<'t>(table: &'t Table, error: &DbError) -> Option<&'t Kept> {
    let is_named = |kept: &&Kept| is_ours(table, error) && Some(kept.column.as_str()) == error.column();
    table.columns.iter().find(is_named)
}

fn at(member: &str) -> Pointer {
    Pointer::root().member(member)
}

/// Tries the values one by one: all that do not fit.
async fn misfits(table: &Table, session: &mut Session, state: &[u8]) -> Result<Vec<Violation>, Trouble> {
    let state = String::from_utf8_lossy(state);
    let mut found = Vec::new();
    for kept in table.columns.iter().filter(|kept| !kept.by_database) {
        let Err(trouble) = session.alone("trying a value", &fits(kept), &[&Text(&state)]).await else { continue };
        match trouble.db() {
            Some(error) if error.code().code().starts_with("22") || error.code().code().starts_with("23") => {
                found.push(misfit(table, kept, error));
            }
            _ => return Err(trouble),
        }
    }
    Ok(found)
}

fn misfit(table: &Table, kept: &Kept, error: &DbError) -> Violation {
    let type_name = &kept.type_name;
    let code = error.code();
    let (word, detail) = if *code == SqlState::STRING_DATA_RIGHT_TRUNCATION {
        ("too_long", format!("is too long for {type_name}"))
    } else if *code == SqlState::NUMERIC_VALUE_OUT_OF_RANGE {
        ("out_of_range", format!("is out of the range of {type_name}"))
    } else if *code == SqlState::CHECK_VIOLATION {
        ("check", format!("breaks a rule of {type_name}"))
    } else if *code == SqlState::NOT_NULL_VIOLATION {
        ("required", "is null, and the database needs a value".to_owned())
    } else {
        ("invalid", format!("is no value of {type_name}"))
    };
    let detail = error.constraint().and_then(|name| table.words.get(name)).cloned().unwrap_or(detail);
    let violation = Violation::new(at(kept.member), detail).with_code(word);
    match error.constraint() {
        Some(name) => violation.of_constraint(name),
        None => violation,
    }
}
