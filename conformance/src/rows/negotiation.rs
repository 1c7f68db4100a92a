//! What a client may wish for in the answer.

use super::{Row, may, must, policy, should};

pub(super) const ROWS: &[Row] = &[
    may(
        "NEG-01",
        &["RFC 9110 section 12.4.1"],
        "When nothing fits Accept, the answer is 406, or the field is disregarded. Here GET is 406.",
    ),
    should("NEG-02", &["RFC 9110 section 15.5.7"], "A 406 lists the media types that there are."),
    policy(
        "NEG-03",
        &[],
        "A PUT is never refused for its Accept, which speaks of the answer: a 406 after the write would hide that it \
        was done.",
    ),
    may(
        "NEG-04",
        &["RFC 9457 section 3", "RFC 9110 section 12.1"],
        "A problem may be sent as application/problem+json although Accept does not list it.",
    ),
    must(
        "NEG-05",
        &["RFC 9110 section 12.5.1"],
        "Of the ranges in Accept the most specific one counts. Weights are from 0 to 1 with up to three decimals, 1 if \
        absent; 0 refuses.",
    ),
    must(
        "NEG-06",
        &["RFC 9110 section 12.4.1"],
        "Without Accept every media type will do. Here an empty Accept says the same.",
    ),
    must(
        "NEG-07",
        &["RFC 9110 section 12.5.3"],
        "Without Accept-Encoding any coding will do, with an empty one none; content without a coding is acceptable \
        unless identity or * is weighted 0. Here there is never a coding.",
    ),
    should(
        "NEG-08",
        &["RFC 9110 section 12.5.5"],
        "Vary in a cacheable answer names every request field that took part in choosing the content, and no other is \
        needed.",
    ),
    must(
        "PRF-01",
        &["RFC 7240 section 2"],
        "Preferences that are unknown or unsupported are ignored without an error.",
    ),
    may(
        "PRF-02",
        &["RFC 7240 section 4.2"],
        "Prefer: return=minimal asks for an answer without the representation: 204 for a replacement, 201 without \
        content for a creation.",
    ),
    may(
        "PRF-03",
        &["RFC 7240 section 4.2", "RFC 9110 section 8.7"],
        "Prefer: return=representation asks for the current representation in the answer, with Content-Location.",
    ),
    may(
        "PRF-04",
        &["RFC 7240 section 3"],
        "Preference-Applied says which preference was followed. It has no parameters.",
    ),
    must(
        "PRF-05",
        &["RFC 7240 section 2"],
        "Names of preferences are case-insensitive and values case-sensitive, an empty value is none, several lines \
        are one list, and white space around the equals sign is tolerated.",
    ),
    should(
        "PRF-06",
        &["RFC 7240 section 2", "RFC 7240 section 4.2"],
        "Of a preference that is given twice the first counts; contradicting ones may be taken for none. Neither is an \
        error.",
    ),
    must(
        "PRF-07",
        &["RFC 7240 section 2"],
        "Where a preference may change how a cache treats the answer, Vary lists Prefer, whether or not the request \
        had it.",
    ),
    may(
        "PRF-08",
        &["RFC 7240 section 4.4"],
        "handling=strict and handling=lenient have an effect only where they are implemented. Here they are ignored.",
    ),
    policy("PRF-09", &["RFC 7240 section 6"], "No preference weakens conditions, authorisation or limits."),
];
