//! Conditions that many cases share.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use crate::case::{Check, Outcome};
use crate::http::{Request, Response};
use crate::run::Run;
use crate::subject::Profile;

/// The first field line of this name has this value, after the placeholders are filled in.
pub(super) fn has(name: &'static str, value: &'static str) -> Check {
    Arc::new(move |run, response| {
        let wanted = run.fill(value.as_bytes());
        match response.values(name).next() {
            Some(found) if found == wanted => Ok(()),
            found => Err(format!(
                "{name} is {:?}, not {:?}",
                found.map(String::from_utf8_lossy),
                String::from_utf8_lossy(&wanted)
            )),
        }
    })
}

/// There is no field line of this name.
pub(super) fn lacks(name: &'static str) -> Check {
    Arc::new(move |_, response| ensure(!response.has(name), || format!("there is a field {name}")))
}

/// The list field names exactly these, in any order and case.
pub(super) fn lists(name: &'static str, members: &'static [&'static str]) -> Check {
    Arc::new(move |_, response| {
        let found: BTreeSet<String> = response.list(name).iter().map(|member| member.to_ascii_lowercase()).collect();
        let wanted: BTreeSet<String> = members.iter().map(|member| member.to_ascii_lowercase()).collect();
        ensure(found == wanted, || format!("{name} lists {found:?}, not {wanted:?}"))
    })
}

/// The list field names at least this.
pub(super) fn lists_too(name: &'static str, member: &'static str) -> Check {
    Arc::new(move |_, response| {
        let found = response.list(name);
        ensure(found.iter().any(|one| one.eq_ignore_ascii_case(member)), || {
            format!("{name} lists {found:?}, without {member}")
        })
    })
}

/// The response has no content.
pub(super) fn empty() -> Check {
    Arc::new(|_, response| ensure(response.content.is_empty(), || "there is content".to_owned()))
}

/// The response carries the representation, says so, and has its tag.
pub(super) fn representation() -> Check {
    Arc::new(|run, response| {
        let path = run.path().to_owned();
        let shown = run.get(&path)?;
        ensure(response.content == shown.content && !shown.content.is_empty(), || {
            "the content is not the representation that GET shows".to_owned()
        })?;
        ensure(response.field("Content-Location") == Some(path.as_str()), || {
            format!("Content-Location is {:?}", response.field("Content-Location"))
        })
    })
}

/// The violations of the problem have exactly these pointers.
pub(super) fn pointers(wanted: &'static [&'static str]) -> Check {
    Arc::new(move |_, response| {
        let found = pointers_of(response);
        let wanted: BTreeSet<String> = wanted.iter().map(|pointer| (*pointer).to_owned()).collect();
        ensure(found == wanted, || format!("the violations point at {found:?}, not at {wanted:?}"))
    })
}

fn pointers_of(response: &Response) -> BTreeSet<String> {
    let problem = response.json().unwrap_or_default();
    let errors = problem.get("errors").and_then(Value::as_array).cloned().unwrap_or_default();
    errors.iter().filter_map(|error| error.get("pointer")?.as_str().map(str::to_owned)).collect()
}

/// The problem has a `detail` that is not empty.
pub(super) fn detail() -> Check {
    says(&[])
}

/// The problem, its violations included, has a detail that mentions all of these.
pub(super) fn says(words: &'static [&'static str]) -> Check {
    Arc::new(move |_, response| {
        let problem = response.json().unwrap_or_default();
        let mut text = problem.get("detail").and_then(Value::as_str).unwrap_or_default().to_owned();
        for error in problem.get("errors").and_then(Value::as_array).into_iter().flatten() {
            text.push('\n');
            text.push_str(error.get("detail").and_then(Value::as_str).unwrap_or_default());
        }
        ensure(!text.trim().is_empty(), || "the problem has no detail".to_owned())?;
        let missing = words.iter().find(|word| !text.contains(**word));
        ensure(missing.is_none(), || format!("the detail {text:?} does not mention {missing:?}"))
    })
}

/// A member of the problem has this value.
pub(super) fn member(name: &'static str, value: &'static str) -> Check {
    Arc::new(move |_, response| {
        let problem = response.json().unwrap_or_default();
        let found = problem.get(name);
        ensure(found.and_then(Value::as_str) == Some(value), || format!("member {name} is {found:?}, not {value:?}"))
    })
}

/// After a 2xx the member is stored with this value; after a refusal there is nothing to check.
pub(super) fn stored(name: &'static str, value: Value) -> Check {
    Arc::new(move |run, response| {
        if !response.is_success() {
            return Ok(());
        }
        let path = run.path().to_owned();
        let shown = run.get(&path)?.json().unwrap_or_default();
        ensure(shown.get(name) == Some(&value), || format!("{name} is stored as {:?}, not {value}", shown.get(name)))
    })
}

/// `Err` with this text unless the condition holds.
pub(super) fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(otherwise()) }
}

/// `Err` unless the response has one of these statuses.
pub(super) fn status(response: &Response, wanted: &[u16], what: &str) -> Outcome {
    ensure(wanted.contains(&response.status), || format!("{what} answered {}, expected {wanted:?}", response.status))
}

/// The tag of a response, or what is missing.
pub(super) fn tag_of(response: &Response) -> Result<String, String> {
    response.tag().map(str::to_owned).ok_or_else(|| format!("no ETag on the {}", response.status))
}

/// The tag of a path, by GET.
pub(super) fn tag_at(run: &mut Run<'_>, path: &str) -> Result<String, String> {
    let shown = run.get(path)?;
    status(&shown, &[200], "GET")?;
    tag_of(&shown)
}

/// The statuses that say that a PUT was performed. Which of them is right is judged by the cases about PUT itself;
/// beside a condition they count alike.
pub(super) const PERFORMED: &[u16] = &[200, 201, 202, 204];

/// `Err` unless the response has a status that the profile decides on or, where only the standards count, a fair one.
pub(super) fn fairly(run: &Run<'_>, response: &Response, decided: &[u16], fair: &[u16], what: &str) -> Outcome {
    let counted = run.counted(response.status);
    if run.profile() == Profile::Rfc && [decided, fair].iter().any(|statuses| statuses.contains(&counted)) {
        return Ok(());
    }
    status(response, decided, what)
}

/// A success must be a true one, and a refusal must have changed nothing.
pub(super) fn truly(run: &mut Run<'_>, request: &Request, response: &Response) -> Outcome {
    if request.method() == "PUT" && response.is_success() {
        run.stored_as_told(request, response)
    } else {
        run.unchanged()
    }
}

/// A PUT was a success; which one it has to be is for the cases about PUT-01 and PUT-02 to say.
pub(super) fn done(run: &Run<'_>, response: &Response) -> Outcome {
    fairly(run, response, &[200, 201], &[204], "PUT")
}

/// A GET shows that there is nothing.
pub(super) fn absent(run: &Run<'_>, response: &Response) -> Outcome {
    fairly(run, response, &[404], &[410], "GET")
}

/// What of a representation has the names of what was sent, at any depth.
pub(super) fn members_of(sent: &Value, shown: &Value) -> Value {
    let Value::Object(members) = sent else { return shown.clone() };
    let member = |(name, sent): (&String, &Value)| Some((name.clone(), members_of(sent, shown.get(name)?)));
    members.iter().filter_map(member).collect()
}
