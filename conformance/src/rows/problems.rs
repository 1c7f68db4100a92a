//! What an error tells.

use super::{Row, may, must, policy, should};

pub(super) const ROWS: &[Row] = &[
    should(
        "PRB-01",
        &["RFC 9110 section 15.5", "RFC 9110 section 15.6", "RFC 9457 section 3"],
        "Every 4xx and 5xx has content that explains it (but not to HEAD), as application/problem+json without \
        parameters.",
    ),
    must("PRB-02", &["RFC 9457 section 3.1.2"], "The member status, if it is there, is the status of the answer."),
    should(
        "PRB-03",
        &["RFC 9457 section 3.1.1"],
        "The member type is an absolute URI, or at least a full path, and leads to documentation; absent, it is \
        about:blank.",
    ),
    should(
        "PRB-04",
        &["RFC 9457 section 3.1.3", "RFC 9457 section 4.2.1"],
        "The title is the same for all problems of one type; with about:blank it is the phrase of the status.",
    ),
    should(
        "PRB-05",
        &["RFC 9457 section 3.1.4"],
        "The detail helps to mend the request and is no debugging aid: no stack trace, no SQL, no path of the server.",
    ),
    may(
        "PRB-06",
        &["RFC 9457 section 3.1.5"],
        "The member instance identifies this occurrence, and no other has the same.",
    ),
    policy(
        "PRB-07",
        &["RFC 9457 section 3"],
        "A client ignores members of the wrong JSON type, so a server sends the right ones: type, title, detail and \
        instance are strings, status is a number.",
    )
    .of_client(),
    policy(
        "PRB-08",
        &["RFC 9457 section 3", "RFC 6901 section 6"],
        "A validation problem lists every violation, each with a detail and a pointer: a JSON Pointer as a URI \
        fragment, such as #/a/0/b. A missing member is pointed at by the name that it would have.",
    ),
    should(
        "PRB-09",
        &["RFC 9457 section 3"],
        "An answer reports one type of problem, the most relevant one, and does not mix several.",
    ),
    should(
        "PRB-10",
        &["RFC 9457 section 4"],
        "Names of extension members start with a letter, consist of letters, digits and underscores, and have three \
        characters at least.",
    ),
    policy(
        "PRB-11",
        &["RFC 9457 section 5"],
        "A problem repeats no secret and does not reveal that a hidden resource exists.",
    ),
    must(
        "PRB-12",
        &["RFC 9205 section 4.6"],
        "Only registered status codes are used, with their registered meaning, and no client has to read the reason \
        phrase.",
    ),
];
