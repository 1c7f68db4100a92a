//! Whether what was sent is kept: no number is silently altered by the type that reads it, and no member silently
//! dropped by a flattened part.

use std::collections::{HashMap, HashSet};

use crate::content::{Entry, Source};
use crate::format::{Format, Meaning};
use crate::scan::{Found, Scan, scan};

/// One value of each kind of JSON.
pub(crate) const OF_EACH_KIND: [&str; 6] = ["null", "0", "\"\"", "false", "[]", "{}"];

/// Octets that are decoded again to find what is not kept.
const WORK: usize = 32 * 1024 * 1024;

/// The members that were sent to a flattened part and made no difference: an optional part that cannot be read counts
/// as absent, and a part that takes any name need not keep it.
///
/// What is not written under its name may still be read: it has another name there, or is a value that is left out.
/// Then a value of another kind, or none, makes a difference. Each look decodes everything, so there are not many.
pub(crate) fn lost<'s>(
    format: &Format,
    sent: &'s [Found<'s>],
    others: &[Entry<'_>],
    canonical: &[u8],
) -> impl Iterator<Item = &'s str> {
    let kept = scan(canonical).map(|kept| kept.members).unwrap_or_default();
    let kept: HashSet<&str> = kept.iter().map(|found| &*found.name).collect();
    let is_suspect = |found: &Found<'_>| {
        found.read
            && found.value != "null"
            && !kept.contains(&*found.name)
            && format.meaning(&found.name, &mut 0) == Meaning::Flattened
    };
    let suspects: Vec<usize> = (0..).zip(sent).filter(|(_, found)| is_suspect(found)).map(|(index, _)| index).collect();
    let octets = sent.iter().map(|found| found.name.len() + found.value.len()).sum::<usize>().max(1);
    let looks = (WORK / (octets * (OF_EACH_KIND.len() + 1))).clamp(1, 64);
    let is_lost = move |index: &usize| {
        let mut members = sent.to_vec();
        let mut same = |value: Option<&'static str>| {
            let mut out = Vec::new();
            if let Some(member) = members.get_mut(*index) {
                member.read = value.is_some();
                member.value = value.unwrap_or_default();
            }
            (format.facts().decode)(Source::new(&members, others), None, &mut out).is_ok() && out == canonical
        };
        same(None) && OF_EACH_KIND.iter().all(|value| same(Some(value)))
    };
    suspects.into_iter().take(looks).filter(is_lost).filter_map(|index| sent.get(index)).map(|found| &*found.name)
}

/// The members with a number that is not kept: their index and the first such number. Each member is compared with
/// what became of it, because another one may well have the same number.
pub(crate) fn altered<'a>(format: &Format, sent: &Scan<'a>, canonical: &[u8]) -> Vec<(usize, &'a str)> {
    let text = std::str::from_utf8(canonical).unwrap_or_default();
    let Ok(kept) = scan(canonical) else { return Vec::new() };
    let kept: HashMap<&str, &str> = kept.members.iter().map(|found| (&*found.name, found.value)).collect();
    let mut whole = None;
    let mut altered = Vec::new();
    let mut from = 0;
    for (index, found) in sent.members.iter().enumerate() {
        let numbers = sent.numbers.get(from..found.numbers_until).unwrap_or_default();
        from = found.numbers_until;
        if numbers.is_empty() || !found.read {
            continue;
        }
        let (name, plain) = match format.meaning(&found.name, &mut 0) {
            Meaning::Member(member) => (format.known().get(member).map_or("", |known| known.fact.name), true),
            Meaning::Flattened | Meaning::Unknown => (&*found.name, false),
        };
        let first = match kept.get(name) {
            Some(value) if *value == found.value => None,
            Some(value) => {
                let kept = Kept::of(value);
                numbers.iter().find(|number| !kept.has(number))
            }
            // `skip_serializing_if` left it out, which reads back as the same value.
            None if plain => None,
            // It may be written under its name instead of its alias, which only the part knows.
            None => {
                let kept = whole.get_or_insert_with(|| Kept::of(text));
                numbers.iter().find(|number| !kept.has(number))
            }
        };
        altered.extend(first.map(|number| (index, *number)));
    }
    altered
}

/// The numbers of some canonical JSON, to be searched.
struct Kept<'a> {
    /// As they are written, also those that a type keeps as a text.
    texts: HashSet<&'a str>,
    /// In order.
    values: Vec<f64>,
    /// Those of them that are written with a fraction or an exponent.
    floats: Vec<f64>,
}

impl<'a> Kept<'a> {
    fn of(json: &'a str) -> Self {
        let mut kept = Self { texts: HashSet::new(), values: Vec::new(), floats: Vec::new() };
        let mut rest = json;
        let is_start = |c: char| c == '-' || c.is_ascii_digit();
        while let Some(start) = rest.find(|c: char| c == '"' || is_start(c)) {
            rest = rest.get(start..).unwrap_or_default();
            let length;
            if let Some(inside) = rest.strip_prefix('"') {
                let mut escaped = false;
                let close = |c: char| {
                    let closes = c == '"' && !escaped;
                    escaped = c == '\\' && !escaped;
                    closes
                };
                let end = inside.find(close).unwrap_or(inside.len());
                kept.texts.extend(inside.get(..end).filter(|text| text.starts_with(is_start)));
                length = end + 2;
            } else {
                let is_part = |c: char| matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E');
                length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                kept.number(rest.get(..length).unwrap_or_default());
            }
            rest = rest.get(length..).unwrap_or_default();
        }
        kept.values.sort_unstable_by(f64::total_cmp);
        kept.floats.sort_unstable_by(f64::total_cmp);
        kept
    }

    fn number(&mut self, text: &'a str) {
        self.texts.insert(text);
        if let Ok(value) = text.parse::<f64>()
            && value.is_finite()
        {
            self.values.push(value);
            if text.contains(['.', 'e', 'E']) {
                self.floats.push(value);
            }
        }
    }

    /// Whether what was sent is kept. Whole numbers must be the same to the last digit; others may be rounded to what
    /// the type holds, but not to infinity.
    fn has(&self, sent: &str) -> bool {
        if self.texts.contains(sent) {
            return true;
        }
        let Ok(value) = sent.parse::<f64>() else { return false };
        if sent.bytes().all(|octet| octet == b'-' || octet.is_ascii_digit()) {
            return self.floats.binary_search_by(|kept| kept.total_cmp(&value)).is_ok()
                && format!("{value:.0}") == sent;
        }
        // As exact as the narrowest type that could have kept it.
        let rounding = value.abs() * f64::from(f32::EPSILON) + f64::from(f32::MIN_POSITIVE);
        let near = self.values.partition_point(|kept| *kept < value - rounding);
        value.is_finite() && self.values.get(near).is_some_and(|kept| *kept <= value + rounding)
    }
}
