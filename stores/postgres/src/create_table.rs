//! The table for somebody who starts from nothing.

use put_core::member::{Integer, Kind, Member, SetBy};
use put_core::{Format, PutResource};

use crate::compare::is_given_by_the_database;
use crate::text::quoted;

/// A `CREATE TABLE` for the resource `R`: a column for each member, the key as the primary key, NOT NULL where the type
/// is never null. [`connect`](crate::PostgresStore::connect) finds it under the same name.
///
/// Types follow the kind of JSON: `bigint`, `text`, `boolean`, `double precision`, and `jsonb` for what has parts.
/// `u64` and wider become `numeric`, which holds all of them; a version is a `bigint`, whose end comes in 2262. `#[put(column_type = "..")]` chooses another, and is needed
/// for dates, which are texts in JSON; the one of the modification is known to be one.
///
/// ```
/// use put_core::PutResource;
/// # #[derive(serde::Serialize, serde::Deserialize, PutResource)]
/// # #[put(path = "/notes/{id}")]
/// # struct Note { #[put(key)] id: i64, text: String, #[put(column_type = "timestamptz")] due: Option<String> }
/// // struct Note { #[put(key)] id: i64, text: String, #[put(column_type = "timestamptz")] due: Option<String> }
/// assert_eq!(
///     put_postgres::create_table_sql::<Note>(),
///     r#"CREATE TABLE "note" (
///     "id" bigint NOT NULL,
///     "text" text NOT NULL,
///     "due" timestamptz,
///     PRIMARY KEY ("id")
/// )"#,
/// );
/// ```
#[must_use]
pub fn create_table_sql<R: PutResource>() -> String {
    let format = Format::of::<R>();
    let mut lines: Vec<String> = format
        .members()
        .filter(|member| !member.is_flattened())
        .map(|member| definition(member, format.last_modified() == Some(member.name())))
        .collect();
    let mut key: Vec<(usize, &str)> = format
        .members()
        .filter_map(|member| match member.set_by() {
            SetBy::Key { part } => Some((part, member.column())),
            _ => None,
        })
        .collect();
    key.sort_unstable();
    let key: Vec<String> = key.iter().map(|(_, column)| quoted(column)).collect();
    lines.push(format!("PRIMARY KEY ({})", key.join(", ")));
    format!("CREATE TABLE {} (\n    {}\n)", quoted(&format.table_name()), lines.join(",\n    "))
}

/// The column of a member, as a declaration has it.
pub(crate) fn definition(member: Member<'_>, is_date: bool) -> String {
    // A default of the type stands in for NULL, so that the column need not have one.
    let not_null = if member.takes_null() || is_given_by_the_database(member) { "" } else { " NOT NULL" };
    let type_name = if is_date { member.column_type().unwrap_or(DATE) } else { column_type(member) };
    format!("{} {type_name}{not_null}", quoted(member.column()))
}

/// The type of a modification date.
pub(crate) const DATE: &str = "timestamptz";

/// The type that the struct says, or the one that holds every value of the kind.
pub(crate) fn column_type(member: Member<'_>) -> &'static str {
    if let Some(chosen) = member.column_type() {
        return chosen;
    }
    let is_key = matches!(member.set_by(), SetBy::Key { .. });
    match member.kind() {
        Kind::Boolean => "boolean",
        Kind::Integer(Integer::I8 | Integer::U8 | Integer::I16) => "smallint",
        Kind::Integer(Integer::U16 | Integer::I32) => "integer",
        Kind::Integer(Integer::U32 | Integer::I64) => "bigint",
        // The nanoseconds of a version fit until 2262.
        Kind::Integer(_) if matches!(member.set_by(), SetBy::Version { .. }) => "bigint",
        Kind::Integer(Integer::U64) => "numeric(20)",
        Kind::Integer(Integer::I128 | Integer::U128) => "numeric(39)",
        Kind::Number => "double precision",
        // In the order of its octets, as the keys of this project are.
        Kind::String | Kind::Variant | Kind::Any if is_key => "text COLLATE \"C\"",
        Kind::String => "text",
        Kind::Array | Kind::Object | Kind::Variant | Kind::Any => "jsonb",
    }
}
