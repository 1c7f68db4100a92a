//! Cases made from the contents of somebody's own resource: one JSON value may be written in many ways, and what a value
//! is, it stays.

use serde_json::{Map, Value, json};

use super::case;
use super::checks::ensure;
use super::derived::{accepted, object, text, tried};
use crate::case::{Case, Outcome};
use crate::judgement::same;
use crate::run::Run;
use crate::target::Target;

/// The cases for this target.
pub(super) fn cases(target: &Target) -> Vec<Case> {
    let mut table = Vec::new();
    spellings(&mut table, target);
    numbers(&mut table, target);
    table
}

/// One JSON value may be written in many ways; and what is no JSON is not stored as if it were.
fn spellings(table: &mut Vec<Case>, target: &Target) {
    let way = |name: &str, rows: &[&'static str], write: fn(&Map<String, Value>) -> String| {
        case(format!("content {name}"), rows).any().present().script(move |run| {
            let path = run.path().to_owned();
            let content = write(&object(&run.replacement()));
            let (plain, shown) = (object(&run.replacement()), accepted(run, &path, content.as_bytes())?);
            let changed = plain.iter().find(|(name, value)| !shown.get(*name).is_some_and(|shown| same(value, shown)));
            ensure(changed.is_none(), || {
                format!("PUT-03: {changed:?} is shown as {:?}", changed.and_then(|(name, _)| shown.get(name)))
            })
        })
    };
    table.push(way("with its members in another order", &["JSN-12"], |members| {
        let turned: Vec<String> =
            members.iter().rev().map(|(name, value)| format!("{}:{value}", json!(name))).collect();
        format!("{{{}}}", turned.join(","))
    }));
    table.push(way("with white space wherever it may stand", &["JSN-03"], |members| {
        format!(" \r\n\t{} \n", serde_json::to_string_pretty(members).unwrap_or_default())
    }));
    table.push(way("with its names escaped", &["JSN-03", "JSN-13"], |members| {
        let each = |(name, value): (&String, &Value)| {
            let units: Vec<String> = name.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
            let units = units.concat();
            format!("\"{units}\":{value}")
        };
        format!("{{{}}}", members.iter().map(each).collect::<Vec<_>>().join(","))
    }));
    let Some(place) = target.free.clone() else { return };
    if target.content(0, target.own()).pointer(&place).is_some_and(Value::is_string) {
        for (word, value) in [
            ("a character beyond the BMP", "\u{1f600}"),
            ("U+0000", "a\u{0}b"),
            ("quotes and backslashes", "\"\\ /"),
            ("a decomposed letter", "e\u{301}"),
            ("a composed letter", "\u{e9}"),
            ("lines and tabs", "a\n\tb\r"),
            ("markup", "<b>&amp;</b>"),
            ("what looks like SQL", "'; DROP TABLE things; --"),
        ] {
            let place = place.clone();
            table.push(
                case(format!("{word} in a text is kept or refused"), &["PUT-03", "JSN-11"])
                    .any()
                    .present()
                    .script(move |run| placed(run, &place, &json!(value))),
            );
        }
    }
}

/// Numbers that a double cannot hold: kept to the digit, or refused.
fn numbers(table: &mut Vec<Case>, target: &Target) {
    let content = target.content(1, target.own());
    for name in target.members() {
        if !content.get(&name).is_some_and(Value::is_number) {
            continue;
        }
        for digits in ["9007199254740993", "12345678901234567890", "1e400"] {
            let name = name.clone();
            table.push(
                case(format!("{digits} in {name:?} is kept or refused"), &["JSN-08"])
                    .should()
                    .any()
                    .present()
                    .script(move |run| number_kept(run, &name, digits)),
            );
        }
    }
}

fn number_kept(run: &mut Run<'_>, name: &str, digits: &str) -> Outcome {
    let path = run.path().to_owned();
    let mut content = object(&run.replacement());
    content.insert(name.to_owned(), json!("@number@"));
    // Written by hand, because not every number that JSON can write is one that a program can hold.
    let response = run.put(&path, text(&content).replace("\"@number@\"", digits))?;
    ensure(response.status < 500, || format!("JSN-08: PUT answered {}", response.status))?;
    if !response.is_success() {
        return run.unchanged();
    }
    let shown = run.get(&path)?;
    let kept = if let Ok(number) = digits.parse::<u64>() {
        object(&shown.content).get(name) == Some(&json!(number))
    } else {
        // The ways to write it that a server may choose.
        let shown = String::from_utf8_lossy(&shown.content).to_lowercase();
        ["1e400", "1e+400", &format!("1{}", "0".repeat(400))].iter().any(|way| shown.contains(way))
    };
    ensure(kept, || format!("JSN-08: {digits} was acknowledged and is {:?}", object(&shown.content).get(name)))
}

/// A value in the free place is stored as it is, or refused.
fn placed(run: &mut Run<'_>, place: &str, value: &Value) -> Outcome {
    let path = run.path().to_owned();
    let mut content = Value::Object(object(&run.original()));
    if let Some(leaf) = content.pointer_mut(place) {
        leaf.clone_from(value);
    }
    match tried(run, &path, content.to_string().as_bytes())? {
        (_, Some(shown)) => {
            let shown = Value::Object(shown);
            ensure(shown.pointer(place).is_some_and(|shown| same(value, shown)), || {
                format!("PUT-03: {value} was acknowledged and is {:?}", shown.pointer(place))
            })
        }
        (_, None) => run.unchanged(),
    }
}
