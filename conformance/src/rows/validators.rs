//! Where a representation is, and what tells its versions apart.

use super::{Row, may, must, policy, should};

pub(super) const LOCATION: &[Row] = &[
    may(
        "LOC-01",
        &["RFC 9110 section 15.3.2", "RFC 9110 section 10.2.2"],
        "What was created is named by Location, or else by the target URI; for a PUT both are the same resource. Here \
        Location is sent, as an absolute path.",
    ),
    must(
        "LOC-02",
        &["RFC 9110 section 10.2.2"],
        "Location is exactly one URI reference: no list, and no fragment for what a PUT has created.",
    ),
    should(
        "LOC-03",
        &["RFC 9110 section 15.4.8", "RFC 9110 section 15.4.9"],
        "A PUT is redirected with 307 or 308 and a Location, which keep the method; never with 301, 302 or 303.",
    ),
    policy("LOC-04", &["RFC 9110 section 10.2.2"], "A 200 or 204 to PUT has no Location, which has no meaning there."),
    must(
        "LOC-05",
        &["RFC 9110 section 8.7"],
        "Content-Location is sent only if the content is what GET of that URI would give at this time.",
    ),
];

pub(super) const VALIDATORS: &[Row] = &[
    should(
        "VAL-01",
        &["RFC 9110 section 8.8.3.1"],
        "Every representation whose changes can be detected has an ETag, for GET and for HEAD.",
    ),
    must(
        "VAL-02",
        &["RFC 9110 section 8.8.3"],
        "An entity tag that is not strong is marked by W/ in front, with a capital W. Here all tags are strong.",
    ),
    must(
        "VAL-03",
        &["RFC 9110 section 8.8.1"],
        "A strong entity tag changes with every visible change of what GET gives, and never stands for other data of \
        the same resource, not even after removal and creation anew.",
    ),
    must(
        "VAL-04",
        &["RFC 9110 section 8.8.1", "RFC 9110 section 8.8.3.3"],
        "A content-coded variant has a strong entity tag of its own, or the tag that it shares is weak.",
    ),
    may(
        "VAL-05",
        &["RFC 9110 section 8.8.1"],
        "Entity tags of different resources may be equal, so a client cannot compare across URIs.",
    ),
    must(
        "VAL-06",
        &["RFC 9110 section 8.8", "RFC 9110 section 15.3.5"],
        "Validators in the success of a method that changes the state describe the new state: its ETag is the one of \
        the next GET.",
    ),
    may(
        "VAL-07",
        &["RFC 9110 section 8.8.3", "RFC 9110 section 3.2"],
        "An ETag in an error is the tag of the target resource's current representation, not of the error's own \
        content.",
    ),
    must(
        "VAL-08",
        &["RFC 9110 section 8.8.2.1"],
        "Last-Modified is sent where it is known, and is never later than Date in the same answer.",
    ),
    must(
        "VAL-09",
        &["RFC 9110 section 8.8.2.2"],
        "A date has a grain of one second and is a weak validator. After two replacements within one second the dates \
        may be equal; the entity tags differ.",
    ),
    must(
        "VAL-10",
        &["RFC 9110 section 13.1.1", "RFC 9110 section 8.8.3.2"],
        "If-Match compares strongly. A server whose tags are all weak can never be written to by a careful client, so \
        the tags here are strong.",
    ),
    must(
        "VAL-11",
        &["RFC 9110 section 8.8.3.2"],
        "Strong comparison: two entity tags match if neither is weak and their opaque parts are equal.",
    ),
    must(
        "VAL-12",
        &["RFC 9110 section 8.8.3.2"],
        "Weak comparison: two entity tags match if their opaque parts are equal, weak or not.",
    ),
    must(
        "VAL-13",
        &["RFC 9110 section 8.8.3"],
        "The opaque part is compared octet by octet: case counts, nothing is unescaped, and nothing inside the quotes \
        is trimmed.",
    ),
    policy(
        "VAL-14",
        &["RFC 9110 section 7.7", "RFC 9111 section 5.2.2.6"],
        "A 200 to GET has Cache-Control: no-transform, which keeps intermediaries from compressing the representation \
        and rewriting its tag. A rewritten tag fails in the next If-Match.",
    ),
    policy(
        "VAL-15",
        &["RFC 9110 section 8.8.3"],
        "Tags are made of ASCII letters, digits, full stop, underscore, tilde and hyphen: no backslash, no comma, no \
        octet beyond ASCII.",
    ),
    policy("VAL-16", &[], "A PUT of exactly what is stored keeps ETag and Last-Modified."),
];
