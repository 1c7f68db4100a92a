//! Cases made from the contents of somebody's own resource: what is missing, of the wrong kind, unknown, merged.
//!
//! Nothing is known of the schema. A member may be optional, a store may take any JSON; so each case accepts a refusal
//! that is explained and changes nothing, or a success that GET confirms, and never something between the two.
//!
//! One file, because these cases share one idea of what a refusal and a success must show.

use serde_json::{Map, Value, json};

use super::case;
use super::checks::ensure;
use crate::case::{Case, Outcome};
use crate::http::{Request, Response};
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
    table.extend(super::values::cases(target));
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

pub(super) fn object(content: &[u8]) -> Map<String, Value> {
    match serde_json::from_slice(content) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

pub(super) fn text(members: &Map<String, Value>) -> String {
    Value::Object(members.clone()).to_string()
}

/// PUT that may be refused. `Some` holds what GET shows after a success.
pub(super) fn tried(
    run: &mut Run<'_>,
    path: &str,
    content: &[u8],
) -> Result<(Response, Option<Map<String, Value>>), String> {
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
pub(super) fn accepted(run: &mut Run<'_>, path: &str, content: &[u8]) -> Result<Map<String, Value>, String> {
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
