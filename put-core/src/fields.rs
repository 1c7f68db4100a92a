//! The checks that need no more than request fields. Each gives the problem that answers a wrong field. One file,
//! because each is a few lines, and all of them read a field the same way.

use std::borrow::Cow;
use std::time::SystemTime;

use http::Version;

use crate::head::{Field, Head};
use crate::precondition::{Precondition, TagCondition, Unreadable, trim};
use crate::problem::{Kind, Problem};
use crate::response::JSON;
use crate::uri_host::is_host;

/// What a client prefers to get back (RFC 7240, section 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Return {
    Minimal,
    Representation,
}

impl Return {
    pub(crate) const fn applied(self) -> &'static str {
        match self {
            Self::Minimal => "return=minimal",
            Self::Representation => "return=representation",
        }
    }
}

#[cold]
fn malformed(field: Field, reason: &str) -> Problem {
    Problem::new(Kind::MalformedField)
        .detail(format!("the field {} cannot be read: {reason}", field.name()))
        .with("header", field.name())
        .with("reason", reason)
}

/// One Host, which HTTP/1.0 may leave out, and it names a host (RFC 9112, section 3.2). Later versions have the
/// authority elsewhere, and their Host is not looked at.
pub(crate) fn host(head: &Head<'_>) -> Result<(), Problem> {
    let Some(version) = head.version.filter(|version| *version <= Version::HTTP_11) else { return Ok(()) };
    let mut lines = head.all(Field::Host);
    let reason = match (lines.next(), lines.next()) {
        (Some(line), None) if is_host(trim(line)) => return Ok(()),
        (Some(_), None) => "it takes a host, and after a colon its port",
        (Some(_), Some(_)) => "it stands in one line, not in several",
        (None, _) if version < Version::HTTP_11 => return Ok(()),
        (None, _) => "it is missing, and HTTP/1.1 demands it",
    };
    Err(malformed(Field::Host, reason))
}

/// The condition fields, if there are any. A condition that cannot be read is refused, never ignored. `tolerant` is of
/// tags that a proxy has altered.
pub(crate) fn precondition(head: &Head<'_>, tolerant: bool) -> Result<Precondition, Problem> {
    let mut precondition = Precondition {
        if_match: tags(head, Field::IfMatch)?,
        if_none_match: tags(head, Field::IfNoneMatch)?,
        if_unmodified_since: date(head, Field::IfUnmodifiedSince),
        ..Precondition::none()
    };
    if tolerant {
        precondition.if_match = precondition.if_match.map(TagCondition::untouched_by_proxies);
        precondition.if_none_match = precondition.if_none_match.map(TagCondition::untouched_by_proxies);
    }
    Ok(precondition)
}

fn tags(head: &Head<'_>, field: Field) -> Result<Option<TagCondition>, Problem> {
    let mut lines = head.all(field);
    let Some(first) = lines.next() else { return Ok(None) };
    let parsed = match lines.next() {
        None => TagCondition::parse(&[first]),
        Some(_) => TagCondition::parse(&head.all(field).collect::<Vec<_>>()),
    };
    parsed.map(Some).map_err(|error| match error {
        Unreadable::Malformed => malformed(
            field,
            "it takes either a lone * or a list of entity tags, each in double quotes, such as \"v7\" or W/\"v7\"",
        ),
        Unreadable::TooLarge => Problem::new(Kind::FieldTooLarge)
            .detail(format!("the field {} is longer than 8 KiB or lists more than 64 entity tags", field.name()))
            .with("header", field.name()),
    })
}

/// An HTTP-date in any of its three spellings; a field that is no date, or a list of them, counts as absent
/// (RFC 9110, sections 13.1.3 and 13.1.4).
pub(crate) fn date(head: &Head<'_>, field: Field) -> Option<SystemTime> {
    let mut lines = head.all(field);
    let (first, None) = (lines.next()?, lines.next()) else { return None };
    httpdate::parse_http_date(std::str::from_utf8(trim(first)).ok()?).ok()
}

/// Part of a representation is no representation (RFC 9110, section 14.5).
pub(crate) fn no_content_range(head: &Head<'_>) -> Result<(), Problem> {
    if !head.has(Field::ContentRange) {
        return Ok(());
    }
    Err(Problem::new(Kind::PartialPut)
        .detail("PUT replaces the whole resource; send all of it, without Content-Range")
        .with("header", "Content-Range"))
}

/// Whether the client waits for a 100 (RFC 9110, section 10.1.1).
pub(crate) fn expects_continue(head: &Head<'_>) -> Result<bool, Problem> {
    let mut expects = false;
    for line in head.all(Field::Expect) {
        if !trim(line).eq_ignore_ascii_case(b"100-continue") {
            return Err(
                Problem::new(Kind::ExpectationFailed).detail("the only expectation that can be met is 100-continue")
            );
        }
        expects = true;
    }
    Ok(expects)
}

/// Exactly one Content-Type, and it is JSON. JSON defines no charset; `utf-8` says what is so anyway.
pub(crate) fn media_type(head: &Head<'_>) -> Result<(), Problem> {
    let mut lines = head.all(Field::ContentType);
    let unsupported =
        |detail: String| Problem::new(Kind::UnsupportedMediaType).detail(detail).with("supported", vec![JSON]);
    let Some(line) = lines.next() else {
        return Err(unsupported(format!("the content has no Content-Type; send {JSON}")));
    };
    // The common case, without taking it apart.
    if line == JSON.as_bytes() && lines.next().is_none() {
        return Ok(());
    }
    let value = String::from_utf8_lossy(trim(line));
    let mut parts = split_outside_quotes(&value, ';');
    let name = parts.next().unwrap_or_default().trim();
    if head.all(Field::ContentType).count() > 1 || split_outside_quotes(&value, ',').count() > 1 {
        return Err(malformed(Field::ContentType, "it names one media type, not several"));
    }
    if !name.eq_ignore_ascii_case(JSON) {
        return Err(unsupported(format!("the media type {name:?} is not taken; send {JSON}")));
    }
    for part in parts {
        let Some((name, value)) = part.split_once('=') else { continue };
        let value = unquoted(value.trim());
        if name.trim().eq_ignore_ascii_case("charset") && !value.eq_ignore_ascii_case("utf-8") {
            return Err(unsupported(format!("the charset {value:?} is not taken; JSON is UTF-8")));
        }
    }
    Ok(())
}

/// A parameter that says of JSON what is so anyway.
fn is_utf_8(name: &str, value: &str) -> bool {
    name.trim().eq_ignore_ascii_case("charset") && unquoted(value.trim()).eq_ignore_ascii_case("utf-8")
}

/// What a token or a quoted string says (RFC 9110, section 5.6.4).
fn unquoted(value: &str) -> Cow<'_, str> {
    let Some(inner) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return Cow::Borrowed(value);
    };
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut escaped = false;
    let said = |character: &char| {
        escaped = *character == '\\' && !escaped;
        !escaped
    };
    Cow::Owned(inner.chars().filter(said).collect())
}

/// The parts of a value between the separators that do not stand in a quoted string.
fn split_outside_quotes(value: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    value.split(move |character: char| {
        let separates = character == separator && !quoted;
        quoted ^= character == '"' && !escaped;
        escaped = quoted && character == '\\' && !escaped;
        separates
    })
}

/// No content coding but identity.
pub(crate) fn content_coding(head: &Head<'_>) -> Result<(), Problem> {
    let codings = head.all(Field::ContentEncoding).flat_map(|line| line.split(|octet| *octet == b','));
    for coding in codings.map(trim) {
        if !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity") {
            let coding = String::from_utf8_lossy(coding);
            return Err(Problem::new(Kind::UnsupportedCoding)
                .detail(format!("the content coding {coding:?} is not taken; send the content as it is"))
                .with("supported", vec!["identity"]));
        }
    }
    Ok(())
}

/// The declared length of the content; `None` if it is not declared. A numeral too large to hold is only too large.
pub(crate) fn declared_length(head: &Head<'_>) -> Option<u64> {
    if !head.has_content() {
        return Some(0);
    }
    let line = head.all(Field::ContentLength).next().filter(|_| !head.has(Field::TransferEncoding))?;
    let text = std::str::from_utf8(trim(line)).ok()?;
    Some(text.parse().unwrap_or(u64::MAX))
}

/// The first `return` preference counts; unknown preferences and values are ignored (RFC 7240, section 2).
pub(crate) fn prefers(head: &Head<'_>) -> Option<Return> {
    for line in head.all(Field::Prefer) {
        let line = String::from_utf8_lossy(line);
        for preference in split_outside_quotes(&line, ',') {
            let preference = split_outside_quotes(preference, ';').next().unwrap_or_default();
            let Some((name, value)) = preference.split_once('=') else { continue };
            if name.trim().eq_ignore_ascii_case("return") {
                return match &*unquoted(value.trim()) {
                    "minimal" => Some(Return::Minimal),
                    "representation" => Some(Return::Representation),
                    _ => None,
                };
            }
        }
    }
    None
}

/// Whether the Accept field takes JSON: the most specific range decides (RFC 9110, section 12.5.1).
pub(crate) fn accepts_json(head: &Head<'_>) -> Result<(), Problem> {
    let mut best: Option<(u8, bool)> = None;
    let mut said = false;
    for line in head.all(Field::Accept) {
        let line = String::from_utf8_lossy(line);
        for range in split_outside_quotes(&line, ',').map(str::trim).filter(|range| !range.is_empty()) {
            said = true;
            let mut parts = split_outside_quotes(range, ';').map(str::trim);
            let name = parts.next().unwrap_or_default().to_ascii_lowercase();
            let (mut weight, mut parameters) = (1.0_f32, 0_u8);
            for (name, value) in parts.filter_map(|part| part.split_once('=')) {
                if name.trim().eq_ignore_ascii_case("q") {
                    weight = value.trim().parse().unwrap_or(1.0);
                } else if !is_utf_8(name, value) {
                    parameters = 1;
                }
            }
            let specific = match name.as_str() {
                "*/*" => 0,
                "application/*" => 1,
                // A range with parameters names something narrower than what there is.
                JSON if parameters == 0 => 2,
                _ => continue,
            };
            if best.is_none_or(|(before, _)| specific >= before) {
                best = Some((specific, weight > 0.0));
            }
        }
    }
    if !said || best.is_some_and(|(_, accepted)| accepted) {
        return Ok(());
    }
    Err(Problem::new(Kind::NotAcceptable)
        .detail(format!("the only representation is {JSON}"))
        .with("available", vec![JSON]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head<'a>(lines: &'a [(&str, &str)]) -> Head<'a> {
        let mut head = Head::new("PUT", "/", "/");
        for (name, value) in lines {
            head.field(name, value.as_bytes());
        }
        head
    }

    #[test]
    fn hosts_sec_04() {
        use Version as V;
        for (version, lines, accepted) in [
            (Some(V::HTTP_11), vec!["localhost:3000"], true),
            (Some(V::HTTP_11), vec![" localhost\t"], true),
            (Some(V::HTTP_11), vec![""], true),
            (Some(V::HTTP_11), vec!["a b"], false),
            (Some(V::HTTP_11), vec!["a", "b"], false),
            (Some(V::HTTP_11), vec!["a", "a"], false),
            (Some(V::HTTP_11), vec![], false),
            (Some(V::HTTP_10), vec![], true),
            (Some(V::HTTP_10), vec!["a"], true),
            (Some(V::HTTP_10), vec!["a/b"], false),
            (Some(V::HTTP_10), vec!["a", "a"], false),
            (Some(V::HTTP_2), vec![], true),
            (Some(V::HTTP_3), vec!["a", "b"], true),
            (None, vec![], true),
        ] {
            let lines: Vec<_> = lines.into_iter().map(|line| ("host", line)).collect();
            let mut head = head(&lines);
            if let Some(version) = version {
                head.version(version);
            }
            let answer = host(&head).err().map(|problem| problem.kind());
            assert_eq!(answer, (!accepted).then_some(Kind::MalformedField), "{version:?} {lines:?}");
        }
    }

    #[test]
    fn media_types_med_01_to_09() {
        for (lines, status) in [
            (vec!["application/json"], None),
            (vec!["Application/JSON;"], None),
            (vec!["application/json;charset=\"UTF-8\""], None),
            (vec!["application/json;charset=\"\\U\\T\\F-8\""], None),
            (vec!["application/json ; charset=utf-8; x=\"a,b;c\""], None),
            (vec!["application/json; charset=utf-16"], Some(415)),
            (vec!["text/plain"], Some(415)),
            (vec!["application/merge-patch+json"], Some(415)),
            (vec!["application/vnd.x+json"], Some(415)),
            (vec![""], Some(415)),
            (vec![], Some(415)),
            (vec!["application/json", "text/plain"], Some(400)),
            (vec!["application/json, text/plain"], Some(400)),
        ] {
            let lines: Vec<_> = lines.into_iter().map(|line| ("content-type", line)).collect();
            let answer = media_type(&head(&lines)).err().map(|problem| problem.kind().status().as_u16());
            assert_eq!(answer, status, "{lines:?}");
        }
    }

    #[test]
    fn preferences_prf_01_to_06() {
        for (lines, expected) in [
            (vec!["return=minimal"], Some(Return::Minimal)),
            (vec!["RETURN = minimal"], Some(Return::Minimal)),
            (vec!["return=\"representation\"; x=1, foo"], Some(Return::Representation)),
            (vec!["foo=bar", "return=minimal"], Some(Return::Minimal)),
            (vec!["return=minimal, return=representation"], Some(Return::Minimal)),
            (vec!["return=representation", "return=minimal"], Some(Return::Representation)),
            (vec!["return=Minimal"], None),
            (vec!["foo=\"return=minimal, return=minimal\""], None),
            (vec!["handling=lenient"], None),
            (vec![""], None),
        ] {
            let lines: Vec<_> = lines.into_iter().map(|line| ("prefer", line)).collect();
            assert_eq!(prefers(&head(&lines)), expected, "{lines:?}");
        }
    }

    #[test]
    fn accept_neg_01_to_06() {
        for (value, accepted) in [
            ("*/*;q=1, application/json;q=0", false),
            ("application/*;q=0.1", true),
            ("text/html, */*;q=0.1", true),
            ("text/html", false),
            ("application/json;Q=0", false),
            ("application/json", true),
            ("application/json;profile=x", false),
            ("application/json; charset=utf-8", true),
            ("application/json;charset=\"UTF-8\";q=0", false),
            ("application/json; charset=utf-16", false),
            ("*/*;q=0", false),
            ("", true),
        ] {
            assert_eq!(accepts_json(&head(&[("accept", value)])).is_ok(), accepted, "{value}");
        }
        assert!(accepts_json(&head(&[])).is_ok());
    }

    #[test]
    fn dates_cnd_13_and_16() {
        for (lines, known) in [
            (vec!["Sun, 06 Nov 1994 08:49:37 GMT"], true),
            (vec!["Sunday, 06-Nov-94 08:49:37 GMT"], true),
            (vec!["Sun Nov  6 08:49:37 1994"], true),
            (vec!["yesterday"], false),
            (vec!["Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"], false),
        ] {
            let lines: Vec<_> = lines.into_iter().map(|line| ("if-unmodified-since", line)).collect();
            let seconds = date(&head(&lines), Field::IfUnmodifiedSince).map(crate::precondition::whole_seconds);
            assert_eq!(seconds, known.then_some(784_111_777), "{lines:?}");
        }
    }
}
