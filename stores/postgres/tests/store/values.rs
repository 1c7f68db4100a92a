//! A value survives exactly, or the answer shows what has become of it; and what somebody else writes is read as it is.
//!
//! One file, because its tables are read by the same few functions.

use std::collections::BTreeMap;

use put_conformance::store::block_on;
use put_core::store::{Outcome, State};
use put_core::{Condition, Precondition, PutResource};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::opened::{Cell, Opened, state, text, told};
use crate::support::{Schema, has_extension};

/// A table with one column, and its store.
fn table<T>(schema: &Schema, name: &str, declaration: &str) -> Opened<Cell<T>>
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    schema.sql(&format!(
        "SET synchronous_commit = off; CREATE TABLE {name} (id int8 PRIMARY KEY, value {declaration} NOT NULL)"
    ));
    Opened::new(schema, name)
}

/// Writes the value and says what is there then.
fn kept<T>(opened: &Opened<Cell<T>>, id: i64, value: T) -> T
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let cell = Cell { id, value };
    let state = opened.write(&cell);
    opened.is_steady(&opened.key(&cell), &state).unwrap();
    opened.read(state.json()).value
}

#[test]
fn every_character_survives() {
    let Some(schema) = Schema::new("characters") else { return };
    // Each beside the next one.
    let all: Vec<char> = (1..=u32::from(char::MAX)).filter_map(char::from_u32).collect();
    let texts = table::<String>(&schema, "texts", "text");
    let begin =
        |(chunk, id): (&[char], i64)| texts.begin(&Cell { id, value: chunk.iter().collect() }, Precondition::none());
    let replies: Vec<_> = all.chunks(0x8000).zip(0..).map(begin).collect();
    let written: Vec<char> = replies
        .into_iter()
        .flat_map(|reply| texts.read(state(block_on(reply).unwrap()).json()).value.chars().collect::<Vec<_>>())
        .collect();
    assert!(written == all, "{:?}", written.iter().zip(&all).find(|(written, sent)| written != sent));
}

#[test]
fn a_character_survives_in_every_kind_of_column() {
    let Some(schema) = Schema::new("characters") else { return };
    let many: String = (1..=u32::from(char::MAX)).step_by(61).chain(1..0x300).filter_map(char::from_u32).collect();
    let accents: String = ('a'..='z').flat_map(|letter| [letter, '\u{301}', '\u{325}']).collect();
    let edges = "\u{1}\u{7f}\u{80}\u{d7ff}\u{e000}\u{feff}\u{fffd}\u{fffe}\u{ffff}\u{10000}\u{10ffff}".to_owned();
    let all = vec![many, accents, edges, "\\u0000 \\\\u0000 \\".to_owned()];
    for (name, declaration) in [("texts", "text"), ("documents", "jsonb"), ("verbatim", "json"), ("codes", "varchar")] {
        let opened = table::<String>(&schema, name, declaration);
        for (text, id) in all.iter().zip(1..) {
            assert_eq!(kept(&opened, id, text.clone()), *text, "{declaration}");
        }
    }
    let lists = table::<Vec<String>>(&schema, "lists", "text[]");
    assert_eq!(kept(&lists, 1, all.clone()), all);
    let maps = table::<BTreeMap<String, String>>(&schema, "maps", "jsonb");
    let map: BTreeMap<String, String> = all.iter().map(|text| (text.clone(), text.clone())).collect();
    assert_eq!(kept(&maps, 1, map.clone()), map);
}

#[test]
fn a_key_may_have_every_character() {
    #[derive(Serialize, Deserialize, PutResource)]
    #[put(path = "/named/{a}/{b}")]
    struct Named {
        #[put(key)]
        a: String,
        #[put(key)]
        b: String,
    }
    let Some(schema) = Schema::new("keys") else { return };
    schema.sql("CREATE TABLE named (a text COLLATE \"und-x-icu\", b text COLLATE \"C\", PRIMARY KEY (a, b))");
    let opened: Opened<Named> = Opened::new(&schema, "named");
    let texts =
        ["a", "A", "á", "a\u{301}", " a", "a ", "'", "\"", "\\", "\u{1}", "\u{ffff}", "\u{10ffff}", "{}", "NULL"];
    for a in texts {
        for b in texts {
            let named = Named { a: a.to_owned(), b: b.to_owned() };
            let Ok(Outcome::Created(state)) = opened.put(&named) else { panic!("{a:?} {b:?} is a key of its own") };
            assert_eq!(opened.get(&opened.key(&named)), Some(state));
        }
    }
    // In the order of their octets, whatever the collation.
    let listed = block_on(opened.store.list(None, 1000)).unwrap();
    let keys: Vec<_> = listed.iter().map(|state| opened.key(&opened.read(state.json()))).collect();
    assert_eq!(keys.len(), texts.len() * texts.len());
    assert!(keys.is_sorted(), "{keys:?}");
    let after = block_on(opened.store.list(Some(keys[100].clone()), 1000)).unwrap();
    assert_eq!(after[..], listed[101..]);
}

#[test]
fn the_character_that_a_text_cannot_have_is_told_where_it_is() {
    #[derive(Serialize, Deserialize, PutResource)]
    #[put(path = "/notes/{name}")]
    struct Note {
        #[put(key)]
        name: String,
        text: String,
        list: Vec<String>,
        more: Value,
    }
    let Some(schema) = Schema::new("nul") else { return };
    schema.sql("CREATE TABLE notes (name text PRIMARY KEY, text text NOT NULL, list text[] NOT NULL, more json)");
    let notes: Opened<Note> = Opened::new(&schema, "notes");
    let note = |name: &str, text: &str| Note {
        name: name.to_owned(),
        text: text.to_owned(),
        list: vec!["\u{0}".to_owned(), String::new(), "a\u{0}".to_owned()],
        more: json!({"a/b": {"\u{0}": ["x\u{0}"]}, "c": "\\u0000"}),
    };
    let Outcome::Invalid(violations) = notes.put(&note("a\u{0}", "b\u{0}c")).unwrap() else {
        panic!("it cannot be kept")
    };
    let places =
        ["/list/0", "/list/2", "/more/a~1b/\u{0}", "/more/a~1b/\u{0}/0", "/name", "/text"].map(|place| (place, None));
    assert_eq!(told(&violations), places);
    assert_eq!(notes.get(&notes.key(&note("a\u{0}", ""))), None, "there is no such key");
    let plain = Note { list: Vec::new(), more: json!("\\u0000"), ..note("a", "\\u0000") };
    let before = notes.write(&plain);
    // What is demanded of the current state comes first.
    let Outcome::Failed(failed) = notes.put_if(&note("a", ""), Precondition::if_none_match_any()).unwrap() else {
        panic!("it is there")
    };
    assert_eq!((failed.condition, failed.tag()), (Condition::IfNoneMatch, Some(before.tag())));
    let current = Precondition::if_match(before.tag().clone());
    assert!(matches!(notes.put_if(&note("a", ""), current), Ok(Outcome::Invalid(_))));
    assert_eq!(notes.get(&notes.key(&plain)), Some(before));
}

#[test]
fn every_number_survives() {
    let Some(schema) = Schema::new("floats") else { return };
    let floats = table::<f64>(&schema, "floats", "float8");
    let documents = table::<Vec<f64>>(&schema, "documents", "jsonb");
    let edges = [
        0.0,
        -0.0,
        f64::MIN_POSITIVE,
        f64::from_bits(1),
        f64::MAX,
        f64::MIN,
        f64::EPSILON,
        0.1 + 0.2,
        1.0 / 3.0,
        9_007_199_254_740_993.0,
        1e22,
        1e23,
        123_456_789_012_345_680.0,
    ];
    let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
    let random = std::iter::repeat_with(|| {
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        f64::from_bits(bits)
    });
    let all: Vec<f64> = edges.into_iter().chain(random.filter(|number| number.is_finite()).take(500)).collect();
    let replies: Vec<_> = all
        .iter()
        .zip(0..)
        .map(|(value, id)| floats.begin(&Cell { id, value: *value }, Precondition::none()))
        .collect();
    for (reply, value) in replies.into_iter().zip(&all) {
        let state = state(block_on(reply).unwrap());
        assert_eq!(floats.read(state.json()).value.to_bits(), value.to_bits(), "{value:e}: {}", text(&state));
    }
    // A jsonb keeps a number in decimal digits, where there is no negative nothing.
    let same: Vec<f64> = all.iter().map(|value| value + 0.0).collect();
    assert!(kept(&documents, 1, same.clone()) == same);
    let integers = table::<Vec<i64>>(&schema, "integers", "int8[]");
    let all: Vec<i64> =
        (0..63).flat_map(|bit| [1_i64 << bit, (1 << bit) - 1, -(1 << bit) - 1]).chain([i64::MIN]).collect();
    assert_eq!(kept(&integers, 1, all.clone()), all);
    let exact = table::<String>(&schema, "exact", "numeric(38,10)");
    for digits in ["9999999999999999999999999999.9999999999", "-0.0000000001", "0.0000000000", "1234567890.0987654321"]
    {
        assert_eq!(kept(&exact, 1, digits.to_owned()), digits);
    }
}

#[test]
fn what_is_deep_or_large_survives() {
    let Some(schema) = Schema::new("large") else { return };
    for (name, declaration) in [("binaries", "jsonb"), ("verbatim", "json")] {
        let documents = table::<Value>(&schema, name, declaration);
        let deep = (0..120).fold(json!({"": []}), |inner, level| match level % 2 {
            0 => json!([inner]),
            _ => json!({ "a": inner }),
        });
        assert_eq!(kept(&documents, 1, deep.clone()), deep, "{declaration}");
        let wide: Value = (0..1000).map(|number| json!({"name": format!("x{number}"), "number": number})).collect();
        assert_eq!(kept(&documents, 2, wide.clone()), wide, "{declaration}");
    }
    let texts = table::<String>(&schema, "texts", "text");
    let large = "ü".repeat(300_000);
    assert!(kept(&texts, 1, large.clone()) == large);
}

#[derive(Debug, Serialize, Deserialize, PutResource)]
#[put(path = "/notes/{id}")]
struct Note {
    #[put(key)]
    id: i64,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default = "seven")]
    stars: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    more: BTreeMap<String, i64>,
}

fn seven() -> i64 {
    7
}

#[test]
fn null_is_absence_where_a_type_reads_no_null() {
    let Some(schema) = Schema::new("absence") else { return };
    schema.sql(
        "CREATE TABLE notes (id int8 PRIMARY KEY, tags text[], stars int8, title text, more jsonb);
        INSERT INTO notes VALUES (1)",
    );
    let notes: Opened<Note> = Opened::new(&schema, "notes");
    let note = |json: &str| notes.read(json.as_bytes());
    let absent = note(r#"{"id":1}"#);
    let key = notes.key(&absent);
    let found = notes.get(&key).unwrap();
    assert_eq!(text(&found), r#"{"id":1,"tags":[],"stars":7}"#);
    // What a default stands for is not written until somebody writes it, but it is the same state.
    let full = note(r#"{"id":1,"tags":["x"],"stars":1,"title":"t","more":{"a":1}}"#);
    for precondition in [Precondition::if_match(found.tag().clone()), Precondition::if_match_any()] {
        let Outcome::Replaced(state) = notes.put_if(&full, precondition).unwrap() else { panic!("it is another") };
        assert_eq!(text(&state), r#"{"id":1,"tags":["x"],"stars":1,"title":"t","more":{"a":1}}"#);
        notes.is_steady(&key, &state).unwrap();
        let Outcome::Replaced(state) = notes.put(&absent).unwrap() else { panic!("it is another") };
        assert_eq!((text(&state), state.tag()), (text(&found), found.tag()));
        notes.is_steady(&key, &state).unwrap();
        schema.sql("UPDATE notes SET tags = NULL, stars = NULL");
        assert_eq!(notes.get(&key).as_ref(), Some(&state), "nobody sees the difference");
    }
    schema.sql("UPDATE notes SET more = 'null'");
    assert_eq!(text(&notes.get(&key).unwrap()), text(&found));
}

/// Each row is put back, and says what came of it.
fn back<T>(schema: &Schema, table: &str, except: &[i64]) -> Vec<String>
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let opened: Opened<Cell<T>> = Opened::new(schema, table);
    let states = block_on(opened.store.list(None, 100)).unwrap();
    assert!(states.len() > 2);
    let steady = |state: &State| {
        let cell = opened.read(state.json());
        let steady = opened.is_steady(&opened.key(&cell), state);
        steady.err().filter(|_| !except.contains(&cell.id)).map(|why| format!("{table}: {why}"))
    };
    states.iter().filter_map(steady).collect()
}

#[test]
fn what_somebody_else_wrote_is_put_back_unchanged() {
    let Some(schema) = Schema::new("others") else { return };
    schema.sql(
        r#"CREATE TABLE documents (id int8 PRIMARY KEY, value json);
        INSERT INTO documents VALUES (1, ' { "b" : 1.50, "a" : [ 1 , "x" ] } '), (2, 'null'), (3, NULL),
            (4, '"\u0041\/"'), (5, '{"a":"\u0000"}');
        CREATE TABLE binaries (id int8 PRIMARY KEY, value jsonb);
        INSERT INTO binaries VALUES (1, '{"b": 1, "a": [1, "x"]}'), (2, 'null'), (3, NULL), (4, '1'), (5, '"a"');
        CREATE TABLE texts (id int8 PRIMARY KEY, value char(9));
        INSERT INTO texts VALUES (1, 'a'), (2, ''), (3, NULL);
        CREATE TABLE times (id int8 PRIMARY KEY, value timestamptz);
        INSERT INTO times VALUES (1, '2024-02-29 12:00:00.5+02'), (2, 'infinity'), (3, NULL), (4, '4713-01-01 BC')"#,
    );
    let none = [""; 0];
    // A json is a text: what is spelled otherwise is another one. And U+0000 can never be put.
    assert_eq!(back::<Value>(&schema, "documents", &[1, 4, 5]), none);
    assert_eq!(back::<Value>(&schema, "binaries", &[]), none);
    assert_eq!(back::<Option<String>>(&schema, "texts", &[]), none);
    assert_eq!(back::<Option<String>>(&schema, "times", &[]), none);
    let documents: Opened<Cell<Value>> = Opened::new(&schema, "documents");
    // Not the one, but it can be replaced.
    let odd = Cell { id: 5, value: json!({"a": "b"}) };
    assert_eq!(text(&documents.get(&documents.key(&odd)).unwrap()), r#"{"id":5,"value":{"a":"\u0000"}}"#);
    assert!(matches!(documents.put(&odd), Ok(Outcome::Replaced(_))));
}

#[test]
fn a_change_that_only_an_equality_does_not_see_is_a_change() {
    let Some(schema) = Schema::new("equal") else { return };
    schema.sql(
        "CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
        CREATE DOMAIN strict AS text COLLATE \"C\"",
    );
    let has_citext = has_extension(&schema, "citext");
    for (number, (declaration, from, to)) in [
        ("text COLLATE loose", "Résumé", "resume"),
        ("strict COLLATE \"POSIX\"", "a", "b"),
        ("interval", "P1D", "PT24H"),
        ("numeric", "1.0", "1.00"),
        ("char(5)", "a", "b"),
        ("text COLLATE \"C\"", "a", "a "),
        ("text", "\u{e9}", "e\u{301}"),
        ("timetz", "12:00:00+00", "13:00:00+01"),
        ("public.citext", "Ada", "ADA"),
    ]
    .into_iter()
    .filter(|(declaration, ..)| !declaration.contains("citext") || has_citext)
    .enumerate()
    {
        let opened = table::<String>(&schema, &format!("t{number}"), declaration);
        let cell = |value: &str| Cell { id: 1, value: value.to_owned() };
        let before = opened.write(&cell(from));
        for precondition in [Precondition::none(), Precondition::if_match(before.tag().clone())] {
            opened.write(&cell(from));
            let outcome = opened.put_if(&cell(to), precondition).unwrap();
            let Outcome::Replaced(state) = &outcome else { panic!("{declaration}: {outcome:?}") };
            assert_ne!(state.tag(), before.tag(), "{declaration}");
            assert!(opened.read(state.json()).value.starts_with(to), "{declaration}: {}", text(state));
        }
    }
}

#[test]
fn what_somebody_else_changes_has_another_tag() {
    let Some(schema) = Schema::new("tags") else { return };
    let cells = table::<i64>(&schema, "cells", "int8");
    let cell = |value| Cell { id: 1, value };
    let before = cells.write(&cell(1));
    let current = || Precondition::if_match(before.tag().clone());
    schema.sql("UPDATE cells SET value = 2");
    let now = cells.get(&cells.key(&cell(1))).unwrap();
    assert_ne!(now.tag(), before.tag());
    for value in [1, 2, 3] {
        let Outcome::Failed(failed) = cells.put_if(&cell(value), current()).unwrap() else { panic!("it has changed") };
        assert_eq!((failed.condition, failed.tag()), (Condition::IfMatch, Some(now.tag())));
    }
    let Outcome::Unchanged(same) = cells.put_if(&cell(2), current().accept_replay()).unwrap() else {
        panic!("it is that")
    };
    assert_eq!(same, now);
    schema.sql("UPDATE cells SET value = 1");
    assert!(matches!(cells.put_if(&cell(3), current()), Ok(Outcome::Replaced(_))), "it is what it was");
    schema.sql("DELETE FROM cells");
    let Outcome::Failed(failed) = cells.put_if(&cell(3), current()).unwrap() else { panic!("it is gone") };
    assert_eq!(failed.current, None);
    schema.sql("INSERT INTO cells VALUES (1, 5)");
    assert!(matches!(cells.put_if(&cell(3), Precondition::if_none_match_any()), Ok(Outcome::Failed(_))));
}
