//! What a request says of its content: media type, coding, expectations.

use crate::mutant::Mutant;
use crate::problem::{Kind, Problem};
use crate::variant::Variant;
use crate::wire::{Answer, Fields};

/// Whether the content is JSON, or a patch document that a mutant takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Media {
    Json,
    Patch,
}

/// Judges Content-Type and Content-Encoding.
pub(crate) fn judge(fields: &Fields, variant: Variant) -> Result<Media, Answer> {
    let media = media(fields, variant)?;
    let coded = fields.joined("Content-Encoding");
    let is_plain = coded.is_empty() || coded.eq_ignore_ascii_case(b"identity") || variant.is(Mutant::CodingIgnored);
    if is_plain {
        return Ok(media);
    }
    let problem = Problem::new(Kind::UnsupportedCoding).detail("content is taken without a content coding");
    Err(problem.answer(variant).field("Accept-Encoding", "identity"))
}

fn media(fields: &Fields, variant: Variant) -> Result<Media, Answer> {
    let mut lines = fields.lines("Content-Type");
    let refuse = |kind: Kind, detail: &str| {
        let answer = Problem::new(kind).detail(detail).answer(variant).field("Accept", "application/json");
        let told = variant.is(Mutant::CodingsOnEvery415) && kind == Kind::UnsupportedMediaType;
        Err(if told { answer.field("Accept-Encoding", "identity") } else { answer })
    };
    if variant.is(Mutant::AnyMediaType) {
        return Ok(Media::Json);
    }
    let Some(value) = lines.next() else {
        let kind = if variant.is(Mutant::UntypedIs400) { Kind::MalformedField } else { Kind::UnsupportedMediaType };
        return refuse(kind, "Content-Type is missing; it is application/json");
    };
    if lines.next().is_some() {
        return refuse(Kind::MalformedField, "there are several Content-Type fields");
    }
    let value = String::from_utf8_lossy(value);
    let mut parts = value.split(';').map(|part| part.trim_matches([' ', '\t']));
    let name = parts.next().unwrap_or_default();
    if variant.is(Mutant::PatchMerged) && name == "application/merge-patch+json" {
        return Ok(Media::Patch);
    }
    let is_json = if variant.is(Mutant::MediaTypeByCase) {
        name == "application/json"
    } else {
        name.eq_ignore_ascii_case("application/json")
    };
    let is_utf8 = |part: &str| {
        let Some((name, value)) = part.split_once('=') else { return false };
        let value = value.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(value);
        name.eq_ignore_ascii_case("charset") && value.replace('\\', "").eq_ignore_ascii_case("utf-8")
    };
    let charset_taken = !variant.is(Mutant::CharsetRefused);
    let good = is_json && parts.all(|part| part.is_empty() || (charset_taken && is_utf8(part)));
    if good {
        Ok(Media::Json)
    } else {
        refuse(Kind::UnsupportedMediaType, "content is taken as application/json, in UTF-8")
    }
}

/// The one expectation there is (RFC 9110, section 10.1.1).
pub(crate) fn expects_only_continue(fields: &Fields, variant: Variant) -> bool {
    let expected = fields.joined("Expect");
    let mut members = expected.split(|octet| *octet == b',').map(<[u8]>::trim_ascii);
    let known = members.all(|member| member.is_empty() || member.eq_ignore_ascii_case(b"100-continue"));
    known || variant.is(Mutant::ExpectationIgnored)
}
