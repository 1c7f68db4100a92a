//! A key part as a column, so that SQLite's order is the order of [`Key`](put_core::store::Key).
//!
//! SQLite puts every INTEGER before every TEXT and compares texts by their octets, which is the order wanted. What
//! does not fit is a number above `i64::MAX`: it becomes a text that begins with U+0001 and has twenty digits. A text
//! that would stand among those, because it is empty or begins with U+0000 or U+0001, is marked with U+0001 and a
//! colon, which is greater than any digit. Every other text, and so every key a person would choose, is kept as it is.

use put_core::store::KeyPart;
use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};

/// What a marked text begins with.
const MARK: char = '\u{1}';

/// A key part on its way into a statement.
pub(crate) struct KeyColumn<'a>(pub(crate) &'a KeyPart);

impl ToSql for KeyColumn<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            KeyPart::Integer(number) => ToSqlOutput::Owned(match i64::try_from(*number) {
                Ok(number) => Value::Integer(number),
                Err(_) => Value::Text(format!("{MARK}{number:020}")),
            }),
            KeyPart::Text(text) if text.chars().next().is_none_or(|first| first <= MARK) => {
                ToSqlOutput::Owned(Value::Text(format!("{MARK}:{text}")))
            }
            KeyPart::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        })
    }
}

/// The key part of a column; `None` if it is nothing that this store writes.
pub(crate) fn read(column: ValueRef<'_>) -> Option<KeyPart> {
    match column {
        ValueRef::Integer(number) => Some(KeyPart::Integer(number.into())),
        ValueRef::Text(text) => {
            let text = std::str::from_utf8(text).ok()?;
            Some(match text.strip_prefix(MARK) {
                None => KeyPart::Text(text.into()),
                Some(marked) => match marked.strip_prefix(':') {
                    Some(text) => KeyPart::Text(text.into()),
                    None => KeyPart::Integer(marked.parse().ok()?),
                },
            })
        }
        ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    fn parts() -> Vec<KeyPart> {
        let integers = [i64::MIN.into(), -1, 0, 7, 10, i64::MAX.into(), i128::from(i64::MAX) + 1, u64::MAX.into()];
        let texts = [
            "",
            "\0",
            "\0a",
            "\u{1}",
            "\u{1}09223372036854775808",
            "\u{1}:",
            "\u{2}",
            " ",
            "\"",
            "'",
            "''",
            "/",
            "10",
            "9",
            ":",
            "A",
            "a",
            "a\0b",
            "ab",
            "aé",
            "\u{ffff}",
            "🦀",
        ];
        integers.into_iter().map(KeyPart::Integer).chain(texts.map(|text| KeyPart::Text(text.into()))).collect()
    }

    #[test]
    fn the_order_of_the_column_is_the_order_of_the_key_and_every_part_comes_back() {
        let expected = parts();
        assert!(expected.is_sorted(), "the table above is written in the order of KeyPart");
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t (key ANY PRIMARY KEY) STRICT, WITHOUT ROWID").unwrap();
        for part in expected.iter().rev() {
            connection.execute("INSERT INTO t VALUES (?1)", [KeyColumn(part)]).unwrap();
        }
        let mut statement = connection.prepare("SELECT key FROM t ORDER BY key").unwrap();
        let rows = statement.query_map([], |row| Ok(read(row.get_ref(0)?))).unwrap();
        let found: Vec<_> = rows.map(|row| row.unwrap().unwrap()).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_a_person_would_choose_is_kept_as_it_is() {
        for text in ["alice", "a b", "+1", "'quoted'", "日本"] {
            let part = KeyPart::Text(text.into());
            let column = KeyColumn(&part);
            assert_eq!(column.to_sql().unwrap(), ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())));
        }
    }
}
