//! The statements of one table. Nothing of a request is in them: keys and states are parameters.
//!
//! # The statement that writes
//!
//! One statement decides and writes any number of changes, of different keys. It relies on READ COMMITTED, and on this
//! order inside it:
//!
//! 1. `input`: the changes, sorted by key.
//! 2. `seen`: each key is looked up and its row locked, one after the other. A lock that has to be waited for gives the row
//!    as it is after the wait, not as it was when the statement began (PostgreSQL, section 13.2.1). All that is decided is
//!    decided here, against the rows that are now locked. Two statements that name the same rows lock them in the same
//!    order, so they cannot stand in each other's way.
//! 3. `inserted`, and after it `updated`, write what was decided. A row that somebody else has created since the statement
//!    began is not seen in step 2 and is a conflict in step 3: nothing comes back for it, and the change is tried again.
//!    Creations come first, because they may have to wait for somebody who changes the same row, and then must not have
//!    changed rows themselves: only locks are held, in the order of the keys.
//!
//! What comes back is the row as the database has it, after casts, defaults and triggers.
//!
//! Values are compared as texts by their octets: not every type has an equality, and not every equality means the same.
//!
//! A plan is made once for each connection, perhaps while the table is empty, and kept while it grows. So the statements
//! leave no choice but the index: a LATERAL with a LIMIT, `= ANY (ARRAY[..])`, and `enable_seqscan` off where they run.
//!
//! One file, because the statements share their parts and are read together.

use put_core::member::SetBy;

use crate::column::Base;
use crate::table::Kept;
use crate::text::quoted;

/// What a change demands of the current row, for the database. The numbers are in the statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guard {
    /// Nothing, and the change is decided in the statement.
    None = 0,
    /// There is no row.
    Absent = 1,
    /// There is one.
    Present = 2,
    /// It is exactly this one, and the change has been decided against it.
    Row = 3,
    /// Its version is one of a list.
    Versions = 4,
}

pub(crate) struct Sql {
    /// Decides and writes: `$1` the states as a JSON array, `$2` guards, `$3` their texts, `$4` the members set at change as
    /// a JSON array, if there are any. Rows for each change: place, verdict, row, date, key. An INSERT cannot say for which
    /// change it made a row, so that both tell the key, as the database spells it.
    pub(crate) write: String,
    /// Looks at the current rows, and spells the states as the columns will have them.
    pub(crate) look: String,
    /// The same, and locks the rows.
    pub(crate) look_locked: String,
    /// Which of the states, a JSON array, have a row that nobody has locked, or none.
    pub(crate) free: String,
    /// The row of a key, and the same, locked.
    pub(crate) get: String,
    pub(crate) get_locked: String,
    /// Removes the row of a key.
    pub(crate) delete: String,
    /// Removes it if it is exactly the one of the last parameter.
    pub(crate) delete_guarded: String,
    /// The first rows, and those after a key.
    pub(crate) list: String,
    pub(crate) list_after: String,
    /// Whether there are members that the server sets anew at every change.
    pub(crate) has_changed: bool,
}

/// The parts from which the statements are put together.
struct Parts<'a> {
    table: &'a str,
    columns: &'a [Kept],
    last_modified: Option<&'static str>,
    /// Whether there are triggers, which may write a row under another key than it was given.
    triggers: bool,
}

/// Fails, and says why in the log: there is no such setting.
const ANOTHER_KEY: &str = "current_setting('put.a_trigger_wrote_the_row_under_another_key')";

impl Sql {
    pub(crate) fn new(table: &str, columns: &[Kept], last_modified: Option<&'static str>, triggers: bool) -> Self {
        let parts = Parts { table, columns, last_modified, triggers };
        Self {
            write: parts.write(),
            look: parts.look(""),
            look_locked: parts.look("FOR NO KEY UPDATE"),
            free: parts.free(),
            get: parts.get(""),
            get_locked: parts.get("FOR NO KEY UPDATE"),
            delete: format!("DELETE FROM {table} u WHERE {} RETURNING 1", parts.key_is(1)),
            delete_guarded: format!(
                "DELETE FROM {table} u WHERE {} AND {} = ${}::text RETURNING 1",
                parts.key_is(1),
                parts.shown("u"),
                parts.key().count() + 1
            ),
            list: parts.list(false),
            list_after: parts.list(true),
            has_changed: parts.changed().next().is_some(),
        }
    }
}

/// A statement that fails exactly if the value of this member, in a state that is its parameter, does not fit its column.
pub(crate) fn fits(kept: &Kept) -> String {
    format!("SELECT count(p) FROM json_to_record($1::json) AS p({} {})", quoted(kept.member), kept.type_name)
}

impl<'a> Parts<'a> {
    /// The key columns in the order of the path.
    fn key(&self) -> impl Iterator<Item = (usize, &'a Kept)> + use<'a> {
        let mut parts: Vec<(usize, (usize, &Kept))> = self
            .columns
            .iter()
            .enumerate()
            .filter_map(|(place, kept)| match kept.set_by {
                SetBy::Key { part } => Some((part, (place, kept))),
                _ => None,
            })
            .collect();
        parts.sort_by_key(|(part, _)| *part);
        parts.into_iter().map(|(_, key)| key)
    }

    /// Those that the server sets anew at every change.
    fn changed(&self) -> impl Iterator<Item = (usize, &'a Kept)> + use<'a> {
        let set = |kept: &Kept| matches!(kept.set_by, SetBy::Server { at_change: true, .. });
        self.columns.iter().enumerate().filter(move |(_, kept)| set(kept))
    }

    /// Those that somebody else than the database gives a value. What a state has of the others, serde's default say, need
    /// be no value of the column.
    fn given(&self) -> impl Iterator<Item = (usize, &'a Kept)> + use<'a> {
        self.columns.iter().enumerate().filter(|(_, kept)| !kept.by_database)
    }

    fn each(&self, separator: &str, one: impl Fn(usize, &Kept) -> String) -> String {
        let all: Vec<String> = self.columns.iter().enumerate().map(|(place, kept)| one(place, kept)).collect();
        all.join(separator)
    }

    /// `u."id" = $1`, from this parameter on.
    fn key_is(&self, from: usize) -> String {
        let parts: Vec<String> = self
            .key()
            .zip(from..)
            .map(|((_, kept), number)| format!("u.{} = ${number}", quoted(&kept.column)))
            .collect();
        parts.join(" AND ")
    }

    /// A row as JSON under serde's names, in the order of the struct; `value` gives the column of each member.
    fn json(&self, value: impl Fn(usize, &Kept) -> String) -> String {
        let members = self.each(", ", |place, kept| {
            let cast = if kept.spelled { "::text" } else { "" };
            format!("{}{cast} AS {}", value(place, kept), quoted(kept.member))
        });
        // With a star, because a column might have the name of the row.
        format!("(SELECT row_to_json(shown.*)::text FROM (SELECT {members}) shown)")
    }

    /// A row of the table as JSON.
    fn shown(&self, alias: &str) -> String {
        self.json(|_, kept| format!("{alias}.{}", quoted(&kept.column)))
    }

    /// The modification date of a row, in microseconds since 1970.
    fn date(&self, alias: &str) -> String {
        let kept = self.columns.iter().find(|kept| Some(kept.member) == self.last_modified);
        kept.map_or_else(|| "NULL::int8".to_owned(), |kept| microseconds(&format!("{alias}.{}", quoted(&kept.column))))
    }

    /// The same of columns that are named by a letter and their place.
    fn date_of(&self, letter: &dyn Fn(usize, &Kept) -> String) -> String {
        let found = self.columns.iter().enumerate().find(|(_, kept)| Some(kept.member) == self.last_modified);
        found.map_or_else(|| "NULL::int8".to_owned(), |(place, kept)| microseconds(&letter(place, kept)))
    }

    /// The parameters as rows: `p0`, `p1` and so on are the proposed values, `c..` those set at a change.
    fn input(&self, arrays: &str, names: &str, changed: usize) -> String {
        let definition = |(_, kept): (usize, &Kept)| format!("{} {}", quoted(kept.member), kept.type_name);
        let proposed: Vec<String> = self.given().map(definition).collect();
        let mut rows = format!("json_to_recordset($1::json) AS ({})", proposed.join(", "));
        let mut columns = self.given().map(|(place, _)| format!("p{place}")).collect::<Vec<_>>().join(", ");
        rows += arrays;
        columns += names;
        if self.changed().next().is_some() {
            let set: Vec<String> = self.changed().map(definition).collect();
            let places: Vec<String> = self.changed().map(|(place, _)| format!(", c{place}")).collect();
            rows = format!("{rows}, json_to_recordset(${changed}::json) AS ({})", set.join(", "));
            columns += &places.concat();
        }
        format!("SELECT * FROM ROWS FROM ({rows}) WITH ORDINALITY AS i({columns}, place)")
    }

    fn on_key(&self) -> String {
        self.key()
            .map(|(place, kept)| format!("u.{} = i.p{place}", quoted(&kept.column)))
            .collect::<Vec<_>>()
            .join(" AND ")
    }

    fn by_key(&self) -> String {
        self.key().map(|(place, _)| format!("p{place}")).collect::<Vec<_>>().join(", ")
    }

    fn write(&self) -> String {
        let table = self.table;
        let input = self.input(", unnest($2::int2[]), unnest($3::text[])", ", guard, wanted", 4);
        let current = self.each(", ", |place, kept| format!("u.{} AS t{place}", quoted(&kept.column)));
        let shown = self.json(|place, _| format!("s.t{place}"));
        let differs = |place: usize| {
            let compared = |value: &str| compared(&format!("{value}{place}"), self.columns.get(place));
            format!("{} IS DISTINCT FROM {}", compared("t.t"), compared("i.p"))
        };
        let by_client = |kept: &Kept| matches!(kept.set_by, SetBy::Client | SetBy::Immutable);
        let of_client = |kept: &dyn Fn(&Kept) -> bool| {
            self.columns.iter().enumerate().filter(|(_, found)| kept(found)).map(|(place, _)| place).collect::<Vec<_>>()
        };
        let any = |places: Vec<usize>| match places.len() {
            0 => "false".to_owned(),
            _ => places.into_iter().map(differs).collect::<Vec<_>>().join(" OR "),
        };
        let immutable = of_client(&|kept| kept.set_by == SetBy::Immutable);
        let which = immutable
            .iter()
            .map(|place| format!(" || CASE WHEN {} THEN ' {place}' ELSE '' END", differs(*place)))
            .collect::<Vec<_>>()
            .concat();
        let changed_immutable = any(immutable);
        let changed = any(of_client(&by_client));
        let version = self.columns.iter().position(|kept| matches!(kept.set_by, SetBy::Version { .. }));
        let version =
            version.map_or_else(|| "false".to_owned(), |place| format!("t.t{place}::text = ANY (i.wanted::text[])"));
        let mut set: Vec<String> = Vec::new();
        for (place, kept) in self.columns.iter().enumerate() {
            let value = match kept.set_by {
                SetBy::Client => format!("s.p{place}"),
                SetBy::Server { at_change: true, .. } => format!("s.c{place}"),
                // At its end there is no next one, and NULL is refused.
                SetBy::Version { max } => {
                    let max = if kept.base == Base::Integer(64) { max.min(i64::MAX.unsigned_abs()) } else { max };
                    format!("CASE WHEN s.t{place} < {max} THEN GREATEST(s.t{place} + 1, s.p{place}) END")
                }
                SetBy::Key { .. } | SetBy::Immutable | SetBy::Server { .. } => continue,
            };
            set.push(format!("{} = {value}", quoted(&kept.column)));
        }
        let same_row = self.key().map(|(place, kept)| format!("u.{} = ANY (ARRAY[s.p{place}])", quoted(&kept.column)));
        let same_row: Vec<String> = same_row.collect();
        let same_row = same_row.join(" AND ");
        let into: Vec<String> = self.given().map(|(_, kept)| quoted(&kept.column)).collect();
        let values: Vec<String> = self.given().map(|(place, _)| format!("s.p{place}")).collect();
        let (into, values) = (into.join(", "), values.join(", "));
        let key: Vec<String> = self.key().map(|(_, kept)| quoted(&kept.column)).collect();
        let key = key.join(", ");
        let (row, date) = (self.shown("u"), self.date("u"));
        let (created_row, updated_row) = if self.triggers {
            let same = self.key().map(|(place, kept)| format!("u.{} = s.p{place}", quoted(&kept.column)));
            let same = same.collect::<Vec<_>>().join(" AND ");
            let ours = format!("EXISTS (SELECT FROM seen s WHERE s.verdict = 'create' AND {same})");
            let unless_moved = |holds: &str| format!("CASE WHEN {holds} THEN {row} ELSE {ANOTHER_KEY} END");
            (unless_moved(&ours), unless_moved(&same))
        } else {
            (row.clone(), row.clone())
        };
        let update = if set.is_empty() {
            // Nothing can change.
            "SELECT s.place, NULL::text AS shown, NULL::int8 AS date FROM seen s WHERE false".to_owned()
        } else {
            format!(
                "UPDATE {table} u SET {} FROM seen s
  WHERE s.verdict = 'replace' AND {same_row} AND (SELECT count(*) FROM inserted) >= 0
  RETURNING s.place, {updated_row} AS shown, {date} AS date",
                set.join(", ")
            )
        };
        let seen_date = self.date_of(&|place, _| format!("s.t{place}"));
        let (by_key, on_key) = (self.by_key(), self.on_key());
        let seen_row = self.json(|place, _| format!("t.t{place}"));
        let spelled = |value: &dyn Fn(usize, &Kept) -> String| {
            let parts: Vec<String> = self.key().map(|(place, kept)| format!("{}::text", value(place, kept))).collect();
            format!("ARRAY[{}]", parts.join(", "))
        };
        let wanted_key = spelled(&|place, _| format!("s.p{place}"));
        let created_key = spelled(&|_, kept| format!("u.{}", quoted(&kept.column)));
        format!(
            "WITH input AS ({input} ORDER BY {by_key}),
seen AS MATERIALIZED (
  SELECT i.*, t.*, CASE
      WHEN i.guard = 1 AND t.found THEN 'failed'
      WHEN i.guard IN (2, 4) AND t.found IS NULL THEN 'absent'
      WHEN i.guard = 3 AND (t.found IS NULL OR {seen_row} IS DISTINCT FROM i.wanted) THEN 'lost'
      WHEN i.guard = 4 AND NOT ({version}) THEN 'failed'
      WHEN t.found IS NULL THEN 'create'
      WHEN i.guard = 3 THEN 'replace'
      WHEN {changed_immutable} THEN 'immutable'{which}
      WHEN {changed} THEN 'replace'
      ELSE 'unchanged' END AS verdict
  FROM input i LEFT JOIN LATERAL (
    SELECT true AS found, {current} FROM {table} u WHERE {on_key} LIMIT 1 FOR NO KEY UPDATE
  ) t ON true
),
inserted AS (
  INSERT INTO {table} AS u ({into}) OVERRIDING SYSTEM VALUE SELECT {values} FROM seen s WHERE s.verdict = 'create'
  ON CONFLICT ({key}) DO NOTHING
  RETURNING {created_row} AS shown, {date} AS date, {created_key} AS key
),
updated AS (
  {update}
)
SELECT place, verdict, CASE WHEN s.found THEN {shown} END, {seen_date}, {wanted_key}
  FROM seen s WHERE verdict NOT IN ('replace', 'lost')
UNION ALL SELECT NULL, 'created', shown, date, key FROM inserted
UNION ALL SELECT place, 'replaced', shown, date, NULL FROM updated"
        )
    }

    fn look(&self, lock: &str) -> String {
        let (table, input, by_key, on_key) = (self.table, self.input("", "", 2), self.by_key(), self.on_key());
        let (row, date) = (self.shown("u"), self.date("u"));
        let proposed = |place: usize, kept: &Kept| {
            if kept.by_database { "NULL::timestamptz".to_owned() } else { format!("i.p{place}") }
        };
        let letter = |place: usize, kept: &Kept| {
            let anew = matches!(kept.set_by, SetBy::Server { at_change: true, .. });
            if anew { format!("i.c{place}") } else { proposed(place, kept) }
        };
        let (created, changed) = (self.json(proposed), self.json(letter));
        let created_date = self.date_of(&proposed);
        // Where nothing is set anew the two are one, which is shown once.
        let (changed, changed_date) = if changed == created {
            ("NULL::text".to_owned(), "NULL::int8".to_owned())
        } else {
            (changed, self.date_of(&letter))
        };
        format!(
            "WITH input AS ({input} ORDER BY {by_key})
SELECT i.place, t.shown, t.date, {created}, {created_date}, {changed}, {changed_date}
FROM input i LEFT JOIN LATERAL (
  SELECT {row} AS shown, {date} AS date FROM {table} u WHERE {on_key} LIMIT 1 {lock}
) t ON true"
        )
    }

    fn get(&self, lock: &str) -> String {
        let (table, row, date) = (self.table, self.shown("u"), self.date("u"));
        format!("SELECT {row}, {date} FROM {table} u WHERE {} {lock}", self.key_is(1))
    }

    fn free(&self) -> String {
        let (table, on_key) = (self.table, self.on_key());
        let definition = |(place, kept): (usize, &Kept)| (format!("{} {}", quoted(kept.member), kept.type_name), place);
        let (definitions, places): (Vec<String>, Vec<usize>) = self.key().map(definition).unzip();
        let names: Vec<String> = places.iter().map(|place| format!("p{place}")).collect();
        let (definitions, names) = (definitions.join(", "), names.join(", "));
        format!(
            "SELECT i.place
FROM ROWS FROM (json_to_recordset($1::json) AS ({definitions})) WITH ORDINALITY AS i({names}, place)
LEFT JOIN LATERAL (SELECT true AS found FROM {table} u WHERE {on_key} LIMIT 1) t ON true
LEFT JOIN LATERAL (
  SELECT true AS free FROM {table} u WHERE {on_key} LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
) f ON true
WHERE t.found IS NULL OR f.free"
        )
    }

    /// The rows in the order of the keys of this project: numbers as numbers, texts by their octets.
    fn list(&self, after: bool) -> String {
        let (table, row, date) = (self.table, self.shown("u"), self.date("u"));
        let ordered = |kept: &Kept| {
            let column = format!("u.{}", quoted(&kept.column));
            match &kept.base {
                _ if kept.integer => column,
                // A uuid has the order of its text.
                Base::String(name) if name == "uuid" => column,
                base if base.is_text() => format!("{column} COLLATE \"C\""),
                _ => format!("(to_jsonb({column}) #>> '{{}}') COLLATE \"C\""),
            }
        };
        let order: Vec<String> = self.key().map(|(_, kept)| ordered(kept)).collect();
        let count = order.len();
        let order = order.join(", ");
        let condition = if after {
            let parameters: Vec<String> = (1..=count).map(|number| format!("${number}")).collect();
            format!(" WHERE ROW({order}) > ROW({})", parameters.join(", "))
        } else {
            String::new()
        };
        let limit = if after { count + 1 } else { 1 };
        format!("SELECT {row}, {date} FROM {table} u{condition} ORDER BY {order} LIMIT ${limit}::int8")
    }
}

/// A value as it is compared with another one of its column.
fn compared(value: &str, kept: Option<&Kept>) -> String {
    match kept {
        // An explicit null is not seen in a state. (What a `json` column holds is not read as a jsonb: not all of it can be.)
        Some(Kept { base: Base::Json, .. }) => format!("NULLIF({value}::text COLLATE \"C\", 'null')"),
        _ => format!("{value}::text COLLATE \"C\""),
    }
}

/// An instant as a whole number. What lies beyond all instants has none.
fn microseconds(value: &str) -> String {
    format!("CASE WHEN isfinite({value}) THEN (extract(epoch FROM {value}::timestamptz) * 1000000)::int8 END")
}

#[cfg(test)]
mod tests;
