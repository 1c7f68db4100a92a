//! What the catalog says of a table: its columns, its constraints, and what else happens when a row is written.
//!
//! One file, because it is a handful of queries and what they are read into.

use tokio_postgres::Row;

use crate::column::{Base, Column};
use crate::open_error::OpenError;
use crate::session::{Params, Session};
use crate::text::quoted;
use crate::trouble::Trouble;

/// The oldest server whose catalog has all that is asked here.
const OLDEST: i32 = 120_000;

/// A table as it was found.
#[derive(Debug)]
pub(crate) struct Found {
    /// Schema and name, as a statement has them.
    pub(crate) quoted: String,
    pub(crate) columns: Vec<Column>,
    pub(crate) uniques: Vec<Unique>,
    /// What decides to which partition a row belongs, if the table has any.
    pub(crate) partitioned_by: Vec<String>,
    /// Those of the table and of its partitions, and foreign keys of other tables that point at it.
    pub(crate) constraints: Vec<Constraint>,
    /// What makes it matter which states a row goes through, and not only which one it ends with.
    pub(crate) hazards: Vec<String>,
    /// Whether there are triggers or rules.
    pub(crate) triggers: bool,
    /// Whether there are indexes that are not unique.
    pub(crate) indexed: bool,
}

/// A unique index.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own in the catalog")]
pub(crate) struct Unique {
    pub(crate) name: String,
    /// Without the expressions.
    pub(crate) columns: Vec<String>,
    pub(crate) valid: bool,
    pub(crate) deferrable: bool,
    pub(crate) partial: bool,
    pub(crate) has_expressions: bool,
    /// Whether texts that are equal for it have the same characters.
    pub(crate) deterministic: bool,
}

/// A constraint, or a unique index that is none.
#[derive(Clone, Debug)]
pub(crate) struct Constraint {
    pub(crate) schema: String,
    pub(crate) table: String,
    pub(crate) name: String,
    /// Its name at the table itself, where `name` is that of a partition.
    pub(crate) known_as: String,
    /// Whether it is another table's, which points at this one.
    pub(crate) points_here: bool,
    pub(crate) columns: Vec<String>,
}

/// The relation of this name, by the search path; else by exactly this name.
const RELATION: &str = "
    SELECT c.oid::int8, n.nspname::text, c.relname::text, c.relkind::text, c.relrowsecurity,
           current_setting('server_version_num')::int4, current_setting('server_encoding')
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = COALESCE(
        to_regclass($1)::oid,
        (SELECT e.oid FROM pg_catalog.pg_class e WHERE e.relname = $1 AND pg_catalog.pg_table_is_visible(e.oid)))";

/// The columns in their order. The search path is empty when this is asked, so that types are named with their schemas.
const COLUMNS: &str = "
    WITH RECURSIVE base AS (
        SELECT a.attnum, a.atttypid AS oid, a.atttypmod AS modifier, '{}'::text[] AS not_null, false AS has_default
        FROM pg_attribute a WHERE a.attrelid = ($1::int8)::oid AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL
        SELECT b.attnum, t.typbasetype, CASE WHEN t.typtypmod = -1 THEN b.modifier ELSE t.typtypmod END,
               b.not_null || ARRAY(SELECT format_type(t.oid, NULL) WHERE t.typnotnull),
               b.has_default OR t.typdefault IS NOT NULL
        FROM base b JOIN pg_type t ON t.oid = b.oid WHERE t.typtype = 'd'
    )
    SELECT a.attname::text, format_type(a.atttypid, a.atttypmod), t.typname::text, t.typtype::text,
           t.typcategory::text, b.modifier::int4, a.attnotnull, b.not_null,
           a.atthasdef, b.has_default, a.attidentity::text, a.attgenerated::text,
           COALESCE(l.collisdeterministic, true),
           EXISTS (SELECT FROM pg_cast s
                   WHERE s.castsource = t.oid AND s.casttarget = 'json'::regtype AND s.castmethod = 'f')
    FROM base b
    JOIN pg_type t ON t.oid = b.oid AND t.typtype <> 'd'
    JOIN pg_attribute a ON a.attrelid = ($1::int8)::oid AND a.attnum = b.attnum
    LEFT JOIN pg_collation l ON l.oid = a.attcollation
    ORDER BY a.attnum";

/// Names of columns at the places of an array of numbers. A place that holds an expression has none.
macro_rules! names {
    ($relation:literal, $numbers:literal) => {
        concat!(
            "ARRAY(SELECT a.attname::text FROM unnest(",
            $numbers,
            ") WITH ORDINALITY AS g(number, place) JOIN pg_attribute a ON a.attrelid = ",
            $relation,
            " AND a.attnum = g.number ORDER BY g.place)"
        )
    };
}

const UNIQUES: &str = concat!(
    "SELECT c.relname::text, ",
    names!("i.indrelid", "(i.indkey::int2[])[0:i.indnkeyatts - 1]"),
    ", i.indisvalid, NOT i.indimmediate, i.indpred IS NOT NULL, 0 = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1]),
       NOT EXISTS (SELECT FROM pg_collation l WHERE l.oid = ANY (i.indcollation::oid[]) AND NOT l.collisdeterministic)
     FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
     WHERE i.indrelid = ($1::int8)::oid AND i.indisunique ORDER BY i.indisprimary DESC, c.relname"
);

/// Names of columns that the expressions of an index have in them.
macro_rules! names_in_expressions {
    () => {
        "ARRAY(SELECT a.attname::text FROM pg_attribute a
            WHERE a.attrelid = i.indrelid AND a.attnum > 0
              AND strpos(pg_get_expr(i.indexprs, i.indrelid), quote_ident(a.attname)) > 0
              AND EXISTS (SELECT FROM pg_depend d
                          WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                            AND d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid
                            AND d.refobjsubid = a.attnum))"
    };
}

/// The name of what a constraint or an index of a partition was made from.
macro_rules! root {
    ($constraint:literal) => {
        concat!(
            "(WITH RECURSIVE up AS (
                SELECT p.oid, p.conname::text AS name, p.conparentid AS parent FROM pg_constraint p WHERE p.oid = ",
            $constraint,
            " UNION ALL
                SELECT p.oid, p.conname::text, p.conparentid FROM up JOIN pg_constraint p ON p.oid = up.parent
            ) SELECT name FROM up WHERE parent = 0)"
        )
    };
}

/// The table, its partitions, and the constraints that an error may name: theirs, those of other tables that point at
/// them or at rows that go with theirs, and those of the domains of the columns.
const CONSTRAINTS: &str = concat!(
    "WITH RECURSIVE relations AS (
        SELECT ($1::int8)::oid AS oid UNION SELECT relid::oid FROM pg_partition_tree((($1::int8)::oid)::regclass)
     ),
     needed AS (
        SELECT oid FROM relations
        UNION SELECT k.conrelid FROM needed JOIN pg_constraint k ON k.confrelid = needed.oid
        WHERE k.contype = 'f' AND k.confdeltype = 'c'
     ),
     domains AS (
        SELECT a.atttypid AS oid FROM pg_attribute a WHERE a.attrelid = ($1::int8)::oid AND a.attnum > 0
        UNION SELECT CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.typelem END FROM domains JOIN pg_type t ON t.oid = domains.oid
        WHERE t.typtype = 'd' OR t.typcategory = 'A'
     )
     SELECT n.nspname::text, c.relname::text, k.conname::text, k.contype::text, false, ",
    names!("k.conrelid", "k.conkey"),
    " || ",
    names_in_expressions!(),
    ", ",
    root!("k.oid"),
    " FROM relations r JOIN pg_constraint k ON k.conrelid = r.oid
      JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_index i ON i.indexrelid = k.conindid AND k.contype = 'x'
      WHERE k.contype IN ('c', 'f', 'p', 'u', 'x')
     UNION ALL
     SELECT n.nspname::text, c.relname::text, x.relname::text, 'u', false, ",
    names!("i.indrelid", "(i.indkey::int2[])[0:i.indnkeyatts - 1]"),
    " || ",
    names_in_expressions!(),
    ", (WITH RECURSIVE up AS (
            SELECT i.indexrelid AS oid, 0 AS depth
            UNION ALL SELECT h.inhparent, up.depth + 1 FROM up JOIN pg_inherits h ON h.inhrelid = up.oid
        ) SELECT e.relname::text FROM up JOIN pg_class e ON e.oid = up.oid ORDER BY up.depth DESC LIMIT 1)
      FROM relations r JOIN pg_index i ON i.indrelid = r.oid AND i.indisunique
      JOIN pg_class x ON x.oid = i.indexrelid
      JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
     UNION ALL
     SELECT n.nspname::text, c.relname::text, k.conname::text, 'f', true, ",
    names!("k.confrelid", "k.confkey"),
    ", ",
    root!("k.oid"),
    " FROM needed r JOIN pg_constraint k ON k.confrelid = r.oid AND k.contype = 'f'
      JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE k.conrelid NOT IN (SELECT oid FROM relations)
     UNION ALL
     SELECT n.nspname::text, t.typname::text, k.conname::text, 'd', false, '{}', k.conname::text
     FROM domains d JOIN pg_constraint k ON k.contypid = d.oid
     JOIN pg_type t ON t.oid = d.oid JOIN pg_namespace n ON n.oid = t.typnamespace
     WHERE k.contype = 'c'"
);

const PARTITIONED: &str = concat!(
    "SELECT ",
    names!("p.partrelid", "p.partattrs::int2[]"),
    ", p.partexprs IS NOT NULL FROM pg_partitioned_table p WHERE p.partrelid = ($1::int8)::oid"
);

/// Indexes that are not unique; with a name those that compute something, which can fail.
const INDEXES: &str = "
    SELECT CASE WHEN i.indexprs IS NOT NULL OR i.indpred IS NOT NULL
                THEN 'the index `' || c.relname || '`, which computes something' END
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = ($1::int8)::oid AND NOT i.indisunique AND NOT i.indisexclusion";

const TRIGGERS: &str = "
    WITH relations AS (
        SELECT ($1::int8)::oid AS oid UNION SELECT relid::oid FROM pg_partition_tree((($1::int8)::oid)::regclass)
    )
    SELECT 'the trigger `' || t.tgname || '`' FROM relations r JOIN pg_trigger t ON t.tgrelid = r.oid
    WHERE NOT t.tgisinternal AND t.tgenabled <> 'D'
    UNION
    SELECT 'the rule `' || w.rulename || '`' FROM relations r JOIN pg_rewrite w ON w.ev_class = r.oid
    WHERE w.ev_type <> '1'";

/// Looks the table up.
pub(crate) async fn find(session: &mut Session, name: &str) -> Result<Found, OpenError> {
    let doing = "looking the table up";
    let ask = async |session: &mut Session, sql: &str, params: Params<'_>| -> Result<Vec<Row>, OpenError> {
        session.query(doing, sql, params).await.map_err(OpenError::from)
    };
    // In one transaction, so that all answers are about the same table.
    session.begin(true).await?;
    let relation = ask(session, RELATION, &[&name]).await?;
    let relation = relation.first().ok_or_else(|| OpenError::NoTable(name.to_owned()))?;
    let oid: i64 = get(relation, 0)?;
    let quoted = format!("{}.{}", quoted(get(relation, 1)?), quoted(get(relation, 2)?));
    let version: i32 = get(relation, 5)?;
    if version < OLDEST {
        return Err(OpenError::Version(version));
    }
    let encoding: &str = get(relation, 6)?;
    if encoding != "UTF8" {
        return Err(OpenError::Encoding(encoding.to_owned()));
    }
    match get(relation, 3)? {
        "r" | "p" => {}
        kind => return Err(OpenError::NotATable { name: name.to_owned(), kind: kind_told(kind) }),
    }
    session.execute(doing, "SET LOCAL search_path = pg_catalog").await?;
    let columns = ask(session, COLUMNS, &[&oid]).await?;
    let columns = columns.iter().map(column).collect::<Result<Vec<_>, _>>()?;
    let uniques = ask(session, UNIQUES, &[&oid]).await?;
    let uniques = uniques.iter().map(unique).collect::<Result<Vec<_>, _>>()?;
    let found = ask(session, CONSTRAINTS, &[&oid]).await?;
    let mut hazards = Vec::new();
    let mut constraints = Vec::new();
    for row in &found {
        let constraint = Constraint {
            schema: get(row, 0)?,
            table: get(row, 1)?,
            name: get(row, 2)?,
            points_here: get(row, 4)?,
            columns: get(row, 5)?,
            known_as: get(row, 6)?,
        };
        let what = match get(row, 3)? {
            "c" => Some("the check"),
            "f" if !constraint.points_here => Some("the foreign key"),
            "x" => Some("the exclusion constraint"),
            _ => None,
        };
        hazards.extend(what.map(|what| format!("{what} `{}`", constraint.known_as)));
        constraints.push(constraint);
    }
    let fired = ask(session, TRIGGERS, &[&oid]).await?;
    for row in &fired {
        hazards.push(get(row, 0)?);
    }
    let others = ask(session, INDEXES, &[&oid]).await?;
    for row in &others {
        hazards.extend(get::<Option<String>>(row, 0)?);
    }
    if get(relation, 4)? {
        hazards.push("row level security".to_owned());
    }
    hazards.extend(
        columns.iter().filter(|column| column.generated).map(|column| format!("the computed column `{}`", column.name)),
    );
    let mut partitioned_by = Vec::new();
    for row in ask(session, PARTITIONED, &[&oid]).await? {
        partitioned_by = get(&row, 0)?;
        if get(&row, 1)? {
            partitioned_by.push("an expression".to_owned());
        }
    }
    session.commit().await?;
    Ok(Found {
        quoted,
        columns,
        uniques,
        partitioned_by,
        constraints,
        hazards,
        triggers: !fired.is_empty(),
        indexed: !others.is_empty(),
    })
}

fn get<'r, T: tokio_postgres::types::FromSql<'r>>(row: &'r Row, index: usize) -> Result<T, OpenError> {
    row.try_get(index).map_err(|error| Trouble::postgres("reading the catalog")(error).into())
}

fn kind_told(relkind: &str) -> &'static str {
    match relkind {
        "v" => "a view",
        "m" => "a materialized view",
        "f" => "a foreign table",
        "S" => "a sequence",
        "i" | "I" => "an index",
        _ => "no table",
    }
}

fn column(row: &Row) -> Result<Column, OpenError> {
    let (not_null_here, not_null_domains): (bool, Vec<String>) = (get(row, 6)?, get(row, 7)?);
    let own_default: bool = get(row, 8)?;
    let (identity, generated): (&str, &str) = (get(row, 10)?, get(row, 11)?);
    Ok(Column {
        name: get(row, 0)?,
        type_name: get(row, 1)?,
        base: Base::new(get(row, 2)?, get(row, 3)?, get(row, 4)?, get(row, 5)?, get(row, 13)?),
        not_null: not_null_here || !not_null_domains.is_empty(),
        not_null_here,
        not_null_domains,
        has_default: own_default || get::<bool>(row, 9)? || !identity.is_empty(),
        own_default,
        identity_always: identity == "a",
        generated: !generated.is_empty(),
        deterministic: get(row, 12)?,
    })
}

fn unique(row: &Row) -> Result<Unique, OpenError> {
    Ok(Unique {
        name: get(row, 0)?,
        columns: get(row, 1)?,
        valid: get(row, 2)?,
        deferrable: get(row, 3)?,
        partial: get(row, 4)?,
        has_expressions: get(row, 5)?,
        deterministic: get(row, 6)?,
    })
}
