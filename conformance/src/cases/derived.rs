//! Cases made from the contents of somebody's own resource: what is missing, of the wrong kind, unknown, merged.
//!
//! Nothing is known of the schema. A member may be optional, a store may take any JSON; so each case accepts a refusal
//! that is explained and changes nothing, or a success that GET confirms, and never something between the two.

use serde_json::{Map, Value, json};

use super::case;
use super::checks::ensure;
use crate::case::{Case, Outcome};
use crate::http::{Request, Response};
use crate::judgement::same;
use crate::run::Run;
use crate::subject::Profile;
use crate::target::Target;

/// The cases for this target.
pub(crate) fn derived(target: &Target) -> Vec<Case> {
    let mut table = Vec::new();
    let members = target.members();
    for name in &members {
        missing(&mut table, name);
        wrong(&mut table, name, &target.content(1, target.own()));
    }
    together(&mut table, &members);
    wrong_together(&mut table, &members);
    unknown(&mut table);
    spellings(&mut table, target);
    numbers(&mut table, target);
    table.push(
        case("what is left after a replacement does not depend on what was there", &["PUT-04", "PUT-03"])
            .any()
            .needs(crate::Need::Creation)
            .present()
            .script(|run| {
                let path = run.path().to_owned();
                let replaced = accepted(run, &path, &run.replacement())?;
                let (fresh, key) = run.another();
                let content = run.second_of(&key);
                let created = accepted(run, &fresh, &content)?;
                let names = [object(&run.original()), object(&run.replacement())].map(|members| members.into_iter().map(|(name, _)| name));
                for name in names.into_iter().flatten() {
                    let (over, anew) = (replaced.get(&name), created.get(&name));
                    let keyed = anew.is_some_and(|value| value.to_string().contains(&key));
                    ensure(keyed || over == anew, || {
                        format!("PUT-04: {name:?} is {over:?} after the replacement, and {anew:?} when the same content creates")
                    })?;
                }
                Ok(())
            }),
    );
    table
}

fn object(content: &[u8]) -> Map<String, Value> {
    match serde_json::from_slice(content) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

fn text(members: &Map<String, Value>) -> String {
    Value::Object(members.clone()).to_string()
}

/// PUT that may be refused. `Some` holds what GET shows after a success.
fn tried(run: &mut Run<'_>, path: &str, content: &[u8]) -> Result<(Response, Option<Map<String, Value>>), String> {
    let request = Request::put(path).json(content);
    let response = run.send(&request)?;
    if response.is_success() {
        run.stored_as_told(&request, &response)?;
        let shown = run.get(path)?;
        return Ok((response, Some(object(&shown.content))));
    }
    ensure(response.status < 500, || format!("PUT answered {}", response.status))?;
    ensure(response.is_error(), || format!("PUT answered {}", response.status))?;
    Ok((response, None))
}

/// PUT of content that was called good.
fn accepted(run: &mut Run<'_>, path: &str, content: &[u8]) -> Result<Map<String, Value>, String> {
    let (response, shown) = tried(run, path, content)?;
    shown.ok_or_else(|| format!("good content was refused with {}", response.status))
}

/// A refusal of content that does not fit: its status, and under this project's profile its pointer.
fn refused(run: &mut Run<'_>, response: &Response, names: &[String]) -> Outcome {
    run.unchanged()?;
    if run.profile() == Profile::Rfc {
        return ensure([400, 403, 409, 415, 422].contains(&response.status), || {
            format!("PUT-09: content that does not fit was refused with {}", response.status)
        });
    }
    ensure(response.status == 422, || {
        format!("JSN-16: content that is JSON and does not fit was refused with {}", response.status)
    })?;
    let problem = response.json().unwrap_or_default();
    let errors = problem.get("errors").and_then(Value::as_array).cloned().unwrap_or_default();
    let pointers: Vec<&str> = errors.iter().filter_map(|error| error.get("pointer")?.as_str()).collect();
    let unnamed = names.iter().find(|name| {
        let whole = format!("#/{}", fragment(name));
        !pointers.iter().any(|pointer| *pointer == whole || pointer.starts_with(&format!("{whole}/")))
    });
    ensure(unnamed.is_none(), || format!("PRB-08: the violations point at {pointers:?}, not at {unnamed:?}"))
}

/// A member name as a JSON Pointer has it in a URI fragment.
fn fragment(name: &str) -> String {
    let escaped = name.replace('~', "~0").replace('/', "~1");
    escaped
        .bytes()
        .map(|octet| match octet {
            octet if octet.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&octet) => {
                char::from(octet).to_string()
            }
            octet => format!("%{octet:02X}"),
        })
        .collect()
}

/// The same incomplete content over two states: what is left out is refused, or cleared, but never kept.
fn missing(table: &mut Vec<Case>, name: &str) {
    let name = name.to_owned();
    table.push(case(format!("content without {name:?}"), &["PUT-04", "PUT-09"]).any().present().script(move |run| {
        let path = run.path().to_owned();
        let mut partial = object(&run.replacement());
        partial.remove(&name);
        let (response, over_first) = tried(run, &path, text(&partial).as_bytes())?;
        let Some(over_first) = over_first else { return refused(run, &response, std::slice::from_ref(&name)) };
        accepted(run, &path, &run.replacement())?;
        let over_second = accepted(run, &path, text(&partial).as_bytes())?;
        let (first, second) = (over_first.get(&name), over_second.get(&name));
        ensure(first == second, || {
            format!("PUT-04: a PUT without {name:?} keeps what was there: it is {first:?} over one state, {second:?} over another")
        })
    }));
}

/// Values of other kinds than the member has.
fn wrong(table: &mut Vec<Case>, name: &str, content: &Value) {
    let others: &[(&str, Value)] = match content.get(name) {
        Some(Value::String(_)) => &[("a number", json!(5)), ("a list", json!(["x"])), ("an object", json!({"x": 1}))],
        Some(Value::Number(_)) => {
            &[("a text", json!("five")), ("a text of digits", json!("5")), ("a boolean", json!(true))]
        }
        Some(Value::Bool(_)) => &[("a text", json!("true")), ("a number", json!(1))],
        Some(Value::Array(_)) => &[("a text", json!("x")), ("an object", json!({"x": 1}))],
        Some(Value::Object(_)) => &[("a text", json!("x")), ("a list of numbers", json!([1]))],
        _ => return,
    };
    for (kind, value) in others {
        let (name, value) = (name.to_owned(), value.clone());
        table.push(case(format!("{kind} in {name:?}"), &["PUT-09", "PUT-03", "JSN-16"]).any().present().script(
            move |run| {
                let path = run.path().to_owned();
                let mut content = object(&run.replacement());
                content.insert(name.clone(), value.clone());
                // A success must be a true one: what `tried` has checked is that GET shows this value.
                match tried(run, &path, text(&content).as_bytes())? {
                    (response, None) => refused(run, &response, std::slice::from_ref(&name)),
                    _ => Ok(()),
                }
            },
        ));
    }
}

/// Everything that is wrong is told at once.
fn together(table: &mut Vec<Case>, members: &[String]) {
    let members = members.to_vec();
    table.push(case("every missing member is told at once", &["PRB-08", "PUT-09"]).policy().open().present().script(
        move |run| {
            let path = run.path().to_owned();
            let mut required = Vec::new();
            for name in &members {
                let mut partial = object(&run.original());
                partial.remove(name);
                if tried(run, &path, text(&partial).as_bytes())?.1.is_none() {
                    required.push(name.clone());
                }
            }
            if required.is_empty() {
                return Err(run.not_applicable("no member is required here"));
            }
            accepted(run, &path, &run.original())?;
            run.look_again()?;
            let mut empty = object(&run.original());
            empty.retain(|name, _| !members.contains(name));
            let (response, shown) = tried(run, &path, text(&empty).as_bytes())?;
            ensure(shown.is_none(), || "each of these members is required, but not all together".to_owned())?;
            if run.profile() == Profile::Put { refused(run, &response, &required) } else { Ok(()) }
        },
    ));
}

/// As [`together`], for members of the wrong kind.
fn wrong_together(table: &mut Vec<Case>, members: &[String]) {
    let members = members.to_vec();
    table.push(case("every member of the wrong kind is told at once", &["PRB-08"]).policy().any().present().script(
        move |run| {
            let path = run.path().to_owned();
            let mut wrong = object(&run.original());
            let mut refused_alone = Vec::new();
            for name in &members {
                let mut content = object(&run.original());
                let value =
                    if content.get(name).is_some_and(Value::is_array) { json!("x") } else { json!([{"x": []}]) };
                content.insert(name.clone(), value.clone());
                if tried(run, &path, text(&content).as_bytes())?.1.is_none() {
                    refused_alone.push(name.clone());
                    wrong.insert(name.clone(), value);
                }
            }
            if refused_alone.len() < 2 {
                return Err(run.not_applicable("fewer than two members are of one kind only"));
            }
            accepted(run, &path, &run.original())?;
            run.look_again()?;
            let (response, shown) = tried(run, &path, text(&wrong).as_bytes())?;
            ensure(shown.is_none(), || "each of these values is refused, but not all together".to_owned())?;
            refused(run, &response, &refused_alone)
        },
    ));
}

fn unknown(table: &mut Vec<Case>) {
    for name in ["zzUnknown", "__proto__", "constructor"] {
        table.push(
            case(format!("an unknown member {name:?} is refused or kept"), &["JSN-14", "JSN-15"])
                .should()
                .any()
                .present()
                .script(move |run| {
                    let path = run.path().to_owned();
                    let mut content = object(&run.replacement());
                    content.insert(name.to_owned(), json!("x"));
                    match tried(run, &path, text(&content).as_bytes())? {
                        (response, None) => refused(run, &response, &[name.to_owned()]),
                        _ => Ok(()),
                    }
                }),
        );
    }
    table.push(
        case("content that names another key", &["PUT-09", "PUT-10"])
            .should()
            .any()
            .needs(crate::Need::Creation)
            .present()
            .script(|run| {
                let path = run.path().to_owned();
                let (other, key) = run.another();
                let content = run.second_of(&key);
                if content == run.replacement() {
                    return Err(run.not_applicable("the contents do not name the key"));
                }
                let response = run.put(&path, content)?;
                let elsewhere = run.get(&other)?.status;
                ensure(elsewhere != 200, || format!("PUT-10: the PUT of {path} has written {other}"))?;
                ensure(!response.is_success(), || {
                    format!("a key that is not that of the target was accepted with {}", response.status)
                })?;
                run.unchanged()
            }),
    );
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
