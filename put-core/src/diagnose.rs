//! The slow twin of decoding: after a failure it finds *all* that is wrong, with the place of each.
//!
//! It needs nothing of a resource but the decoding that failed. Members are tried one by one: reading an object
//! that has only the member in question fails in that member or, for others that are missing, after it. A value
//! that is wrong in several places is mended place by place with a value of another kind, until it is read. The
//! place of an error is found from the offset at which serde_json stopped. One search in one file.

use std::borrow::Cow;

use crate::content::{DecodeError, Entry, Source};
use crate::exact::{OF_EACH_KIND, altered, lost};
use crate::format::{Format, Meaning};
use crate::place::{Place, place_at};
use crate::proposal::Sorted;
use crate::scan::{Found, Scan};
use crate::values::is_substitute;
use crate::violation::{Pointer, Violation, Violations, nearest};

/// At most this many violations are told of one member.
const OF_ONE_MEMBER: usize = 32;
/// At most this many in all.
const IN_ALL: usize = 256;
/// About this many octets are told of all that is wrong: one long name may be the place of many violations.
const TOLD_OCTETS: usize = 64 * 1024;
/// Octets that are decoded to find what is wrong in one member, or in the flattened ones. Large content has fewer
/// violations told than it has, rather than hold up the server.
const WORK: usize = 64 * 1024 * 1024;
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
    vec![Violation::new(Pointer::root(), format!("expected an object, found {found}"))].into()
}

/// All that is wrong with what a client sent: members in their order, then unknown names.
#[cold]
pub(crate) fn proposed(format: &Format, scan: &Scan<'_>, sorted: &Sorted<'_>, key: &[&str]) -> Violations {
    let mut violations = Vec::new();
    let from_client = entries(scan);
    let mut good = sorted.others.clone();
    for known in format.known().iter().filter(|known| !known.fact.is_server_managed() && !known.fact.flatten) {
        let is = |name: &str| name == known.fact.name || known.fact.aliases.contains(&name);
        let mut sent = from_client.iter().filter(|entry| is(&entry.name));
        let Some(entry) = sent.next() else {
            if !known.optional {
                violations.push(Violation::new(Pointer::root().member(known.fact.name), "is required"));
                good.extend(substitute(format, known.fact.name));
            }
            continue;
        };
        if let Some(again) = sent.next() {
            let detail = format!("is another name for `{}`, which is there too", entry.name);
            violations.push(Violation::new(Pointer::root().member(&again.name), detail));
        }
        let wrong = of_value(format, entry);
        if wrong.is_empty() {
            good.push(entry.clone());
        } else {
            violations.extend(wrong);
            good.extend(substitute(format, &entry.name));
        }
    }
    let flattened = |entry: &&Entry<'_>| format.meaning(&entry.name, &mut 0) == Meaning::Flattened;
    let mut parts: Vec<Entry<'_>> = from_client.iter().filter(flattened).cloned().collect();
    of_whole(format, &mut good, &mut parts, key, &mut violations);
    let values = of_values(format, scan, sorted, &[good, parts].concat(), key);
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
        violations.push(Violation::new(Pointer::root(), "the content cannot be kept exactly"));
    }
    let mut told = 0;
    let fits = |violation: &&Violation| {
        told += violation.pointer().as_str().len() + violation.detail().len();
        told <= TOLD_OCTETS
    };
    let count = violations.iter().take(IN_ALL).take_while(fits).count();
    violations.truncate(count.max(1));
    violations.into()
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
    for known in format.known().iter().filter(|known| !known.fact.flatten) {
        let is = |entry: &&Entry<'_>| entry.name == known.fact.name || known.fact.aliases.contains(&&*entry.name);
        violations.extend(entries.iter().filter(is).flat_map(|entry| of_value(format, entry)));
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
    let detail = match nearest(name, format.names()) {
        Some(near) => format!("is not a known member; did you mean `{near}`?"),
        None => "is not a known member".to_owned(),
    };
    Violation::new(Pointer::root().member(name), detail)
}

fn of_error(error: &DecodeError) -> Violation {
    match error {
        DecodeError::Missing(name) => Violation::new(Pointer::root().member(name), "is required"),
        other => Violation::new(Pointer::root(), explain(&other.to_string())),
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
            faults.violations(scan, !others.is_empty(), &|name| others.iter().any(|entry| entry.name == name))
        }
        _ => Vec::new(),
    }
}

/// What is wrong in a value, and after how many octets.
struct Stop {
    message: String,
    offset: Option<usize>,
}

/// The error in the value of this one member, if there is one.
fn error_in(format: &Format, name: &str, value: &str) -> Option<Stop> {
    let entry = Entry { name: Cow::Borrowed(name), value: Cow::Borrowed(value) };
    match try_decode(format, &[entry], None) {
        Err(DecodeError::Value { message, offset, .. }) => Some(Stop { message, offset }),
        _ => None,
    }
}

/// All that is wrong inside the value of one member.
fn of_value(format: &Format, entry: &Entry<'_>) -> Vec<Violation> {
    if format.takes_only_an_object(&entry.name) && entry.value.starts_with('[') {
        let detail = "expected an object, found an array";
        return vec![Violation::new(Pointer::root().member(&entry.name), detail)];
    }
    let mut violations: Vec<Violation> = Vec::new();
    let most = (WORK / (SUBSTITUTES.len() * entry.value.len().max(1))).clamp(1, OF_ONE_MEMBER);
    // Strings hold no line breaks as such, so on one line the value is the same and every offset is a column.
    let mut text = entry.value.replace('\n', " ");
    let mut error = error_in(format, &entry.name, &text);
    while let Some(Stop { message, offset }) = error.take() {
        let at = Pointer::root().member(&entry.name);
        let Some(place) = offset.and_then(|offset| place_at(&text, offset, at.clone())) else {
            violations.push(Violation::new(at, explain(&message)));
            break;
        };
        let missing = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
        let pointer = match missing {
            Some(name) => place.pointer.clone().member(name),
            None => place.pointer.clone(),
        };
        if violations.len() == most || violations.iter().any(|told| *told.pointer() == pointer) {
            break;
        }
        violations.push(Violation::new(pointer, explain(&message)));
        // With a substitute that is read, the next error lies behind it.
        let mended = SUBSTITUTES.iter().find_map(|substitute| {
            let (text, end) = match missing {
                Some(name) => with_member(&text, &place, name, substitute),
                None => with_value(&text, &place, substitute),
            };
            let next = error_in(format, &entry.name, &text);
            let behind = next.as_ref().is_none_or(|next| next.offset.is_some_and(|offset| offset > end));
            behind.then_some((text, next))
        });
        (text, error) = mended.unwrap_or_default();
    }
    violations
}

/// The text with another value in this place, and where that ends.
fn with_value(text: &str, place: &Place, value: &str) -> (String, usize) {
    let (head, tail) = (text.get(..place.start).unwrap_or_default(), text.get(place.end..).unwrap_or_default());
    (format!("{head}{value}{tail}"), place.start + value.len())
}

/// The text with one more member in the object at this place, and where that ends.
fn with_member(text: &str, place: &Place, name: &str, value: &str) -> (String, usize) {
    let close = place.end.saturating_sub(1);
    let (head, tail) = (text.get(..close).unwrap_or_default(), text.get(close..).unwrap_or_default());
    let comma = if head.trim_end().ends_with('{') { "" } else { "," };
    let head = format!("{head}{comma}{}:{value}", serde_json::Value::from(name));
    let end = head.len();
    (head + tail, end)
}

/// A value that the member reads, to get past it; none if it takes only particular ones.
fn substitute<'a>(format: &Format, name: &'a str) -> Option<Entry<'a>> {
    let value = SUBSTITUTES.iter().find(|value| error_in(format, name, value).is_none())?;
    Some(Entry { name: Cow::Owned(name.to_owned()), value: Cow::Borrowed(value) })
}

/// What is wrong once every plain member is right: flattened parts, the key, and what the type itself checks.
///
/// A flattened part is read after all members, so its errors name no member. With all the others right, though, an
/// object that has one of its members only fails in that member or in one that is missing.
fn of_whole<'a>(
    format: &Format,
    good: &mut Vec<Entry<'a>>,
    parts: &mut Vec<Entry<'a>>,
    key: &[&str],
    violations: &mut Vec<Violation>,
) {
    let decode = |good: &[Entry<'_>], parts: &[Entry<'_>]| {
        let entries: Vec<_> = good.iter().chain(parts).cloned().collect();
        try_decode(format, &entries, Some(key)).err()
    };
    let right = good.clone();
    let wrong_alone = |part: &Entry<'_>| match decode(&right, std::slice::from_ref(part)) {
        Some(error @ (DecodeError::Other(_) | DecodeError::Value { .. })) => Some(error.to_string()),
        _ => None,
    };
    let substitute = |name: &str| {
        let with_value = |value| Entry { name: Cow::Owned(name.to_owned()), value: Cow::Borrowed(value) };
        SUBSTITUTES.iter().map(|value| with_value(*value)).find(|part| wrong_alone(part).is_none())
    };
    // With nothing wrong in any part there is nothing to look for, and each look reads all the others again.
    let looks = match decode(good, parts) {
        Some(_) => (WORK / good.iter().map(|entry| entry.value.len() + 256).sum::<usize>().max(1)).max(1),
        None => 0,
    };
    let mut wrong = 0;
    for part in parts.iter_mut().take(looks) {
        let Some(message) = wrong_alone(part) else { continue };
        // A part that reads nothing in this place fails because of something else.
        let Some(right) = substitute(&part.name) else { continue };
        violations.push(Violation::new(Pointer::root().member(&part.name), explain(&message)));
        *part = Entry { name: Cow::Owned(right.name.into_owned()), value: right.value };
        wrong += 1;
        if wrong == OF_ONE_MEMBER {
            break;
        }
    }
    while let Some(error) = decode(good, parts) {
        match &error {
            DecodeError::OtherKey(part) => {
                let (Some(member), Some(wanted)) = (format.keys().get(*part), key.get(*part)) else { return };
                let is_key = |entry: &&mut Entry<'_>| member.is_named(&entry.name);
                let Some(entry) = good.iter_mut().find(is_key) else { return };
                let pointer = Pointer::root().member(&entry.name);
                // A key of the wrong kind has been told; what stands in for it is not the client's.
                if violations.iter().all(|told| *told.pointer() != pointer) {
                    let detail = format!("must be the key in the path, `{wanted}`, or be left out");
                    violations.push(Violation::new(pointer, detail));
                }
                // Another part of the key may differ as well.
                entry.value = Cow::Owned(member.json(wanted).into_owned());
                if decode(good, parts).as_ref() == Some(&error) {
                    return;
                }
            }
            DecodeError::Missing(name) => {
                let pointer = Pointer::root().member(name);
                // A member that is there and wrong inside is missing only because nothing could stand in for it.
                if violations.iter().any(|told| told.pointer().is_in(&pointer)) {
                    return;
                }
                violations.push(of_error(&error));
                let Some(right) = substitute(name) else { return };
                parts.push(right);
            }
            _ => {
                if violations.is_empty() {
                    violations.push(of_error(&error));
                }
                return;
            }
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
    let detail = if format.takes_any_name() {
        "is not a known member"
    } else {
        "would be lost, because the members that belong to it are not complete, or one of them is wrong"
    };
    let violation = |name: &str| Violation::new(Pointer::root().member(name), detail);
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
        Violation::new(Pointer::root().member(name), detail)
    };
    let mut violations: Vec<_> = altered(format, scan, &out).into_iter().take(IN_ALL).map(violation).collect();
    violations.extend(lost_members(format, &scan.members, &sorted.others, &out));
    violations
}

/// What serde says, in the words of JSON.
fn explain(message: &str) -> String {
    if message.starts_with("missing field `") {
        return "is required".to_owned();
    }
    if message == "number out of range" {
        return "the number is out of range".to_owned();
    }
    if message.starts_with("invalid length ") && message.contains(", expected struct ") {
        return "expected an object, found an array".to_owned();
    }
    let Some((found, expected)) = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "))
        .and_then(|rest| rest.rsplit_once(", expected "))
    else {
        return shortened(message);
    };
    format!("expected {}, found {}", in_json_words(expected), found_in_json_words(found))
}

/// A text of the client may stand in the middle of what serde says, such as the name of a variant: it is not sent back
/// whole.
fn shortened(message: &str) -> String {
    const ENDS: usize = 1000;
    if message.len() <= 3 * ENDS {
        return message.to_owned();
    }
    let (mut head, mut tail) = (ENDS, message.len() - ENDS);
    while !message.is_char_boundary(head) {
        head -= 1;
    }
    while !message.is_char_boundary(tail) {
        tail += 1;
    }
    format!("{}…{}", message.get(..head).unwrap_or_default(), message.get(tail..).unwrap_or_default())
}

fn in_json_words(expected: &str) -> Cow<'_, str> {
    macro_rules! range {
        ($($type:ident)*) => {
            match expected {
                $(stringify!($type) => return format!("an integer from {} to {}", $type::MIN, $type::MAX).into(),)*
                _ => {}
            }
        };
    }
    range!(u8 u16 u32 u64 i8 i16 i32 i64);
    match expected {
        "f32" | "f64" => "a number".into(),
        "usize" | "u128" => "a whole number that is not negative".into(),
        "isize" | "i128" => "a whole number".into(),
        "a sequence" => "an array".into(),
        "a map" => "an object".into(),
        "unit" => "null".into(),
        other if other.starts_with("struct ") => "an object".into(),
        other if other.starts_with("tuple ") => "an array".into(),
        other => other.into(),
    }
}

fn found_in_json_words(found: &str) -> String {
    let words = match found {
        "map" => "an object".to_owned(),
        "sequence" => "an array".to_owned(),
        "unit value" | "null" => "null".to_owned(),
        other => other.replace("floating point ", "number ").replace("integer ", "number "),
    };
    // A long text of the client is not sent back to it whole.
    match words.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", words.get(..end).unwrap_or_default()),
        None => words,
    }
}
