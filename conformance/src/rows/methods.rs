//! What the other methods do.

use super::{Row, may, must, policy, should};

pub(super) const ROWS: &[Row] = &[
    must(
        "GET-01",
        &["RFC 9110 section 9.1", "RFC 9110 section 9.3.1"],
        "GET and HEAD are supported. GET of what exists is 200 with the representation and its Content-Type.",
    ),
    should(
        "GET-02",
        &["RFC 9110 section 15.3.1", "RFC 9110 section 8.8.2.1", "RFC 9110 section 8.8.3.1"],
        "A 200 carries every validator that there is; a strong entity tag together with Last-Modified is the preferred \
        pair.",
    ),
    should(
        "GET-03",
        &["RFC 9110 section 15.5.5", "RFC 9110 section 15.5"],
        "GET of a target resource that has no current representation is 404, with an explanation.",
    ),
    must(
        "GET-04",
        &["RFC 9110 section 13.1.2", "RFC 9110 section 15.4.5", "RFC 9110 section 6.4.1"],
        "If If-None-Match is an asterisk, or lists the current entity tag (weak comparison), GET and HEAD are answered \
        with 304 and no content.",
    ),
    must(
        "GET-05",
        &["RFC 9110 section 15.4.5"],
        "A 304 repeats those of Cache-Control, Content-Location, Date, ETag, Expires and Vary that the 200 would have \
        had.",
    ),
    should(
        "GET-06",
        &["RFC 9110 section 15.4.5"],
        "A 304 has no other fields about the representation, such as Content-Type or Content-Encoding, and \
        Last-Modified only where there is no ETag.",
    ),
    must(
        "GET-07",
        &["RFC 9110 section 13.1.3"],
        "If-Modified-Since is ignored beside If-None-Match, when its value is not one valid HTTP-date, for methods \
        other than GET and HEAD, and when the resource has no modification date.",
    ),
    should(
        "GET-08",
        &["RFC 9110 section 13.1.3"],
        "GET of a resource that was last modified at the date of If-Modified-Since or earlier is 304, if that field counts.",
    ),
    must(
        "GET-09",
        &["RFC 9110 section 13.1.1", "RFC 9110 section 13.2.2"],
        "If-Match is evaluated on GET too; if it is false, the answer is 412.",
    ),
    must(
        "GET-10",
        &["RFC 9110 section 13.2.1"],
        "Where the answer without conditions is 404, conditions are not evaluated: GET with If-Match of what does not \
        exist is 404, not 412.",
    ),
    should(
        "GET-11",
        &["RFC 9110 section 9.3.1"],
        "Content in a GET or HEAD has no meaning. The answer is the same as without it, or the request is refused and \
        the connection closed.",
    ),
    may("GET-12", &["RFC 9110 section 14.2"], "Range may be ignored; the answer is then a 200 with everything."),
    must(
        "HEAD-01",
        &["RFC 9110 section 9.3.2", "RFC 9110 section 6.4.1"],
        "No answer to HEAD has content, errors included.",
    ),
    should("HEAD-02", &["RFC 9110 section 9.3.2"], "HEAD is answered with the fields that GET would have."),
    must(
        "HEAD-03",
        &["RFC 9110 section 8.6"],
        "Content-Length in an answer to HEAD is the length that GET would send, or it is absent.",
    ),
    must("HEAD-04", &["RFC 9110 section 13.2.1"], "Preconditions work on HEAD as they do on GET."),
    should(
        "OPT-01",
        &["RFC 9110 section 9.3.7"],
        "A success to OPTIONS says what the target resource can do, first of all by Allow.",
    ),
    must("OPT-02", &["RFC 9110 section 13.2.1"], "Condition fields on OPTIONS are ignored."),
    must(
        "OPT-03",
        &["RFC 9110 section 9.3.7", "RFC 9110 section 7.1"],
        "The request target * speaks of the whole server, and only OPTIONS may use it. PUT of * is 400.",
    ),
    may(
        "OPT-04",
        &["RFC 9110 section 12.3", "RFC 9110 section 12.5.1", "RFC 9110 section 12.5.3"],
        "Accept and Accept-Encoding in an answer tell what the content of a request may be.",
    ),
    must(
        "OPT-05",
        &["RFC 5789 section 3.1"],
        "Accept-Patch says that PATCH is allowed, so it is absent where there is no PATCH.",
    ),
    policy(
        "OPT-06",
        &[],
        "OPTIONS of a target resource that has no current representation lists PUT where a PUT would create it.",
    ),
    must(
        "MTH-01",
        &["RFC 9110 section 15.5.6", "RFC 9110 section 10.2.1"],
        "A 405 has Allow, which lists the methods that the target resource supports now.",
    ),
    should(
        "MTH-02",
        &["RFC 9110 section 9.1", "RFC 9110 section 15.6.2"],
        "A method that the server does not know or implements nowhere is 501; one that it knows, but not for this \
        resource, is 405.",
    ),
    must(
        "MTH-03",
        &["RFC 9110 section 9.1"],
        "Methods are case-sensitive: put is not PUT, and the state is unchanged.",
    ),
    may("MTH-04", &["RFC 9110 section 10.2.1"], "Allow may be present in other answers as well."),
    policy(
        "MTH-05",
        &[],
        "X-HTTP-Method-Override and its like are not followed: a POST stays a POST, and the state is unchanged.",
    ),
    should(
        "DEL-01",
        &["RFC 9110 section 9.3.5"],
        "A DELETE that is done is 204, or 200 with a report; one that is pending is 202. Afterwards GET is 404.",
    ),
    must(
        "DEL-02",
        &["RFC 9110 section 13.1.1", "RFC 9110 section 13.2.2"],
        "Conditions protect a DELETE exactly as they protect a PUT: if one is false, 412 and the state unchanged.",
    ),
    must(
        "DEL-03",
        &["RFC 9110 section 13.2.1"],
        "Where DELETE of what does not exist is 404, If-Match is not looked at and the answer stays 404. Where it \
        would be a success, the answer is 412.",
    ),
    should(
        "DEL-04",
        &["RFC 9110 section 9.3.5"],
        "Content in a DELETE has no meaning: it is ignored, or refused with 400.",
    ),
    must(
        "DEL-05",
        &["RFC 9110 section 9.3.5", "RFC 9110 section 9.3.4", "RFC 9110 section 9.3.7"],
        "Answers to PUT, DELETE and OPTIONS are not cacheable, so nothing may depend on freshness fields in them.",
    ),
];
