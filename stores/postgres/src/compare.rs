//! Table and struct, held against each other when a store is opened. Everything that does not fit is told at once, with
//! the statement that would mend it. One file, because it is one list of rules.

use std::fmt;

use put_core::Format;
use put_core::member::{Kind, Member, SetBy};

use crate::catalog::{Found, Unique};
use crate::column::{Base, Column, kind_told};
use crate::create_table::{DATE, column_type, definition};
use crate::text::quoted;

/// What does not fit between a table and a struct.
///
/// Its text says what, and ends with the SQL that would mend it, if the table is what has to change.
///
/// ```
/// use put_postgres::{Discrepancy, OpenError};
///
/// fn migration(error: &OpenError) -> Vec<String> {
///     match error {
///         OpenError::Mismatch { discrepancies, .. } => {
///             discrepancies.iter().filter_map(Discrepancy::mend).map(|sql| format!("{sql};")).collect()
///         }
///         _ => Vec::new(),
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discrepancy {
    what: String,
    mend: Option<String>,
}

impl Discrepancy {
    /// What does not fit.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }

    /// The statement that would make the table fit. Read it before you run it: what it means for the rows that are there
    /// is not known here, and two dots stand for a value that only you know.
    #[must_use]
    pub fn mend(&self) -> Option<&str> {
        self.mend.as_deref()
    }
}

impl fmt::Display for Discrepancy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        self.mend.iter().try_for_each(|mend| write!(f, "\n  {mend};"))
    }
}

/// The longest name that PostgreSQL does not cut.
const LONGEST_NAME: usize = 63;

struct Comparison<'a> {
    found: &'a Found,
    list: Vec<Discrepancy>,
}

/// Everything that does not fit.
pub(crate) fn compare(format: &Format, found: &Found) -> Vec<Discrepancy> {
    let mut comparison = Comparison { found, list: Vec::new() };
    for member in format.members() {
        comparison.member(member, format.last_modified() == Some(member.name()));
    }
    comparison.columns_besides(format);
    comparison.key(format);
    comparison.list
}

/// Whether the database gives the member its value where nobody else does.
pub(crate) fn is_given_by_the_database(member: Member<'_>) -> bool {
    member.set_by() == SetBy::Server { at_creation: false, at_change: false }
}

impl Comparison<'_> {
    fn add(&mut self, what: impl Into<String>) {
        self.list.push(Discrepancy { what: what.into(), mend: None });
    }

    fn alter(&mut self, what: impl Into<String>, action: impl fmt::Display) {
        let mend = format!("ALTER TABLE {} {action}", self.found.quoted);
        self.list.push(Discrepancy { what: what.into(), mend: Some(mend) });
    }

    fn member(&mut self, member: Member<'_>, is_date: bool) {
        let (name, column) = (member.name(), member.column());
        if member.is_flattened() {
            return self.add(format!(
                "`{name}` is flattened, so that its members have no columns of their own; name them in the struct, or keep \
                 the part in one column, of type jsonb say"
            ));
        }
        for long in [name, column].into_iter().filter(|text| text.len() > LONGEST_NAME).take(1) {
            self.add(format!("the name `{long}` has more than {LONGEST_NAME} octets, which PostgreSQL would cut"));
        }
        let Some(found) = self.found.columns.iter().find(|found| found.name == column) else {
            return self.missing(member, is_date);
        };
        if is_date && found.base != Base::Instant {
            self.alter(
                format!("`{name}` is the modification date, and its column is {}", found.type_name),
                retyped(found, DATE),
            );
        } else if matches!(member.set_by(), SetBy::Version { .. }) && matches!(found.base, Base::Integer(16 | 32)) {
            self.alter(
                format!("`{name}` is the version, which holds nanoseconds, and its column is {}", found.type_name),
                format_args!("ALTER COLUMN {} TYPE bigint", quoted(column)),
            );
        } else {
            self.kind(member, found, is_date);
        }
        self.nullability(member, found);
        self.who_sets(member, found);
    }

    fn missing(&mut self, member: Member<'_>, is_date: bool) {
        let column = member.column();
        let near = self.found.columns.iter().find(|found| {
            let plain = |text: &str| text.replace('_', "").to_lowercase();
            plain(&found.name) == plain(column)
        });
        let hint = near
            .map_or_else(String::new, |near| format!("; if `{}` is meant, write #[put(column = \"{0}\")]", near.name));
        // What a row that is there shall have, only its owner knows.
        let rows = if definition(member, is_date).ends_with("NOT NULL") {
            "; where the table has rows, give the column a DEFAULT as well"
        } else {
            ""
        };
        self.alter(
            format!("there is no column `{column}` for the member `{}`{hint}{rows}", member.name()),
            format_args!("ADD COLUMN {}", definition(member, is_date)),
        );
    }

    fn kind(&mut self, member: Member<'_>, found: &Column, is_date: bool) {
        let (name, kind) = (member.name(), member.kind());
        if !found.base.holds(kind) {
            let what = format!("`{name}` reads {}, and its column is {}", kind_told(kind), found.type_name);
            // A date cannot be in another column, nor the values that the database computes.
            return if is_date || found.generated {
                self.add(what);
            } else {
                self.alter(what, retyped(found, column_type(member)));
            };
        }
        let Kind::Integer(integer) = kind else { return };
        match found.base {
            // PostgreSQL has no unsigned integers: the next signed one holds them all.
            Base::Integer(bits) if bits > 16.max(integer.bits() * if integer.is_signed() { 1 } else { 2 }) => self
                .alter(
                    format!(
                        "`{name}` has {} bits, and its column {bits} ({}): not every row could be read",
                        integer.bits(),
                        found.type_name
                    ),
                    format_args!("ALTER COLUMN {} TYPE {}", quoted(&found.name), column_type(member)),
                ),
            Base::Numeric(scale) if scale != Some(0) => self.alter(
                format!("`{name}` is an integer, and its column, {}, may hold fractions", found.type_name),
                format_args!("ALTER COLUMN {} TYPE {}", quoted(&found.name), column_type(member)),
            ),
            _ => {}
        }
    }

    fn nullability(&mut self, member: Member<'_>, found: &Column) {
        let (name, column) = (member.name(), quoted(&found.name));
        if !found.not_null && !member.takes_null() && !member.may_be_absent() {
            self.alter(
                format!("`{name}` is never null, and its column may be"),
                format_args!("ALTER COLUMN {column} SET NOT NULL"),
            );
        }
        // What reads anything reads null too, but is seldom meant to.
        let meant = member.takes_null() && member.kind() != Kind::Any;
        if !meant || is_given_by_the_database(member) {
            return;
        }
        if found.not_null_here {
            self.alter(
                format!("`{name}` may be null, and its column may not"),
                format_args!("ALTER COLUMN {column} DROP NOT NULL"),
            );
        }
        for domain in &found.not_null_domains {
            self.list.push(Discrepancy {
                what: format!("`{name}` may be null, and the domain {domain} may not"),
                mend: Some(format!("ALTER DOMAIN {domain} DROP NOT NULL")),
            });
        }
    }

    fn who_sets(&mut self, member: Member<'_>, found: &Column) {
        let (name, column) = (member.name(), quoted(&found.name));
        if is_given_by_the_database(member) {
            if found.not_null && !found.has_default && !found.generated {
                self.alter(
                    format!("nobody gives `{name}` a value: it is read_only without on_create, and its column has no default"),
                    format_args!("ALTER COLUMN {column} SET DEFAULT .."),
                );
            }
        } else if found.generated {
            self.add(format!(
                "the database computes the column of `{name}`; write #[put(read_only)] without on_create and on_replace"
            ));
        } else if found.identity_always && is_set_again(member) {
            // An INSERT may give a value of its own, an UPDATE may not.
            self.alter(
                format!("the database always gives the column of `{name}` its own value"),
                format_args!("ALTER COLUMN {column} SET GENERATED BY DEFAULT"),
            );
        }
    }

    /// Columns that no member names are left alone, as long as a row can be made without them.
    fn columns_besides(&mut self, format: &Format) {
        let found = self.found;
        for column in &found.columns {
            let named = format.members().any(|member| member.column() == column.name);
            if !named && column.not_null && !column.has_default && !column.generated {
                self.alter(
                    format!(
                        "no member gives the column `{}` a value, and it is neither null nor has a default",
                        column.name
                    ),
                    format_args!("ALTER COLUMN {} SET DEFAULT ..", quoted(&column.name)),
                );
            }
        }
    }

    fn key(&mut self, format: &Format) {
        let mut parts: Vec<(usize, Member<'_>)> = format
            .members()
            .filter_map(|member| match member.set_by() {
                SetBy::Key { part } => Some((part, member)),
                _ => None,
            })
            .collect();
        parts.sort_by_key(|(part, _)| *part);
        let columns: Vec<&str> = parts.iter().map(|(_, member)| member.column()).collect();
        let mut loose = false;
        for (_, member) in &parts {
            let Some(column) = self.found.columns.iter().find(|found| found.name == member.column()) else { continue };
            loose |= !column.deterministic;
            // What the kind says against the column has been told.
            let told = !column.base.holds(member.kind())
                || matches!((&column.base, member.kind()), (Base::Numeric(_), Kind::Integer(_)));
            if !told && (!column.base.has_one_spelling() || !column.deterministic) {
                self.alter(
                    format!(
                        "`{}` is the key, and values of its column, {}, can be equal without being the same: two paths would \
                         be one row",
                        member.name(),
                        column.type_name
                    ),
                    retyped(column, column_type(*member)),
                );
            } else if !told && member.is_key_of_any_text() && !column.base.is_text() {
                self.alter(
                    format!(
                        "`{}` is a key of any text, and its column, {}, reads several texts as one value: two paths would be one \
                         row; give the member a type with one spelling, such as `Uuid`",
                        member.name(),
                        column.type_name
                    ),
                    retyped(column, column_type(*member)),
                );
            }
        }
        let same = |unique: &&Unique| {
            unique.columns.len() == columns.len()
                && columns.iter().all(|name| unique.columns.iter().any(|own| own == name))
        };
        let found = self.found;
        let (mut good, mut near, mut late) = (false, None, Vec::new());
        for unique in found.uniques.iter().filter(same) {
            let wrong = match unique {
                Unique { has_expressions: true, .. } => "has an expression",
                Unique { partial: true, .. } => "is partial",
                Unique { deferrable: true, .. } => {
                    late.push(&*unique.name);
                    "is deferrable, so that it decides too late"
                }
                Unique { valid: false, .. } => "is not valid",
                Unique { deterministic: false, .. } if !loose => "takes texts for equal that are not the same",
                _ => {
                    good = true;
                    continue;
                }
            };
            near = Some(format!("; `{}` {wrong}", unique.name));
        }
        // It would be asked too, and refuse to answer.
        let drops: Vec<String> = late.iter().map(|name| format!("DROP CONSTRAINT {}", quoted(name))).collect();
        let told = columns.join(", ");
        let foreign: Vec<&str> =
            found.partitioned_by.iter().map(String::as_str).filter(|name| !columns.contains(name)).collect();
        if good {
            for (name, drop) in late.iter().zip(&drops) {
                self.alter(
                    format!(
                        "the unique index `{name}` on the key ({told}) is deferrable, and ON CONFLICT takes no such index, \
                         even beside another one"
                    ),
                    drop,
                );
            }
        } else if foreign.is_empty() {
            let list = columns.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
            let actions: Vec<String> = drops.into_iter().chain([format!("ADD UNIQUE ({list})")]).collect();
            let near = near.unwrap_or_default();
            self.alter(
                format!("there is no primary key or unique index on exactly the key ({told}){near}"),
                actions.join(", "),
            );
        } else {
            self.add(format!(
                "there is no unique index on exactly the key ({told}), and there cannot be one: the table is partitioned by \
                 {}, which is no part of it",
                foreign.join(", ")
            ));
        }
    }
}

/// Whether the member has a new value when a row is replaced.
fn is_set_again(member: Member<'_>) -> bool {
    matches!(member.set_by(), SetBy::Client | SetBy::Version { .. } | SetBy::Server { at_change: true, .. })
}

/// The action that gives a column another type. Every type can be written as a text, and a text read as every type.
fn retyped(found: &Column, type_name: &str) -> String {
    let column = quoted(&found.name);
    // A default is of the old type.
    let drop = if found.own_default { format!("ALTER COLUMN {column} DROP DEFAULT, ") } else { String::new() };
    // A collation is no part of a cast.
    let bare = type_name.split(" COLLATE ").next().unwrap_or(type_name);
    let cast = if bare == "text" { String::new() } else { format!("::{bare}") };
    format!("{drop}ALTER COLUMN {column} TYPE {type_name} USING {column}::text{cast}")
}
