//! The statements as they are sent, to be read: a table with every kind of member.

use std::fs;

use super::*;

fn kept(member: &'static str, column: &str, type_name: &str, set_by: SetBy) -> Kept {
    Kept {
        member,
        column: column.to_owned(),
        type_name: type_name.to_owned(),
        set_by,
        by_database: set_by == SetBy::Server { at_creation: false, at_change: false },
        spelled: type_name.starts_with("numeric"),
        integer: type_name == "bigint",
        base: if type_name == "bigint" { Base::Integer(64) } else { Base::String(type_name.to_owned()) },
    }
}

/// `BLESS=1` writes the file anew.
#[test]
fn the_statements_are_those_in_the_file() {
    let columns = [
        kept("shelf", "shelf", "text", SetBy::Key { part: 0 }),
        kept("slot", "slot", "bigint", SetBy::Key { part: 1 }),
        kept("label", "Label", "character varying(40)", SetBy::Client),
        kept("price", "price", "numeric(12,2)", SetBy::Client),
        kept("owner", "owner", "uuid", SetBy::Immutable),
        kept(
            "createdAt",
            "created_at",
            "timestamp with time zone",
            SetBy::Server { at_creation: true, at_change: false },
        ),
        kept(
            "updatedAt",
            "updated_at",
            "timestamp with time zone",
            SetBy::Server { at_creation: true, at_change: true },
        ),
        kept("serial", "serial", "bigint", SetBy::Server { at_creation: false, at_change: false }),
        kept("version", "version", "bigint", SetBy::Version { max: u64::MAX }),
    ];
    let sql = Sql::new("\"shop\".\"slots\"", &columns, Some("updatedAt"), false);
    let statements = [
        ("write", &sql.write),
        ("look, locked", &sql.look_locked),
        ("free", &sql.free),
        ("get", &sql.get),
        ("delete, guarded", &sql.delete_guarded),
        ("list, after", &sql.list_after),
    ];
    let text = statements.map(|(name, statement)| format!("-- {name}\n{statement};\n\n")).concat();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/sql/statements.sql");
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, &text).unwrap();
    }
    assert_eq!(text, fs::read_to_string(path).unwrap_or_default(), "read the difference, then run this with BLESS=1");
}
