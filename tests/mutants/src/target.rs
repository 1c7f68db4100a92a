//! Which resource a request target names.

use crate::mutant::Mutant;
use crate::variant::Variant;

/// The resource behind a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// What the store calls it.
    pub(crate) key: Key,
    /// The path as it arrived, for Location and Content-Location.
    pub(crate) path: String,
}

/// The key of a thing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    /// `/things/{key}`
    Text(String),
    /// `/api/numbers/{id}`, and the query that a mutant takes for a part of it.
    Number(u64, String),
}

/// Reads a target in origin form or absolute form.
pub(crate) fn resolve(target: &str, variant: Variant) -> Option<Target> {
    let origin = match target.strip_prefix("http://") {
        Some(rest) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => target,
    };
    let (path, query) = origin.split_once('?').unwrap_or((origin, ""));
    let query = if variant.is(Mutant::QueryInKey) && !query.is_empty() { format!("?{query}") } else { String::new() };
    let segments: Vec<&str> = path.split('/').collect();
    let key = match segments.as_slice() {
        ["", "things", key] => {
            let key =
                decoded(key, variant).filter(|key| !key.split('/').any(|part| matches!(part, "" | "." | "..")))?;
            let key = if variant.is(Mutant::PathsInAnyCase) { key.to_lowercase() } else { key };
            Key::Text(key + &query)
        }
        ["", "api", "numbers", id] => {
            let text = decoded(id, variant)?;
            Key::Number(text.parse().ok().filter(|id: &u64| id.to_string() == text)?, query)
        }
        _ => return None,
    };
    Some(Target { key, path: path.to_owned() })
}

fn decoded(segment: &str, variant: Variant) -> Option<String> {
    if variant.is(Mutant::CodedLettersDiffer) {
        return Some(segment.to_owned()).filter(|segment| !segment.is_empty());
    }
    let once = decode(segment)?;
    if variant.is(Mutant::DecodedTwice) { decode(&once) } else { Some(once) }
}

/// Undoes percent-coding; what is no UTF-8 then, or no percent-coding, names nothing.
fn decode(segment: &str) -> Option<String> {
    let mut octets = Vec::new();
    let mut rest = segment.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first == b'%' {
            let (digits, behind) = after.split_at_checked(2)?;
            let digits =
                std::str::from_utf8(digits).ok().filter(|digits| digits.chars().all(|one| one.is_ascii_hexdigit()))?;
            octets.push(u8::from_str_radix(digits, 16).ok()?);
            rest = behind;
        } else {
            octets.push(*first);
        }
    }
    String::from_utf8(octets).ok()
}
