//! The slow twin of decoding: after a failure it finds *all* that is wrong, with the place of each.
//!
//! It needs nothing of a resource but the decoding that failed. Members are tried one by one: reading an object
//! that has only the member in question fails in that member or, for others that are missing, after it. A value
//! that is wrong in several places is [mended](search) place by place with a value of another kind, until it is read.
//! One file, because every way into the search starts here.

mod blame;
mod node;
mod search;
mod words;

use std::borrow::Cow;

use self::search::{Reader, Stop};
use self::words::violation;
use crate::content::{DecodeError, Entry, Source};
use crate::exact::{OF_EACH_KIND, altered, lost};
use crate::format::{Format, Meaning};
use crate::proposal::Sorted;
use crate::resource::Role;
use crate::scan::{Found, Scan, scan};
use crate::values::is_substitute;
use crate::violation::{Pointer, Violation, Violations};
use crate::weighing::Wrong;

/// At most this many violations are told of one member.
const OF_ONE_MEMBER: usize = 32;
/// At most this many in all.
const IN_ALL: usize = 256;
/// About this many octets are told of all that is wrong: one long name may be the place of many violations.
const TOLD_OCTETS: usize = 64 * 1024;
/// Octets that are decoded to find what is wrong, in all members together. Large content has fewer violations told than
/// it has, rather than hold up the server.
const WORK: usize = 16 * 1024 * 1024;
/// Every member may be decoded as often, even if the others have used up all of that.
const OF_ITS_OWN: usize = 32;
/// Values to read past an error.
const SUBSTITUTES: [&str; 6] = OF_EACH_KIND;

/// The content is JSON, but no object.
#[cold]
pub(crate) fn not_an_object(scan: &Scan<'_>) -> Violations {
    let found = match scan.first {
        b'[' => "an array",
        b'"' => "a string",
        b't' | b'f' => "a boolean",
        b'n' => "null",
        _ => "a number",
    };
    vec![Violation::new(Pointer::root(), format!("expected an object, found {found}")).with_code("type")].into()
}

/// All that is wrong with what a client sent: members in their order, then unknown names.
#[cold]
pub(crate) fn proposed(
    format: &Format,
    scan: &Scan<'_>,
    sorted: &Sorted<'_>,
    key: &[&str],
    wrong: &[Wrong],
) -> Violations {
    let mut violations = Vec::new();
    let mut left = WORK;
    let from_client = entries(scan);
    let mut good = sorted.others.clone();
    for known in format.known().iter().filter(|known| !known.fact.flatten) {
        if known.fact.is_server_managed() {
            let of_it = wrong.iter().filter(|(name, _)| *name == known.fact.name);
            violations.extend(of_it.map(|(_, violation)| violation.clone()));
            continue;
        }
        let is = |name: &str| name == known.fact.name || known.fact.aliases.contains(&name);
        let mut sent = from_client.iter().filter(|entry| is(&entry.name));
        let Some(entry) = sent.next() else {
            if !known.optional && !sorted.kept.contains(&known.fact.name) {
                violations.push(required(known.fact.name));
                good.extend(substitute(format, known.fact.name));
            }
            continue;
        };
        if let Some(again) = sent.next() {
            violations.push(another_name(&entry.name, &again.name));
        }
        let (wrong, right) = of_value(format, entry, &mut left);
        match right {
            _ if wrong.is_empty() => good.push(entry.clone()),
            Some(right) => good.push(Entry { name: entry.name.clone(), value: Cow::Owned(right) }),
            None => good.extend(substitute(format, &entry.name)),
        }
        violations.extend(wrong);
    }
    let flattened = |entry: &&Entry<'_>| format.meaning(&entry.name, &mut 0) == Meaning::Flattened;
    let mut parts: Vec<Entry<'_>> = from_client.iter().filter(flattened).cloned().collect();
    of_whole(format, &mut good, &mut parts, key, &mut left, &mut violations);
    good.append(&mut parts);
    let values = of_values(format, scan, sorted, &good, key);
    violations.extend(unknown_members(format, scan).iter().flatten().cloned());
    if violations.is_empty() {
        violations.extend(not_kept(format, scan, sorted));
    }
    // What is no number of its type, say, is not judged as the number that it would become.
    let is_told = |value: &Violation| {
        violations.iter().any(|told| *told.pointer() != Pointer::root() && value.pointer().is_in(told.pointer()))
    };
    let values: Vec<_> = values.into_iter().filter(|value| !is_told(value)).collect();
    violations.extend(values);
    if violations.is_empty() {
        violations.push(Violation::new(Pointer::root(), "the content cannot be kept exactly").with_code("not_exact"));
    }
    let mut told = 0;
    let fits = |violation: &&Violation| {
        told += violation.pointer().as_str().len() + violation.detail().len();
        told <= TOLD_OCTETS
    };
    let count = violations.iter().take(IN_ALL).take_while(fits).count();
    violations.truncate(count.max(1));
    violations.into_iter().map(|violation| without_secret(format, violation)).collect::<Vec<_>>().into()
}

/// The same without what was sent, where it is of a member that nobody is shown: a problem is kept by clients and proxies.
fn without_secret(format: &Format, violation: Violation) -> Violation {
    let secret = format.known().iter().filter(|known| matches!(known.fact.role, Role::WriteOnly));
    let names = secret.flat_map(|known| std::iter::once(&known.fact.name).chain(known.fact.aliases));
    let is_of = |name: &&str| violation.pointer().is_in(&Pointer::root().member(name));
    if !names.copied().any(|name| is_of(&name)) {
        return violation;
    }
    let detail = match (violation.code(), violation.detail().split_once(", found ")) {
        (Some("type" | "out_of_range"), Some((expected, _))) => expected.to_owned(),
        (Some("not_exact"), _) => "the number cannot be kept exactly; send one that its type can hold".to_owned(),
        (Some("type" | "out_of_range" | "unknown_variant" | "no_variant" | "invalid"), _) => {
            "is not what is read here".to_owned()
        }
        _ => return violation,
    };
    violation.with_detail(detail)
}

/// The first member whose stored value stays and cannot be read.
#[cold]
pub(crate) fn unreadable<'s>(format: &Format, sorted: &'s Sorted<'_>) -> Option<&'s str> {
    let kept = sorted.others.iter().filter(|entry| sorted.kept.contains(&&*entry.name));
    kept.map(|entry| (&*entry.name, &*entry.value))
        .find(|(name, value)| error_in(format, name, value).is_some())
        .map(|(name, _)| name)
}

/// The members that the resource does not know, if it must know all.
pub(crate) fn unknown_members(format: &Format, scan: &Scan<'_>) -> Option<Violations> {
    let is_unknown = |name: &str| format.meaning(name, &mut 0) == Meaning::Unknown;
    if format.facts().allow_unknown || !scan.members.iter().any(|found| is_unknown(&found.name)) {
        return None;
    }
    let names = scan.members.iter().map(|found| &*found.name).filter(|name| is_unknown(name));
    Some(names.take(IN_ALL).map(|name| unknown(format, name)).collect::<Vec<_>>().into())
}

/// What keeps a stored state from being read.
#[cold]
pub(crate) fn stored(format: &Format, scan: &Scan<'_>, error: &DecodeError) -> Violations {
    let entries = entries(scan);
    let mut violations = Vec::new();
    let mut left = WORK;
    for known in format.known().iter().filter(|known| !known.fact.flatten) {
        let is = |entry: &&Entry<'_>| entry.name == known.fact.name || known.fact.aliases.contains(&&*entry.name);
        let found = entries.iter().filter(is).flat_map(|entry| of_value(format, entry, &mut left).0);
        if matches!(known.fact.role, Role::WriteOnly) {
            // It goes into logs, and serde quotes what it does not read.
            let secret = || Violation::new(Pointer::root().member(known.fact.name), "is nothing that its type reads");
            violations.extend(found.take(1).map(|_| secret().with_code("type")));
        } else {
            violations.extend(found);
        }
    }
    if violations.is_empty() {
        violations.push(of_error(error));
    }
    violations.into()
}

/// The members that the resource reads.
fn entries<'a>(scan: &'a Scan<'_>) -> Vec<Entry<'a>> {
    let entry = |found: &'a Found<'_>| Entry { name: Cow::Borrowed(&*found.name), value: Cow::Borrowed(found.value) };
    scan.members.iter().filter(|found| found.read).map(entry).collect()
}

#[cold]
fn unknown(format: &Format, name: &str) -> Violation {
    Violation::new(Pointer::root().member(name), words::not_known(name, format.names())).with_code("unknown_member")
}

fn required(name: &str) -> Violation {
    Violation::new(Pointer::root().member(name), "is required").with_code("required")
}

/// The member is there under another of its names too.
pub(crate) fn another_name(first: &str, again: &str) -> Violation {
    let detail = format!("is another name for `{first}`, which is there too");
    Violation::new(Pointer::root().member(again), detail).with_code("duplicate_name")
}

pub(crate) fn of_error(error: &DecodeError) -> Violation {
    match error {
        DecodeError::Missing(name) => required(name),
        other => violation(Pointer::root(), &other.to_string()),
    }
}

/// Decodes these members, ignoring what it gives, and which value rules it breaks.
fn try_decode(format: &Format, entries: &[Entry<'_>], key: Option<&[&str]>) -> Result<(), DecodeError> {
    match (format.facts().decode)(Source::new(&[], entries), key, &mut Vec::new()) {
        Err(DecodeError::Values(_)) => Ok(()),
        result => result,
    }
}

/// The value rules that are broken by what the client sent, with others in the place of what is wrong.
fn of_values(
    format: &Format,
    scan: &Scan<'_>,
    sorted: &Sorted<'_>,
    mended: &[Entry<'_>],
    key: &[&str],
) -> Vec<Violation> {
    match (format.facts().decode)(Source::new(&[], mended), Some(key), &mut Vec::new()) {
        Err(DecodeError::Values(faults)) => {
            let others: Vec<_> = mended.iter().filter(|entry| is_substitute(entry, scan, &sorted.others)).collect();
            let is_silent = |name: &str| sorted.kept.contains(&name) || others.iter().any(|entry| entry.name == name);
            faults.violations(scan, !others.is_empty(), &is_silent)
        }
        _ => Vec::new(),
    }
}

/// The error in the value of this one member, if there is one.
fn error_in(format: &Format, name: &str, value: &str) -> Option<Stop> {
    let entry = Entry { name: Cow::Borrowed(name), value: Cow::Borrowed(value) };
    match try_decode(format, &[entry], None) {
        Err(DecodeError::Value { message, offset, .. }) => Some(Stop { message, offset }),
        _ => None,
    }
}

/// All that is wrong inside the value of one member that the resource does not read otherwise.
#[cold]
pub(crate) fn of_echo(format: &Format, entry: &Entry<'_>) -> Vec<Violation> {
    of_value(format, entry, &mut { WORK }).0
}

/// All that is wrong inside the value of one member, and a value that is read in its stead, if there is one.
fn of_value(format: &Format, entry: &Entry<'_>, left: &mut usize) -> (Vec<Violation>, Option<String>) {
    let at = Pointer::root().member(&entry.name);
    if format.takes_only_an_object(&entry.name) && entry.value.starts_with('[') {
        return (vec![words::not_an_object(at)], None);
    }
    if error_in(format, &entry.name, &entry.value).is_none() {
        return (Vec::new(), None);
    }
    let read = |text: &str| error_in(format, &entry.name, text);
    // What is left to many members is little, and a small one needs little.
    let mut own = (*left).max(OF_ITS_OWN * entry.value.len());
    let begin = own;
    let found = search::all(&mut Reader::new(&read, 0, &mut own), &entry.value, &at, &[]);
    *left = left.saturating_sub(begin - own);
    found
}

/// A value that the member reads, to get past it; none if it takes only particular ones.
fn substitute<'a>(format: &Format, name: &'a str) -> Option<Entry<'a>> {
    let value = SUBSTITUTES.iter().find(|value| error_in(format, name, value).is_none())?;
    Some(Entry { name: Cow::Owned(name.to_owned()), value: Cow::Borrowed(value) })
}

/// What is wrong once every plain member is right: flattened parts, the key, and what the type itself checks.
/// What is right takes the place of what is wrong.
fn of_whole<'a>(
    format: &Format,
    good: &mut [Entry<'a>],
    parts: &mut Vec<Entry<'a>>,
    key: &[&str],
    left: &mut usize,
    violations: &mut Vec<Violation>,
) {
    let decode = |good: &[Entry<'_>], parts: &[Entry<'_>]| {
        let entries: Vec<_> = good.iter().chain(parts).cloned().collect();
        try_decode(format, &entries, Some(key)).err()
    };
    let mended;
    match decode(good, parts) {
        None => return,
        Some(DecodeError::OtherKey(_)) => {}
        Some(error) => {
            // Flattened parts are read after all members and from them all, as if they were an object of their own.
            let members = parts.iter().map(|part| format!("{}:{}", node::quoted(&part.name), part.value));
            let object = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
            let read = |object: &str| {
                let scan = scan(object.as_bytes()).ok()?;
                match decode(good, &entries(&scan))? {
                    DecodeError::OtherKey(_) => None,
                    DecodeError::Missing(name) => {
                        Some(Stop { message: format!("missing field `{name}`"), offset: None })
                    }
                    other => Some(Stop { message: other.to_string(), offset: None }),
                }
            };
            let beside = good.iter().map(|entry| entry.name.len() + entry.value.len() + 64).sum();
            let mut reader = Reader::new(&read, beside, left);
            let (found, right) = search::all(&mut reader, &object, &Pointer::root(), violations);
            violations.extend(found);
            if violations.is_empty() {
                violations.push(of_error(&error));
            }
            let Some(right) = right else { return };
            mended = right;
            let Ok(scan) = scan(mended.as_bytes()) else { return };
            let owned = |entry: Entry<'_>| Entry {
                name: Cow::Owned(entry.name.into_owned()),
                value: Cow::Owned(entry.value.into_owned()),
            };
            *parts = entries(&scan).into_iter().map(owned).collect();
        }
    }
    while let Some(error) = decode(good, parts) {
        let DecodeError::OtherKey(part) = &error else { return };
        let (Some(member), Some(wanted)) = (format.keys().get(*part), key.get(*part)) else { return };
        let is_key = |entry: &&mut Entry<'_>| member.is_named(&entry.name);
        let Some(entry) = good.iter_mut().find(is_key) else { return };
        let pointer = Pointer::root().member(&entry.name);
        // A key of the wrong kind has been told; what stands in for it is not the client's.
        if violations.iter().all(|told| *told.pointer() != pointer) {
            let detail = format!("must be the key in the path, `{wanted}`, or be left out");
            violations.push(Violation::new(pointer, detail).with_code("key_mismatch"));
        }
        // Another part of the key may differ as well.
        entry.value = Cow::Owned(member.json(wanted).into_owned());
        if decode(good, parts).as_ref() == Some(&error) {
            return;
        }
    }
}

/// The members of flattened parts that would be lost.
#[cold]
pub(crate) fn lost_members(
    format: &Format,
    sent: &[Found<'_>],
    others: &[Entry<'_>],
    canonical: &[u8],
) -> Vec<Violation> {
    let (detail, code) = if format.takes_any_name() {
        ("is not a known member", "unknown_member")
    } else {
        let detail = "would be lost, because the members that belong to it are not complete, or one of them is wrong";
        (detail, "would_be_lost")
    };
    let violation = |name: &str| Violation::new(Pointer::root().member(name), detail).with_code(code);
    lost(format, sent, others, canonical).map(violation).collect()
}

/// The members whose numbers are altered, or that would be lost.
fn not_kept(format: &Format, scan: &Scan<'_>, sorted: &Sorted<'_>) -> Vec<Violation> {
    let mut out = Vec::new();
    if let Err(error) = (format.facts().decode)(Source::new(&scan.members, &sorted.others), None, &mut out) {
        return vec![of_error(&error)];
    }
    let violation = |(index, number): (usize, &str)| {
        let number: String = number.chars().take(60).collect();
        let detail = format!("the number {number} cannot be kept exactly; send one that its type can hold");
        let name = scan.members.get(index).map_or("", |found| &*found.name);
        Violation::new(Pointer::root().member(name), detail).with_code("not_exact")
    };
    let mut violations: Vec<_> = altered(format, scan, &out).into_iter().take(IN_ALL).map(violation).collect();
    violations.extend(lost_members(format, &scan.members, &sorted.others, &out));
    violations
}
