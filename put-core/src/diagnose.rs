//! The slow twin of decoding: after a failure it finds *all* that is wrong, with the place of each.
//!
//! It needs nothing of a resource but the decoding that failed. Members are tried one by one: reading an object
//! that has only the member in question fails in that member or, for others that are missing, after it. A value
//! that is wrong in several places is mended place by place with a value of another kind, until it is read. The
//! place of an error is found from the offset at which serde_json stopped. One search in one file.

use std::borrow::Cow;

use crate::content::{DecodeError, Entry, Source};
use crate::format::{Format, Meaning};
use crate::place::{Place, place_at};
use crate::proposal::Sorted;
use crate::scan::{Found, Scan};
use crate::violation::{Pointer, Violation, Violations, nearest};

/// At most this many violations are told of one member.
const OF_ONE_MEMBER: usize = 32;
/// At most this many in all.
const IN_ALL: usize = 256;
/// One value of each kind of JSON, to read past an error.
const SUBSTITUTES: [&str; 6] = ["null", "0", "\"\"", "false", "[]", "{}"];

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
    for known in format.members().iter().filter(|known| !known.fact.is_server_managed() && !known.fact.flatten) {
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
    let parts: Vec<Entry<'_>> = from_client.iter().filter(flattened).cloned().collect();
    of_whole(format, &good, &parts, key, &mut violations);
    violations.extend(unknown_members(format, scan).iter().flatten().cloned());
    if violations.is_empty() {
        violations.extend(altered_member(format, scan, sorted, key));
    }
    violations.truncate(IN_ALL);
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
    for known in format.members().iter().filter(|known| !known.fact.flatten) {
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

/// Decodes these members, ignoring what it gives.
fn try_decode(format: &Format, entries: &[Entry<'_>], key: Option<&[&str]>) -> Result<(), DecodeError> {
    (format.facts().decode)(Source::new(&[], entries), key, &mut Vec::new())
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
        if violations.len() == OF_ONE_MEMBER || violations.iter().any(|told| *told.pointer() == pointer) {
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
fn of_whole(format: &Format, good: &[Entry<'_>], sent: &[Entry<'_>], key: &[&str], violations: &mut Vec<Violation>) {
    let mut good = good.to_vec();
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
    let mut parts: Vec<Entry<'_>> = Vec::with_capacity(sent.len());
    for part in sent {
        // A part that reads nothing in this place fails because of something else.
        match (wrong_alone(part), substitute(&part.name)) {
            (Some(message), Some(right)) => {
                violations.push(Violation::new(Pointer::root().member(&part.name), explain(&message)));
                parts.push(right);
            }
            _ => parts.push(part.clone()),
        }
    }
    while let Some(error) = decode(&good, &parts) {
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
                if decode(&good, &parts).as_ref() == Some(&error) {
                    return;
                }
            }
            DecodeError::Missing(name) => {
                let pointer = Pointer::root().member(name);
                if violations.iter().any(|told| *told.pointer() == pointer) {
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

/// The first of these numbers that is not among the numbers of the canonical JSON: its type has altered it.
pub(crate) fn altered<'a>(numbers: &[&'a str], canonical: &[u8]) -> Option<&'a str> {
    if numbers.is_empty() {
        return None;
    }
    let kept = std::str::from_utf8(canonical).map(numbers_in).unwrap_or_default();
    numbers.iter().copied().find(|number| !kept.iter().any(|kept| same_number(number, kept)))
}

/// The numbers of valid JSON, as they are written.
fn numbers_in(json: &str) -> Vec<&str> {
    let mut numbers = Vec::new();
    let mut rest = json;
    while let Some(start) = rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit()) {
        rest = rest.get(start..).unwrap_or_default();
        let length = if rest.starts_with('"') {
            let mut escaped = false;
            let close = |c: char| {
                let closes = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                closes
            };
            rest.get(1..).and_then(|rest| rest.find(close)).map_or(rest.len(), |length| length + 2)
        } else {
            let length =
                rest.find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')).unwrap_or(rest.len());
            numbers.extend(rest.get(..length));
            length
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    numbers
}

/// Whether what was kept is what was sent. Whole numbers must be the same to the last digit; others may be rounded
/// to what the type holds, but not to infinity.
fn same_number(sent: &str, kept: &str) -> bool {
    if sent == kept {
        return true;
    }
    let (Ok(as_sent), Ok(as_kept)) = (sent.parse::<f64>(), kept.parse::<f64>()) else { return false };
    if sent.bytes().all(|octet| octet == b'-' || octet.is_ascii_digit()) {
        return kept.contains(['.', 'e', 'E']) && format!("{as_kept:.0}") == sent;
    }
    // As exact as the narrowest type that could have kept it.
    let rounding = as_sent.abs() * f64::from(f32::EPSILON) + f64::from(f32::MIN_POSITIVE);
    as_sent.is_finite() && as_kept.is_finite() && (as_sent - as_kept).abs() <= rounding
}

/// The member whose number is altered, found by decoding each one with the others left as they are.
fn altered_member(format: &Format, scan: &Scan<'_>, sorted: &Sorted<'_>, key: &[&str]) -> Vec<Violation> {
    let mut out = Vec::new();
    if let Err(error) = (format.facts().decode)(Source::new(&scan.members, &sorted.others), Some(key), &mut out) {
        return vec![of_error(&error)];
    }
    let mut violations = Vec::new();
    let mut from = 0;
    for found in &scan.members {
        let numbers = scan.numbers.get(from..found.numbers_until).unwrap_or_default();
        from = found.numbers_until;
        if let Some(number) = altered(numbers, &out).filter(|_| found.read) {
            let number: String = number.chars().take(60).collect();
            let detail = format!("the number {number} cannot be kept exactly; send one that its type can hold");
            violations.push(Violation::new(Pointer::root().member(&found.name), detail));
        }
    }
    if violations.is_empty() {
        violations.push(Violation::new(Pointer::root(), "the content cannot be kept exactly"));
    }
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
        return message.to_owned();
    };
    format!("expected {}, found {}", in_json_words(expected), found_in_json_words(found))
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
