//! Members of which what a client sends, or leaves out, is weighed against the current state: those that keep their
//! stored value when they are absent, those that are never shown, and echoes of what only the server sets.

use std::borrow::Cow;

use bytes::Bytes;

use crate::change::{Weighed, with_values};
use crate::content::{Entry, Source, with_buffer};
use crate::diagnose;
use crate::format::{Format, Known};
use crate::proposal::{Prepared, Refusal, Seen, Sorted};
use crate::resource::{Echo, Role};
use crate::scan::{Scan, scan};
use crate::violation::{Pointer, Violation};

/// What there is to weigh, and what is refused at once.
pub(crate) struct Members {
    weighed: Weighed,
    /// Echoes that the resource does not take.
    pub(crate) refused: Vec<Violation>,
}

impl Members {
    /// What is weighed, if anything is.
    pub(crate) fn take(&mut self) -> Option<Weighed> {
        let weighed = std::mem::take(&mut self.weighed);
        let is_nothing = weighed.kept.is_empty() && weighed.echoes.is_empty() && !weighed.rewrites;
        (!is_nothing).then_some(weighed)
    }
}

fn is_sent(scan: &Scan<'_>, known: &Known) -> bool {
    scan.members.iter().any(|found| found.name == known.fact.name || known.fact.aliases.contains(&&*found.name))
}

/// Takes the values over that stay, and notes the rest.
pub(crate) fn of_members(
    format: &Format,
    content: &Scan<'_>,
    sorted: &mut Sorted<'_>,
    seen: Seen<'_>,
) -> Result<Members, Refusal> {
    let mut members = Members { weighed: Weighed::default(), refused: Vec::new() };
    let absent: Vec<&Known> =
        format.known().iter().filter(|known| known.fact.keeps && !is_sent(content, known)).collect();
    if !absent.is_empty() {
        let Seen::Known(current) = seen else { return Err(Refusal::NeedsCurrent) };
        if let Some(state) = current {
            let stored = scan(state.json()).map_err(|fault| Refusal::Server(fault.reason))?;
            for known in absent {
                let found = stored.members.iter().find(|found| found.name == known.fact.name);
                let value = found.map(|found| found.value.to_owned());
                if let Some(json) = &value {
                    sorted.others.push(Entry { name: Cow::Borrowed(known.fact.name), value: Cow::Owned(json.clone()) });
                }
                sorted.kept.push(known.fact.name);
                members.weighed.kept.push((known.fact.name, value));
            }
        }
    }
    for known in format.known().iter().filter(|known| is_sent(content, known)) {
        members.weighed.rewrites |= matches!(known.fact.role, Role::WriteOnly);
        if known.fact.echo == Echo::Reject {
            let at = Pointer::root().member(known.fact.name);
            members.refused.push(Violation::new(at, "is set by the server only; leave it out").with_code("read_only"));
        }
    }
    Ok(members)
}

/// Reads the echoes that must be the stored values, as the resource would write them.
pub(crate) fn echoes(
    format: &Format,
    content: &mut Scan<'_>,
    sorted: &Sorted<'_>,
    members: &mut Members,
) -> Result<(), Refusal> {
    let is_echo = |known: &&Known| known.fact.echo == Echo::RequireEqual;
    let sent: Vec<&Known> = format.known().iter().filter(is_echo).filter(|known| is_sent(content, known)).collect();
    if sent.is_empty() {
        return Ok(());
    }
    let mut violations = Vec::new();
    for found in &mut content.members {
        if sent.iter().any(|known| found.name == known.fact.name || known.fact.aliases.contains(&&*found.name)) {
            found.read = true;
            let entry = Entry { name: Cow::Borrowed(&*found.name), value: Cow::Borrowed(found.value) };
            violations.extend(diagnose::of_echo(format, &entry));
        }
    }
    if !violations.is_empty() {
        return Err(Refusal::Violations(violations.into()));
    }
    let is_sent = |entry: &&Entry<'_>| sent.iter().any(|known| entry.name == known.fact.name);
    let others: Vec<Entry<'_>> = sorted.others.iter().filter(|entry| !is_sent(entry)).cloned().collect();
    with_buffer(|out| {
        let decoded = (format.facts().decode)(Source::new(&content.members, &others), None, out);
        decoded.map_err(|error| Refusal::Server(error.to_string()))?;
        let read = scan(out).map_err(|fault| Refusal::Server(fault.reason))?;
        for known in &sent {
            let found = read.members.iter().find(|found| found.name == known.fact.name);
            let value = found.map_or_else(|| "null".to_owned(), |found| found.value.to_owned());
            members.weighed.echoes.push((known.fact.name, value));
        }
        Ok(())
    })
}

/// Runs the functions of `store_with` over what the client sent, once for each content.
pub(crate) fn prepare(
    format: &Format,
    content: &Scan<'_>,
    created: Bytes,
    prepared: &mut Prepared,
) -> Result<Bytes, Refusal> {
    let server = |reason: String| Refusal::Server(reason);
    for known in format.known().iter().filter(|known| is_sent(content, known)) {
        let (Some(store_with), name) = (known.fact.store_with, known.fact.name) else { continue };
        if prepared.iter().any(|(other, _)| *other == name) {
            continue;
        }
        let read = scan(&created).map_err(|fault| server(fault.reason))?;
        if let Some(found) = read.members.iter().find(|found| found.name == name) {
            // What it says of a value is for the client: that it is too long for the function, say.
            let json = store_with(found.value).map_err(|error| {
                let at = Pointer::root().member(name);
                Refusal::Violations(vec![Violation::new(at, error).with_code("invalid")].into())
            })?;
            prepared.push((name, json));
        }
    }
    if prepared.is_empty() {
        return Ok(created);
    }
    with_values(&created, prepared).map_err(|error| server(error.to_string()))
}
