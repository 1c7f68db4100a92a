//! Preconditions: how the condition fields are read, and what they come to (RFC 9110, section 13).
//!
//! One file, because most of the bugs that lose data are mistakes in the seam between reading and evaluating.

use std::time::UNIX_EPOCH;

use crate::mutant::Mutant;
use crate::variant::Variant;
use crate::wire::Fields;

/// The most tags, and the most octets, of one condition field.
const TAGS_MAX: usize = 64;
const OCTETS_MAX: usize = 8 * 1024;

/// An entity tag as it was written, between its quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Tag {
    weak: bool,
    opaque: Vec<u8>,
}

/// One condition field.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Field {
    Absent,
    Any,
    List(Vec<Tag>),
    Malformed,
    TooLarge,
}

/// The validators of what is stored now.
#[derive(Clone, Debug)]
pub(crate) struct Current {
    /// With its quotes and, if it is weak, its mark.
    pub(crate) tag: String,
    /// The second of the last modification.
    pub(crate) modified: Option<u64>,
}

/// The kind of method that the preconditions protect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// GET and HEAD.
    Read,
    Put,
    Delete,
}

/// What the preconditions come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Perform,
    NotModified,
    /// This field is false.
    Failed(&'static str),
}

/// Why the preconditions are no reason to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    Malformed(&'static str),
    TooLarge(&'static str),
}

/// All condition fields of a request.
#[derive(Clone, Debug)]
pub(crate) struct Conditions {
    if_match: Field,
    if_none_match: Field,
    unmodified_since: Option<u64>,
    modified_since: Option<u64>,
    bad_date: bool,
    act: Act,
    variant: Variant,
}

impl Conditions {
    pub(crate) fn read(fields: &Fields, act: Act, variant: Variant) -> Self {
        let lines: Vec<&[u8]> = fields.lines("If-Match").collect();
        let if_match = match variant.mutant() {
            Some(Mutant::FirstLineOnly) => parse(lines.get(..1).unwrap_or_default(), variant),
            Some(Mutant::LastLineOnly) => parse(&lines[lines.len().saturating_sub(1)..], variant),
            Some(Mutant::EmptyIfMatchIgnored) if lines.iter().all(|line| line.is_empty()) => Field::Absent,
            Some(Mutant::ForeignOctetsIgnored) if lines.iter().any(|line| !line.is_ascii()) => Field::Absent,
            Some(Mutant::AsteriskAnywhere) if lines.iter().any(|line| line.contains(&b'*')) => Field::Any,
            Some(Mutant::QuotedAsterisk) if lines == [b"\"*\""] => Field::Any,
            Some(Mutant::IfMatchIgnoredOnGet) if act == Act::Read => Field::Absent,
            _ => parse(&lines, variant),
        };
        let if_match = match if_match {
            Field::Malformed if variant.is(Mutant::MalformedIfMatchIgnored) => Field::Absent,
            Field::Malformed if variant.is(Mutant::MalformedIsFalse) => Field::List(Vec::new()),
            read => read,
        };
        let lines: Vec<&[u8]> = fields.lines("If-None-Match").collect();
        let if_none_match = match parse(&lines, variant) {
            Field::Malformed if variant.is(Mutant::MalformedIfNoneMatchIgnored) && act != Act::Read => Field::Absent,
            _ if variant.is(Mutant::IfNoneMatchIgnored) && act == Act::Put => Field::Absent,
            _ if variant.is(Mutant::NeverNotModified) && act == Act::Read => Field::Absent,
            _ if variant.is(Mutant::IfMatchHidesIfNoneMatch) && if_match != Field::Absent => Field::Absent,
            read => read,
        };
        let unmodified_since = date(fields, "If-Unmodified-Since", variant);
        let bad_date = fields.has("If-Unmodified-Since") && unmodified_since.is_none();
        let two_dates = fields.lines("If-Unmodified-Since").count() > 1 && variant.is(Mutant::TwoDatesAre400);
        let bad_date = (bad_date && variant.is(Mutant::BadDateRefused)) || two_dates;
        let modified_since = date(fields, "If-Modified-Since", variant);
        Self { if_match, if_none_match, unmodified_since, modified_since, bad_date, act, variant }
    }

    /// A field that cannot be evaluated.
    pub(crate) fn unusable(&self) -> Option<Unusable> {
        if self.bad_date {
            return Some(Unusable::Malformed("If-Unmodified-Since"));
        }
        let fields = [("If-Match", &self.if_match), ("If-None-Match", &self.if_none_match)];
        fields.into_iter().find_map(|(name, field)| match field {
            Field::Malformed => Some(Unusable::Malformed(name)),
            Field::TooLarge => Some(Unusable::TooLarge(name)),
            _ => None,
        })
    }

    /// Whether the request says what it expects to find: If-Match, or `If-None-Match: *`.
    pub(crate) fn protect(&self) -> bool {
        self.if_match != Field::Absent || self.if_none_match == Field::Any
    }

    pub(crate) fn has_if_match(&self) -> bool {
        self.if_match != Field::Absent
    }

    /// Whether nothing but If-Match stands in the way of a write that has happened already.
    pub(crate) fn has_only_if_match(&self) -> bool {
        self.has_if_match() && self.if_none_match == Field::Absent
    }

    /// Evaluates the fields in the order of RFC 9110, section 13.2.2.
    pub(crate) fn evaluate(&self, current: Option<&Current>) -> Verdict {
        let is = |mutant| self.variant.is(mutant);
        if self.act == Act::Delete && is(Mutant::DeleteUnprotected) {
            return Verdict::Perform;
        }
        let looked_at = current.is_some() || !is(Mutant::CreatesUnderIfMatch);
        if self.if_match != Field::Absent && looked_at && !self.if_match_holds(current) {
            return Verdict::Failed("If-Match");
        }
        let judged = self.if_match == Field::Absent || is(Mutant::UnmodifiedSinceBesideTags);
        if judged && self.is_modified_since(current) {
            return Verdict::Failed("If-Unmodified-Since");
        }
        if self.if_none_match != Field::Absent && !self.if_none_match_holds(current) {
            let silent = self.act == Act::Read || is(Mutant::NotModifiedToPut);
            return if silent { Verdict::NotModified } else { Verdict::Failed("If-None-Match") };
        }
        let by_date = self.if_none_match == Field::Absent || is(Mutant::ModifiedSinceBesideTags);
        let reads = self.act == Act::Read || is(Mutant::ModifiedSinceOnPut);
        let modified = current.and_then(|current| current.modified);
        match (self.modified_since, modified) {
            (Some(since), Some(modified)) if by_date && reads && modified <= since => {
                if self.act == Act::Read {
                    Verdict::NotModified
                } else {
                    Verdict::Failed("If-Modified-Since")
                }
            }
            _ => Verdict::Perform,
        }
    }

    fn if_match_holds(&self, current: Option<&Current>) -> bool {
        let is = |mutant| self.variant.is(mutant);
        match (&self.if_match, current) {
            (Field::Any, current) => current.is_some() || is(Mutant::AsteriskAlwaysTrue),
            (Field::List(tags), Some(current)) => {
                let first_weak = tags.iter().position(|tag| tag.weak).filter(|_| is(Mutant::WeakMemberEndsList));
                let searched = &tags[..first_weak.unwrap_or(tags.len())];
                searched.iter().any(|tag| self.matches(tag, current, is(Mutant::WeakIfMatch)))
            }
            _ => false,
        }
    }

    fn if_none_match_holds(&self, current: Option<&Current>) -> bool {
        let is = |mutant| self.variant.is(mutant);
        let Some(current) = current else { return true };
        match &self.if_none_match {
            Field::Any => is(Mutant::WeakTagPassesAsterisk),
            Field::List(tags) if tags.is_empty() => !is(Mutant::EmptyIfNoneMatchFalse),
            Field::List(tags) => {
                let strong = if self.act == Act::Read {
                    is(Mutant::StrongIfNoneMatchOnGet)
                } else {
                    is(Mutant::StrongIfNoneMatch)
                };
                let forbids = self.act == Act::Put && is(Mutant::AnyIfNoneMatchForbids);
                !forbids && !tags.iter().any(|tag| self.matches(tag, current, !strong))
            }
            _ => true,
        }
    }

    /// Whether the representation was modified after If-Unmodified-Since.
    fn is_modified_since(&self, current: Option<&Current>) -> bool {
        let Some(since) = self.unmodified_since.filter(|_| !self.variant.is(Mutant::UnmodifiedSinceIgnored)) else {
            return false;
        };
        match current {
            None => self.variant.is(Mutant::UnmodifiedSinceOnAbsent),
            Some(current) => current.modified.is_some_and(|modified| modified > since),
        }
    }

    fn matches(&self, tag: &Tag, current: &Current, weakly: bool) -> bool {
        let (weak, quoted) = match current.tag.strip_prefix("W/") {
            Some(rest) => (true, rest),
            None => (false, current.tag.as_str()),
        };
        let opaque = quoted.trim_matches('"').as_bytes();
        let equal =
            tag.opaque == opaque || (self.variant.is(Mutant::TagsInAnyCase) && tag.opaque.eq_ignore_ascii_case(opaque));
        equal && (weakly || !(weak || tag.weak))
    }
}

fn date(fields: &Fields, name: &str, variant: Variant) -> Option<u64> {
    let lines: Vec<&[u8]> = fields.lines(name).collect();
    let [line] = lines.as_slice() else { return None };
    let text = std::str::from_utf8(line).ok()?;
    if variant.is(Mutant::OneSpellingOfDates) && !text.contains(", ") | text.contains('-') {
        return None;
    }
    let since = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH);
    // A day before 1970 is before everything that is stored here.
    Some(since.map_or(0, |since| since.as_secs()))
}

/// Reads the lines of one condition field.
fn parse(lines: &[&[u8]], variant: Variant) -> Field {
    if lines.is_empty() {
        return Field::Absent;
    }
    if lines.iter().map(|line| line.len()).sum::<usize>() > OCTETS_MAX {
        return Field::TooLarge;
    }
    if lines == [b"*"] {
        return Field::Any;
    }
    let mut tags = Vec::new();
    for line in lines {
        let read = match variant.mutant() {
            Some(Mutant::SplitsAtCommas) => pieces(line, tag_alone),
            Some(Mutant::TrimsQuotes) => pieces(line, |piece| Some(trimmed(piece))),
            Some(Mutant::UnquotedAccepted) => {
                pieces(line, tag_alone).or_else(|| pieces(line, |piece| Some(trimmed(piece))))
            }
            _ => list(line, variant),
        };
        match read {
            Some(read) => tags.extend(read),
            None => return Field::Malformed,
        }
    }
    if tags.len() > TAGS_MAX { Field::TooLarge } else { Field::List(tags) }
}

/// The tags of one line; a tag does not span lines.
fn list(line: &[u8], variant: Variant) -> Option<Vec<Tag>> {
    let mut tags = Vec::new();
    let mut rest = line;
    let mut apart = true;
    while let Some(first) = rest.first() {
        match first {
            b' ' | b'\t' => rest = &rest[1..],
            b',' => {
                if apart && variant.is(Mutant::EmptyMembersRefused) {
                    return None;
                }
                apart = true;
                rest = &rest[1..];
            }
            _ if !apart => return None,
            _ => {
                let (tag, after) = tag(rest, variant.is(Mutant::BackslashEscapes))?;
                tags.push(tag);
                rest = after;
                apart = false;
            }
        }
    }
    Some(tags)
}

/// The tag at the beginning, and what follows it.
fn tag(octets: &[u8], escapes: bool) -> Option<(Tag, &[u8])> {
    let (weak, quoted) = octets.strip_prefix(b"W/").map_or((false, octets), |rest| (true, rest));
    let inside = quoted.strip_prefix(b"\"")?;
    let is_inside = |octet: u8| octet == 0x21 || (0x23..=0x7e).contains(&octet) || octet >= 0x80;
    let mut end = 0;
    while inside.get(end).is_some_and(|octet| is_inside(*octet)) {
        end += if escapes && inside[end] == b'\\' { 2 } else { 1 };
    }
    let after = inside.get(end..)?.strip_prefix(b"\"")?;
    Some((Tag { weak, opaque: inside[..end].to_vec() }, after))
}

/// The naive way: every comma separates.
fn pieces(line: &[u8], read: impl Fn(&[u8]) -> Option<Tag>) -> Option<Vec<Tag>> {
    let pieces = line.split(|octet| *octet == b',').map(<[u8]>::trim_ascii);
    pieces.filter(|piece| !piece.is_empty()).map(read).collect()
}

fn tag_alone(piece: &[u8]) -> Option<Tag> {
    tag(piece, false).filter(|(_, after)| after.is_empty()).map(|(tag, _)| tag)
}

fn trimmed(piece: &[u8]) -> Tag {
    let weak = piece.starts_with(b"W/");
    let opaque = piece.strip_prefix(b"W/").unwrap_or(piece);
    let opaque = opaque.iter().copied().filter(|octet| *octet != b'"').collect();
    Tag { weak, opaque }
}
