//! Members of which what a client sends, or leaves out, is weighed against the current state: those that keep their
//! stored value when they are absent, those that are never shown, and echoes of what only the server sets.

use std::borrow::Cow;

use bytes::Bytes;

use crate::change::{Weighed, with_values};
use crate::content::{Entry, Source, with_buffer};
use crate::diagnose;
use crate::format::{Format, Known};
use crate::member::Echo;
use crate::proposal::{Prepared, Refusal, Seen, Sorted};
use crate::resource::Role;
use crate::scan::{Found, Scan, scan};
use crate::violation::{Pointer, Violation};

/// What there is to weigh, and what is refused at once.
pub(crate) struct Members {
    weighed: Weighed,
    /// Echoes that the resource does not take.
    refused: Vec<Wrong>,
}

/// What is wrong with a member. The pointer has the name that the client chose, so the member's own is beside it.
pub(crate) type Wrong = (&'static str, Violation);

impl Members {
    /// What is weighed, if anything is.
    pub(crate) fn take(&mut self) -> Option<Weighed> {
        let Weighed { kept, echoes, creates, rewrites, .. } = &self.weighed;
        let is_nothing = kept.is_empty() && echoes.is_empty() && !creates && !rewrites;
        let weighed = std::mem::take(&mut self.weighed);
        (!is_nothing).then_some(weighed)
    }

    /// Whether the content is refused, whatever the rest of it is.
    pub(crate) fn are_refused(&self) -> bool {
        !self.refused.is_empty()
    }

    /// All that is wrong with echoes.
    #[cold]
    pub(crate) fn wrong(self, format: &Format, content: &Scan<'_>) -> Vec<Wrong> {
        let mut wrong = self.refused;
        wrong.extend(wrong_echoes(format, content));
        wrong
    }
}

/// What the client sends of a member, under whichever of its names.
fn sent<'s, 'a>(content: &'s Scan<'a>, known: &'s Known) -> impl Iterator<Item = &'s Found<'a>> {
    let is = |name: &str| name == known.fact.name || known.fact.aliases.contains(&name);
    content.members.iter().filter(move |found| is(&found.name))
}

fn is_sent(content: &Scan<'_>, known: &Known) -> bool {
    sent(content, known).next().is_some()
}

fn is_compared(known: &Known) -> bool {
    known.fact.echo == Echo::RequireEqual
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
        members.weighed.creates = current.is_none();
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
    for known in format.known() {
        let name = known.fact.name;
        members.weighed.rewrites |= matches!(known.fact.role, Role::WriteOnly) && is_sent(content, known);
        if known.fact.echo == Echo::Reject {
            let detail = "is set by the server only; leave it out";
            let refused = |at: Pointer| (name, Violation::new(at, detail).with_code("read_only"));
            members.refused.extend(sent(content, known).map(|found| refused(Pointer::root().member(&found.name))));
        }
    }
    Ok(members)
}

/// What is wrong with the echoes that must be the stored values: they cannot be read at all.
pub(crate) fn wrong_echoes(format: &Format, content: &Scan<'_>) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    for known in format.known().iter().filter(|known| is_compared(known)) {
        let mut sent = sent(content, known);
        let Some(first) = sent.next() else { continue };
        let mut violations = Vec::new();
        violations.extend(sent.next().map(|again| diagnose::another_name(&first.name, &again.name)));
        let entry = Entry { name: Cow::Borrowed(&*first.name), value: Cow::Borrowed(first.value) };
        violations.extend(diagnose::of_echo(format, &entry));
        wrong.extend(violations.into_iter().map(|violation| (known.fact.name, violation)));
    }
    wrong
}

/// Reads the echoes that must be the stored values, as the resource would write them.
pub(crate) fn echoes(
    format: &Format,
    content: &mut Scan<'_>,
    sorted: &Sorted<'_>,
    members: &mut Members,
) -> Result<(), Refusal> {
    let compared = format.known().iter().filter(|known| is_compared(known));
    let echoed: Vec<&Known> = compared.filter(|known| is_sent(content, known)).collect();
    if echoed.is_empty() {
        return Ok(());
    }
    for found in &mut content.members {
        let is = |known: &&Known| found.name == known.fact.name || known.fact.aliases.contains(&&*found.name);
        found.read |= echoed.iter().any(is);
    }
    let is_echoed = |entry: &&Entry<'_>| echoed.iter().any(|known| entry.name == known.fact.name);
    let others: Vec<Entry<'_>> = sorted.others.iter().filter(|entry| !is_echoed(entry)).cloned().collect();
    with_buffer(|out| {
        let decoded = (format.facts().decode)(Source::new(&content.members, &others), None, out);
        // The rest has been read without them, so it is the echoes that the type has something against.
        decoded.map_err(|error| Refusal::Violations(vec![diagnose::of_error(&error)].into()))?;
        let read = scan(out).map_err(|fault| Refusal::Server(fault.reason))?;
        for known in &echoed {
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
    let mut wrong = wrong_echoes(format, content);
    for known in format.known() {
        let (Some(store_with), name) = (known.fact.store_with, known.fact.name) else { continue };
        let Some(sent) = sent(content, known).next() else { continue };
        if prepared.iter().any(|(other, _)| *other == name) {
            continue;
        }
        let read = scan(&created).map_err(|fault| server(fault.reason))?;
        if let Some(found) = read.members.iter().find(|found| found.name == name) {
            match store_with(found.value) {
                Ok(json) => prepared.push((name, json)),
                // What it says of a value is for the client: that it is too long for the function, say.
                Err(error) => {
                    let at = Pointer::root().member(&sent.name);
                    wrong.push((name, Violation::new(at, error).with_code("invalid")));
                }
            }
        }
    }
    if !wrong.is_empty() {
        wrong.sort_by_key(|(name, _)| format.known().iter().position(|known| known.fact.name == *name));
        return Err(Refusal::Violations(wrong.into_iter().map(|(_, violation)| violation).collect::<Vec<_>>().into()));
    }
    if prepared.is_empty() {
        return Ok(created);
    }
    with_values(&created, prepared).map_err(|error| server(error.to_string()))
}
